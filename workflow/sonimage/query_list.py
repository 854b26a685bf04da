"""The query list: findings of all stages in one numbering, by centre, and as a workbook that can be sent to a site."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from sonimage import schemas, tables
from sonimage.cleaning import FINDINGS as FINDINGS_OF_READING
from sonimage.linking import FINDINGS as FINDINGS_OF_LINKING
from sonimage.plausibility import RULES

NO_CENTRE = "no centre"
MADE = datetime(2000, 1, 1)  # a workbook carries the time it was made; a fixed one gives the same bytes
WIDTHS = {"remedy": 45, "expected": 40, "source_file": 40, "column": 25, "rule_id": 28, "record": 14}


def list_queries(
    clean: pd.DataFrame, link: pd.DataFrame, patients: pd.DataFrame, patient_links: pd.DataFrame
) -> pd.DataFrame:
    """Return the queries of stages 2 and 3 with SONImage number and centre (schema query_list).

    A record of stage 2 bears the number of its own export; `patient_links` leads on, and where it leads nowhere the
    query belongs to no centre.
    """
    known = patient_links.drop_duplicates(["source_file", "source_patient_id"])
    known = known.set_index(["source_file", "source_patient_id"])["patient_id"]
    numbers = pd.MultiIndex.from_frame(clean[["source_file", "record"]])
    clean = clean.assign(patient_id=pd.Series(known.reindex(numbers).to_numpy(), index=clean.index, dtype=object))
    rows = pd.concat([clean, link.assign(patient_id=link["record"])], ignore_index=True)
    centre = rows["patient_id"].map(patients.set_index("patient_id")["centre"])
    rows = rows.assign(centre=centre.fillna(NO_CENTRE), patient_id=rows["patient_id"].where(centre.notna()))
    order = ["centre", "severity", "rule_id", "source_file", "source_row", "column"]
    return tables.conform(rows.sort_values(order, kind="stable"), "query_list")


def count_queries(queries: pd.DataFrame, centres: pd.Series) -> pd.DataFrame:
    """Return findings per rule and centre, zero included (schema query_counts); `centres`: that of each patient."""
    rules = {rule.rule_id: (rule.severity, rule.table) for rule in RULES}
    rules |= {name: (severity, "all tables") for name, severity in (FINDINGS_OF_READING | FINDINGS_OF_LINKING).items()}
    columns = [*sorted(centres.dropna().unique()), NO_CENTRE]
    grid = pd.MultiIndex.from_product([sorted(rules), columns], names=["rule_id", "centre"])
    counts = queries.groupby(["rule_id", "centre"]).size().reindex(grid, fill_value=0).rename("n").reset_index()
    severity, table = (counts["rule_id"].map({name: both[i] for name, both in rules.items()}) for i in (0, 1))
    return tables.conform(counts.assign(severity=severity, table=table), "query_counts")


def write_workbook(queries: pd.DataFrame, counts: pd.DataFrame, centre: str, path: str | Path) -> None:
    """Write the queries of one centre for its data manager: text cells only, no formulas, no links.

    One sheet with the queries, two empty columns for the answer, and one with counts per rule, zero included.
    """
    import xlsxwriter

    mine = queries[queries["centre"] == centre].drop(columns=["centre"]).assign(answer="", answered_by="")
    number = counts[counts["centre"] == centre].drop(columns=["centre"])
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, settings) as book:
        book.set_properties({"created": MADE, "title": f"SONImage: queries of {centre}"})
        style = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for name, frame, schema in (("Queries", mine, "query_list"), ("Counts", number, "query_counts")):
            _write_sheet(book.add_worksheet(name), frame, schema, style, text)


def _write_sheet(sheet, frame: pd.DataFrame, schema: str, style, text) -> None:
    fields = schemas.fields(schema)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)
    for column, name in enumerate(frame.columns):
        sheet.set_column(column, column, WIDTHS.get(name, 16), text)
        sheet.write_string(0, column, fields[name]["label"] if name in fields else name.replace("_", " "), style)
        for row, value in enumerate(frame[name].astype(object), start=1):
            sheet.write_string(row, column, "" if pd.isna(value) else str(value), text)
