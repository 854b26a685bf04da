"""Rows of the query list: what is asked, of which raw row, and what was done meanwhile."""

import pandas as pd

from sonimage import schemas, tables
from sonimage.exports.sources import stack


def query(rows: pd.DataFrame, name: str, column: str, **words) -> pd.DataFrame:
    """Query rows for raw rows: rule_id, severity, expected, action, remedy and observed are given as words.

    One raw row may feed a table through several sources of the map, so `source_no` goes along where the rows have it.
    """
    if not len(rows):
        return pd.DataFrame()
    record = rows["patient_id"].astype(str) if "patient_id" in rows else ""
    origin = {column: rows[column] for column in ("source_file", "source_row", "source_no") if column in rows}
    return pd.DataFrame(origin).assign(table=name, column=column, record=record, **words)


def collect(queries: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack query rows into one list."""
    return tables.conform(stack(queries, schemas.columns("queries")), "queries")
