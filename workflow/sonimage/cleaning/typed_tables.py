"""Cleaning: text as delivered becomes typed values in canonical units and levels (stage 2).

An unreadable value is set missing and becomes a query; a row without its key or another required value is set aside.
"""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from sonimage import schemas, tables
from sonimage.cleaning.column_reading import read_columns
from sonimage.cleaning.queries import collect, query
from sonimage.exports.sources import stack

MEASURED = "MEASURED"
# Query rules of reading, with their severity
FINDINGS = {
    "UNREADABLE": "error",
    "OUT_OF_RANGE": "error",
    "UNMAPPED_ORGAN": "warning",
    "PARTIAL_DATE": "warning",
    "STATE_EMPTY": "warning",
}


class Cleaned(NamedTuple):
    """A typed table, the queries it raised, the rows set aside, the words that no vocabulary or code has."""

    table: pd.DataFrame
    queries: pd.DataFrame
    set_aside: pd.DataFrame
    unmapped: pd.DataFrame


def clean_tables(
    imported: dict[str, pd.DataFrame], sources: dict[str, list[dict]], options: pd.DataFrame
) -> dict[str, Cleaned]:
    """Clean every table; `sources`: the tables of the export map, where a table that no source names stays empty."""
    return {name: clean_table(text, name, sources.get(name, []), options) for name, text in imported.items()}


def clean_table(imported: pd.DataFrame, name: str, sources: list[dict], options: pd.DataFrame) -> Cleaned:
    """Return one canonical table from its text, source by source as the export map says.

    `imported`: text with source_no, source_file, source_row; `sources`: the table's entry of the export map;
    `options`: Castor's option lists. Rows in = rows of the table + rows set aside.
    """
    parts, queries, unmapped = [], [], []
    for number, source in enumerate(sources):
        rows = imported[imported["source_no"].astype(int) == number]
        part, found, words = read_columns(rows, name, source["columns"], options)
        parts.append(part)
        queries += found
        unmapped += words
    frame = stack(parts, schemas.columns(name))
    frame, found = _particulars(frame, name)
    queries += found
    aside = _without_required(frame, name)
    frame = frame.drop(aside.index)
    set_aside = stack([aside], ["source_file", "source_row", "reason"]).assign(stage="2_clean", table=name)
    words = tables.conform(stack(unmapped, schemas.columns("unmapped")), "unmapped")
    return Cleaned(tables.conform(frame, name), collect(queries), set_aside, words)


def list_set_aside(cleaned: Iterable[Cleaned]) -> pd.DataFrame:
    """The rows set aside of several tables as one listing."""
    return tables.conform(stack([one.set_aside for one in cleaned], schemas.columns("set_aside")), "set_aside")


def _particulars(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """A measurement with a size and no state is MEASURED (contract); a node is a lesion of organ lymph node."""
    if name == "measurements" and len(frame):
        silent = frame["state"].isna() & frame["diameter_mm"].notna()
        words = {"rule_id": "STATE_EMPTY", "severity": "warning", "expected": MEASURED, "action": "corrected"}
        found = query(frame[silent], name, "state", observed="", remedy="A size was given: read as MEASURED", **words)
        return frame.assign(state=frame["state"].mask(silent, MEASURED)), [found]
    if name == "lesions" and len(frame):
        silent = frame["is_node"].isna() & frame["organ"].notna()
        is_node = frame["is_node"].astype("boolean").mask(silent, frame["organ"] == "lymph node")
        return frame.assign(is_node=is_node), []
    return frame, []


def _without_required(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    required = [
        column for column, field in schemas.fields(name).items() if field.get("constraints", {}).get("required")
    ]
    lacking = frame[required].isna()
    lacking = lacking[lacking.any(axis=1)]
    rows = frame.loc[lacking.index, ["source_file", "source_row"]]
    return rows.assign(reason=_names_where(lacking) + " is empty or unreadable" if len(rows) else None)


def _names_where(marks: pd.DataFrame) -> pd.Series:
    """For each row the names of the marked columns, parted by commas."""
    return marks.dot(marks.columns + ", ").str.removesuffix(", ")
