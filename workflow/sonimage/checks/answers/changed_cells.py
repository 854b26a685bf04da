"""The cells that a new value changes: the one that was asked about, and those that say the same thing elsewhere.

A raw cell may feed several columns (a size and its state), and the day of a scan is part of the scan's own number: its
readings, and what other sources say of the same record, move with it.
"""

from typing import NamedTuple

import pandas as pd

from sonimage.checks.answers.delivered_answers import as_delivered
from sonimage.checks.asking.asked_values import ROW, find_rows
from sonimage.cleaning.column_reading import read_columns
from sonimage.cleaning.corrections.decided_rows import KEY_TABLE
from sonimage.cleaning.corrections.delivered_records import delivered_parts, raw_column_of, texts_of
from sonimage.exports.named_columns import raw_columns

CELL = ["table", "record", "column"]
READINGS = ("measurements", "uptake")
MOVES_WITH = {"scans": ("scans", *READINGS), "measurements": ("measurements",), "uptake": ("uptake",)}
KEY = {
    "scans": ["scan_id"],
    "measurements": ["patient_id", "lesion_id", "scan_id"],
    "uptake": ["patient_id", "lesion_id", "scan_id"],
}


class Delivery(NamedTuple):
    """A delivery through the first stages: text tables and `patient_keys` as imported and as corrected, typed tables, linked
    tables, its export map, Castor's option lists."""

    imported: dict[str, pd.DataFrame]
    texts: dict[str, pd.DataFrame]
    cleaned: dict[str, pd.DataFrame]
    study: dict[str, pd.DataFrame]
    export_map: dict
    options: pd.DataFrame


def columns_of(delivery: Delivery, table: str, source_no) -> dict[str, dict]:
    """The columns of one source of a table in the export map; of the key table its own."""
    if table == KEY_TABLE:
        return {column: {"column": column} for column in delivery.imported[table]}
    return delivery.export_map["tables"][table][int(source_no)]["columns"]


def change_cells(changes: pd.DataFrame, delivery: Delivery) -> pd.DataFrame:
    """Return the cells that change with the text of each (`new`), as the file of each would deliver it.

    `changes`: query_id, table, record, source_no, column, given (what the site wrote). Labels are those of the imported
    tables.
    """
    changes = changes.assign(new=_delivered(changes, delivery))
    parts = [changes, _same_raw_cell(changes, delivery), _same_record(changes, delivery)]
    found = pd.concat([part for part in parts if len(part)], ignore_index=True) if len(changes) else changes
    return found.drop_duplicates([*CELL, "query_id"], ignore_index=True)


def _delivered(changes: pd.DataFrame, delivery: Delivery) -> pd.Series:
    """The text of each answer in the words of its own source."""
    new = pd.Series("", index=changes.index, dtype=object)
    for (table, number, column), some in changes.groupby(["table", "source_no", "column"], dropna=False):
        if table == KEY_TABLE:
            new.loc[some.index] = some["given"].map(str)
            continue
        entry = columns_of(delivery, table, number).get(column, {})
        new.loc[some.index] = as_delivered(some["given"], table, column, entry, delivery.options)
    return new


def _same_raw_cell(changes: pd.DataFrame, delivery: Delivery) -> pd.DataFrame:
    """Other columns of the same row that are read from the same raw column: they take the same text."""
    found = []
    for change in changes[changes["table"] != KEY_TABLE].to_dict("records"):
        columns = columns_of(delivery, change["table"], change["source_no"])
        row = delivery.imported[change["table"]].loc[[change["record"]]]
        said = {
            column: (raw_column_of(row, column, entry).iloc[0], texts_of(row, column).iloc[0])
            for column, entry in columns.items()
            if raw_columns(entry)
        }
        alike = [column for column in said if said[column] == said.get(change["column"])]
        found += [change | {"column": column} for column in alike if column != change["column"]]
    return pd.DataFrame(found, columns=changes.columns)


def _same_record(changes: pd.DataFrame, delivery: Delivery) -> pd.DataFrame:
    """Rows of other sources of the same scan or reading, and the readings of a scan, where its number is composed."""
    found = []
    for change in changes[changes["table"].isin(MOVES_WITH)].to_dict("records"):
        columns = columns_of(delivery, change["table"], change["source_no"])
        if change["column"] not in delivered_parts(columns, "scan_id") or change["column"] == "patient_id":
            continue
        meant = _meant(change, columns, delivery)
        for row in _rows_of_record(change, delivery):
            if change["column"] in columns_of(delivery, row["table"], row["source_no"]):
                found.append(change | row | {"given": meant})
    moved = pd.DataFrame(found, columns=changes.columns)
    return moved.assign(new=_delivered(moved, delivery))


def _rows_of_record(change: dict, delivery: Delivery) -> list[dict]:
    """Table, label and source of the other rows with the number of the record."""
    own = delivery.imported[change["table"]].loc[change["record"], ROW]
    typed = delivery.cleaned[change["table"]]
    is_own = (typed["source_file"] == own["source_file"]) & (typed["source_row"] == int(own["source_row"]))
    record = typed[is_own & (typed["source_no"] == int(own["source_no"]))][KEY[change["table"]]]
    found = []
    for table in MOVES_WITH[change["table"]] if len(record) else ():
        alike = delivery.cleaned[table].merge(record, on=list(record.columns))
        places = find_rows(delivery.imported[table], alike[ROW]).dropna(subset="record")
        others = places[(places["record"] != change["record"]) | (table != change["table"])]
        found += [
            {"table": table, "record": record, "source_no": number}
            for record, number in zip(others["record"], others["source_no"], strict=True)
        ]
    return found


def _meant(change: dict, columns: dict[str, dict], delivery: Delivery):
    """The typed value of the new text, so that another source can write it in its own way."""
    column = change["column"]
    rows = pd.DataFrame({column: [change["new"]], "source_file": ["answers"], "source_row": [0]}).astype(
        {column: object}
    )
    value = read_columns(rows, change["table"], {column: columns[column]}, delivery.options)[0][column].iloc[0]
    return change["given"] if pd.isna(value) else value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
