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
    "SOURCES_DISAGREE": "warning",
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
    frame = stack(parts, [*schemas.columns(name), "source_no"])
    frame, found = _particulars(frame, name)
    queries += found
    aside = _without_required(frame, name)
    frame = frame.drop(aside.index)
    frame, merged, found = _first_source_decides(frame, name, sources)
    set_aside = stack([aside, merged], ["source_file", "source_row", "reason"]).assign(stage="2_clean", table=name)
    words = tables.conform(stack(unmapped, schemas.columns("unmapped")), "unmapped")
    return Cleaned(tables.conform(frame, name), collect([*queries, found]), set_aside, words)


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


def _first_source_decides(frame: pd.DataFrame, name: str, sources: list[dict]):
    """Of rows that name one record from several sources (or a `distinct` one) the first stays; a conflict is a query.

    What the first leaves empty is taken from the next. Rows of one source that is not distinct stay as they are:
    a repeated key there is a fault, found in stage 3.
    """
    key = schemas.primary_key(name)
    nothing = frame.iloc[:0][["source_file", "source_row"]].assign(reason=None)
    if not key or not len(frame):
        return frame, nothing, frame.iloc[:0]
    frame = frame.reset_index(drop=True)
    distinct = frame["source_no"].astype(int).map(lambda number: sources[number].get("distinct", False)).astype(bool)
    grouped = frame.groupby(key, sort=False, dropna=False)
    leader = grouped["source_no"].transform("first")
    repeat = grouped.cumcount().gt(0) & (distinct | (frame["source_no"] != leader))
    if not repeat.any():
        return frame, nothing, frame.iloc[:0]
    values = [
        column
        for column in schemas.columns(name)
        if column not in [*key, "source_file", "source_row"] and column in frame
    ]
    filled = grouped[values].transform("first")
    differs = frame[values].notna() & filled.notna() & (frame[values].astype(str) != filled.astype(str))
    disagree = repeat & differs.any(axis=1)
    columns = _names_where(differs[disagree])
    found = query(
        frame[disagree],
        name,
        columns,
        rule_id="SOURCES_DISAGREE",
        severity="warning",
        observed="another value",
        expected="the value of the first source",
        action="kept",
        remedy="Ask which is right; the first source of the export map decides",
    )
    first_file = (
        grouped["source_file"].transform("first") + " row " + grouped["source_row"].transform("first").astype(str)
    )
    merged = frame.loc[repeat, ["source_file", "source_row"]].assign(reason="same record as " + first_file[repeat])
    frame[values] = frame[values].where(frame[values].notna() | repeat.to_numpy()[:, None], filled)
    return frame[~repeat], merged, found
