"""Rows of the query list: what is asked, of which raw row, and what was done meanwhile."""

import pandas as pd

from sonimage import schemas, tables
from sonimage.exports.sources import stack


def query(rows: pd.DataFrame, name: str, column: str, **words) -> pd.DataFrame:
    """Query rows for raw rows: rule_id, severity, expected, action, remedy and observed are given as words."""
    if not len(rows):
        return pd.DataFrame()
    record = rows["patient_id"].astype(str) if "patient_id" in rows else ""
    return pd.DataFrame({"source_file": rows["source_file"], "source_row": rows["source_row"]}).assign(
        table=name, column=column, record=record, **words
    )


def collect(queries: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack query rows into one list."""
    return tables.conform(stack(queries, schemas.columns("queries")), "queries")
