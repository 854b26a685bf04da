"""Rows that the register of corrections sets aside: those it drops, and the others of a record of which it keeps one."""

import pandas as pd

from sonimage import schemas
from sonimage.cleaning.column_reading import read_columns
from sonimage.cleaning.corrections.delivered_records import delivered_parts, texts_of
from sonimage.cleaning.corrections.places import DROP, KEEP
from sonimage.cleaning.registers import LINE
from sonimage.faults import Fault

KEY_TABLE = "patient_keys"
COLUMNS = ["table", "record", LINE, "why"]


def rows_set_aside(
    imported: dict[str, pd.DataFrame], places: pd.DataFrame, export_map: dict, options: pd.DataFrame
) -> pd.DataFrame:
    """Return table and label (`record`) of each row that a line sets aside, with the line and the reason.

    `places`: lines with the label of their row; see `places`.
    """
    dropped = places[places["action"] == DROP]
    parts = [dropped.assign(why="dropped by the register of corrections: " + dropped["reason"])[COLUMNS]]
    for _, line in places[places["action"] == KEEP].iterrows():
        others = other_rows(imported[line["table"]], line["table"], line["record"], export_map, options)
        why = "another row of the record is kept by the register of corrections: " + line["reason"]
        parts.append(pd.DataFrame({"record": others}).assign(table=line["table"], line=line[LINE], why=why)[COLUMNS])
    return pd.concat(parts, ignore_index=True)


def find_faults(places: pd.DataFrame, aside: pd.DataFrame, path: str) -> list[Fault]:
    """A fault for each line whose row another line sets aside, and for each that keeps a row which has no other beside it."""
    both = places.merge(aside, on=["table", "record"], suffixes=("", "_of"))
    both = both[both[LINE] != both[f"{LINE}_of"]].drop_duplicates(LINE)
    remedy = "Decide on one of the two lines"
    faults = [
        Fault(path, line, "key", f"line {other} sets this row aside", remedy)
        for line, other in zip(both[LINE], both[f"{LINE}_of"], strict=True)
    ]
    kept = places.loc[places["action"] == KEEP, LINE]
    alone = kept[~kept.isin(aside[LINE])]
    rule = "the only row of its record: there is nothing to decide"
    return faults + [Fault(path, line, "key", rule, "Remove the line") for line in alone]


def other_rows(frame: pd.DataFrame, name: str, record, export_map: dict, options: pd.DataFrame) -> list:
    """Labels of the other rows of the record that a row of a text table names; a patient's number is compared as delivered."""
    if name == KEY_TABLE:
        one = frame.loc[record]
        alike = (frame["source_patient_id"] == one["source_patient_id"]) | (frame["patient_id"] == one["patient_id"])
        return [row for row in frame.index[alike & (frame["key"] == one["key"])] if row != record]
    patients = texts_of(frame, "patient_id")
    rows = frame[patients == patients.loc[record]]
    keys = pd.concat([
        _record_keys(some, name, export_map["tables"][name][int(number)]["columns"], options)
        for number, some in rows.groupby("source_no", observed=True)
    ])  # fmt: skip
    return [row for row in keys.index[keys == keys.loc[record]] if row != record]


def _record_keys(rows: pd.DataFrame, name: str, columns: dict[str, dict], options: pd.DataFrame) -> pd.Series:
    """The key of each row of one source as one text, with the numbering system of its patients."""
    key = schemas.primary_key(name)
    needed = {part for column in key for part in [column, *delivered_parts(columns, column)]} & set(columns)
    typed = read_columns(rows, name, {column: entry for column, entry in columns.items() if column in needed}, options)[
        0
    ]
    system = columns.get("patient_id", {}).get("key", "")
    return typed.reindex(columns=key).astype(str).agg(" / ".join, axis=1) + f" / {system}"
