"""Where the lines of the register of corrections lead: to one row of a text table each, whose value is still the old one."""

import pandas as pd

from sonimage.cleaning.corrections.delivered_records import find_records, part_key, texts_of
from sonimage.cleaning.registers import LINE
from sonimage.faults import Fault

REPLACE, KEEP, DROP, RIGHT = "replace", "keep row", "drop row", "right"
ACTIONS = (REPLACE, KEEP, DROP, RIGHT)
NAME_ONE = "Name one record of the imported table, as `patient_id=UMCG-003; lesion_id=T02`"
ONE_OF_SEVERAL = "Add a column to the key (source_no, source_row), or name the row by `column` and `old`"
CELL = ["table", "record", "column"]


def find_faults(
    imported: dict[str, pd.DataFrame], register: pd.DataFrame, places: pd.DataFrame, path: str
) -> list[Fault]:
    """A fault for each line that leads to no row, to several, to a value that has changed, or to the cell of another line.

    `register`: with action, query_id and line; `places`: what `find_places` says of it.
    """
    faults = [
        fault
        for name, lines in register.groupby("table")
        if name in imported
        for fault in _place_faults(imported[name], name, lines, path)
    ]
    remedy = "Remove the line if the source was mended"
    gone = places.loc[places["old"] != places["standing"], LINE]
    faults += [Fault(path, line, "old", "the old value is no longer there", remedy) for line in gone]
    remedy = "Leave one line for a cell"
    for action, by in ((REPLACE, CELL), (RIGHT, [*CELL, "query_id"])):
        lines = places[(places["action"] == action) & (places["column"] != "")]
        again = lines[lines.duplicated(by)]
        faults += [Fault(path, line, "key", "a second line for one cell", remedy) for line in again[LINE]]
    return faults


def find_places(imported: dict[str, pd.DataFrame], register: pd.DataFrame) -> pd.DataFrame:
    """The lines that lead to exactly one row: with `record`, its label, and `standing`, the value that `old` guards.

    Of several rows that a key names the one that holds the old value is meant. What is called right stands after the
    corrections of the same cell; everything else is judged as delivered.
    """
    parts = [_find_in(imported[name], lines) for name, lines in register.groupby("table") if name in imported]
    places = pd.concat([register.iloc[:0].assign(record=None, standing=""), *parts]).sort_index()
    replaced = places[places["action"] == REPLACE].drop_duplicates(CELL).set_index(CELL)["new"]
    if not len(replaced):
        return places
    corrected = replaced.reindex(pd.MultiIndex.from_frame(places[CELL])).set_axis(places.index)
    is_corrected = (places["action"] == RIGHT) & corrected.notna()
    return places.assign(standing=places["standing"].mask(is_corrected, corrected))


def _find_in(frame: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of one table that name one row."""
    records = find_records(frame, lines["key"])
    found = lines.loc[records.index].assign(record=records.to_numpy())
    found = found.assign(standing=_standing(frame, found))
    several = found.index.duplicated(keep=False)
    found = found[~several | ((found["standing"] == found["old"]) & (found["column"] != ""))]
    return found[~found.index.duplicated(keep=False)]


def _standing(frame: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """The delivered text of each line's cell; where the line names no column of the table there is nothing to guard."""
    texts = found["old"].copy()
    for column in set(found["column"]) & set(frame):
        here = (found["column"] == column).to_numpy()
        texts[here] = texts_of(frame.loc[found.loc[here, "record"]], column).to_numpy()
    return texts


def _place_faults(frame: pd.DataFrame, name: str, lines: pd.DataFrame, path: str) -> list[Fault]:
    """Lines of one table that lead to no row or to several, and columns that it does not have."""
    lost = lines.drop(index=_find_in(frame, lines).index)
    matches = find_records(frame, lost["key"]).groupby(level=0).size().reindex(lost.index, fill_value=0)
    faults = []
    for line, key, n in zip(lost[LINE], lost["key"], matches, strict=True):
        absent = [column for column in part_key(key) if column not in frame]
        rule = f"no column {absent[0]} in {name}" if absent else f"names {n or 'no'} records"
        faults.append(Fault(path, line, "key", rule, ONE_OF_SEVERAL if n else NAME_ONE))
    unknown = lines[(lines["column"] != "") & ~lines["column"].isin(frame.columns)]
    remedy = f"Name a column that the export map reads into {name}"
    faults += [
        Fault(path, line, column, "no such column", remedy)
        for line, column in zip(unknown[LINE], unknown["column"], strict=True)
    ]
    return faults
