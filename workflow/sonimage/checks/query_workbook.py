"""The queries of one centre as a workbook that can be sent to it."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from sonimage import schemas

MADE = datetime(2000, 1, 1)  # a workbook carries the time it was made; a fixed one gives the same bytes
WIDTHS = {"remedy": 45, "expected": 40, "source_file": 40, "column": 25, "rule_id": 28, "record": 14}


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
