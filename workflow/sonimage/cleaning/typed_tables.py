"""Cleaning: text as delivered becomes typed values in canonical units and levels (stage 2).

An unreadable value is set missing and becomes a query; a row without its key or another required value is set aside, and
so is one that is no data. Where too many values of a column cannot be read, the run stops (`losses`).
"""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from sonimage import schemas, tables
from sonimage.cleaning.column_reading import read_columns
from sonimage.cleaning.losses import count_losses, loss_faults
from sonimage.cleaning.no_data import find_rows_without_data
from sonimage.cleaning.queries import collect, query
from sonimage.exports.blocks import looks_filled_down
from sonimage.exports.sources import stack
from sonimage.faults import Fault

MEASURED = "MEASURED"
FILL_DOWN = "; it looks filled downwards: declare `fill_down` for this column of the file in the export map"
# Query rules of reading, with their severity
FINDINGS = {
    "UNREADABLE": "error",
    "DATE_FORMS_DISAGREE": "error",
    "OUT_OF_RANGE": "error",
    "UNMAPPED_ORGAN": "warning",
    "PARTIAL_DATE": "warning",
    "STATE_EMPTY": "warning",
    "ROW_WITHOUT_DATA": "warning",
}


class Cleaned(NamedTuple):
    """A typed table, the queries it raised, the rows set aside, the words without a code, faults, values lost by column."""

    table: pd.DataFrame
    queries: pd.DataFrame
    set_aside: pd.DataFrame
    unmapped: pd.DataFrame
    faults: list[Fault]
    losses: pd.DataFrame


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
    parts, queries, unmapped, asides, faults, losses = [], [], [], [], [], []
    for number, source in enumerate(sources):
        rows = imported[imported["source_no"].astype(int) == number]
        no_data = find_rows_without_data(rows, name, source["columns"])
        is_data = no_data.reasons.isna()
        part, found, words = read_columns(rows[is_data], name, source["columns"], options)
        parts.append(part)
        asides.append(rows.loc[~is_data, ["source_file", "source_row"]].assign(reason=no_data.reasons[~is_data]))
        queries += [*no_data.queries, *found]
        faults += no_data.faults
        unmapped += words
        losses.append(count_losses(part, found))
    frame = stack(parts, schemas.columns(name))
    frame, found = _particulars(frame, name)
    aside = _without_required(frame, name)
    set_aside = stack([*asides, aside], ["source_file", "source_row", "reason"]).assign(stage="2_clean", table=name)
    return Cleaned(
        tables.conform(frame.drop(aside.index), name),
        collect([*queries, *found]),
        set_aside,
        tables.conform(stack(unmapped, schemas.columns("unmapped")), "unmapped"),
        faults,
        pd.concat(losses) if losses else count_losses(frame, []),
    )


def list_faults(cleaned: Iterable[Cleaned], *, unreadable_share: float, unreadable_minimum: int) -> list[Fault]:
    """What stops the run in any of the tables: joined files, and columns of which too much cannot be read."""
    return [
        fault
        for one in cleaned
        for fault in [*one.faults, *loss_faults(one.losses, share=unreadable_share, minimum=unreadable_minimum)]
    ]


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
    if not len(rows):
        return rows.assign(reason=None)
    blocks = frame.groupby(frame["source_file"].astype(object))["patient_id"].transform(looks_filled_down)
    hint = pd.Series(FILL_DOWN, index=rows.index).where(lacking["patient_id"] & blocks.loc[rows.index].astype(bool), "")
    return rows.assign(reason=_names_where(lacking) + " is empty or unreadable" + hint)


def _names_where(marks: pd.DataFrame) -> pd.Series:
    """For each row the names of the marked columns, parted by commas."""
    return marks.dot(marks.columns + ", ").str.removesuffix(", ")
