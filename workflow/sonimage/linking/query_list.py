"""The query list: findings of all stages by centre, each with a number that it keeps from one delivery to the next."""

import hashlib

import pandas as pd

from sonimage import tables
from sonimage.cleaning.plausibility import RULES
from sonimage.cleaning.typed_tables import FINDINGS as FINDINGS_OF_READING
from sonimage.linking.one_study import FINDINGS as FINDINGS_OF_LINKING

NO_CENTRE = "no centre"
RIGHT = "right"
# Which query it is: not the file, not the row, and not the patient alone
IDENTITY = ["table", "patient", "lesion_id", "scan_id", "visit", "rule_id", "column"]
ROW = ["table", "source_file", "source_row", "source_no"]


def list_queries(
    clean: pd.DataFrame,
    link: pd.DataFrame,
    patients: pd.DataFrame,
    patient_links: pd.DataFrame,
    corrections: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the queries of stages 2 and 3 with SONImage number and centre (schema query_list).

    `clean`, `link`: queries with the names of their records (`name_records`). A record of stage 2 bears the number of its
    own export; `patient_links` leads on, and where it leads nowhere the query belongs to no centre. `corrections`: lines
    of the register as applied; a query whose value they call right is closed: it says so under `answer`.
    """
    known = patient_links.drop_duplicates(["source_file", "source_patient_id"])
    known = known.set_index(["source_file", "source_patient_id"])["patient_id"]
    numbers = pd.MultiIndex.from_frame(clean[["source_file", "record"]])
    clean = clean.assign(patient_id=pd.Series(known.reindex(numbers).to_numpy(), index=clean.index, dtype=object))
    link = link.assign(patient_id=link["record"].where(link["rule_id"] != "ORPHAN_PATIENT"))
    rows = pd.concat([clean, link], ignore_index=True)
    centre = rows["patient_id"].map(patients.set_index("patient_id")["centre"])
    rows = rows.assign(centre=centre.fillna(NO_CENTRE), query_id=_number(rows))
    rows = rows.assign(patient_id=rows["patient_id"].where(centre.notna()), answer=_answers(rows, corrections))
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


def _number(rows: pd.DataFrame) -> pd.Series:
    """The number of each query: a digest of table, whole key of the record, rule and column.

    Where one record is asked one thing twice (two equal rows too many), the second gets a number of its own.
    """
    named = rows.assign(patient=rows["patient_id"].fillna(rows["record"]))[IDENTITY].fillna("").astype(str)
    order = ["observed", "expected", "source_no", "source_file", "source_row"]
    ordered = named.assign(**rows[order]).sort_values(order, kind="stable")
    repeat = ordered.groupby(IDENTITY).cumcount().reindex(named.index)
    texts = named.agg("\x1f".join, axis=1) if len(named) else pd.Series(dtype=object)
    texts = texts.where(repeat == 0, texts + "\x1f" + repeat.astype(str))
    return texts.map(lambda text: "Q" + hashlib.sha256(text.encode()).hexdigest()[:12])


def _answers(rows: pd.DataFrame, corrections: pd.DataFrame | None) -> pd.Series:
    """Who called the value right, and when; empty while the query is open.

    A line with a query_id closes that query; one without closes every query of its row whose columns it names, together
    with other such lines.
    """
    answers = pd.Series(None, index=rows.index, dtype=object)
    if corrections is None or not (corrections["action"] == RIGHT).any():
        return answers
    right = corrections[corrections["action"] == RIGHT]
    words = RIGHT + ": " + right["authority"] + ", " + right["date"].dt.strftime("%Y-%m-%d")
    of_query = right["query_id"].notna()
    by_number = words[of_query].groupby(right.loc[of_query, "query_id"]).first()
    by_cell = words[~of_query].groupby([right.loc[~of_query, column] for column in [*ROW, "column"]]).first()
    cells = rows[[*ROW, "column"]].assign(column=rows["column"].str.split(", ")).explode("column")
    said = pd.Series(by_cell.reindex(pd.MultiIndex.from_frame(cells[[*ROW, "column"]])).to_numpy(), index=cells.index)
    whole = said.notna().groupby(level=0).all()
    return rows["query_id"].map(by_number).fillna(said.groupby(level=0).first().where(whole)).astype(object)
