"""One text for one column of ours: from one raw column, the first of several that is filled, the one it refers to, or boxes."""

import pandas as pd

from sonimage.exports import checkboxes
from sonimage.exports.named_columns import raw_columns
from sonimage.exports.vocabularies import declared_missing

READ_FROM = "{}_read_from"  # beside a column that may come from several raw columns: the one its text was taken from


def texts(rows: pd.DataFrame, name: str, entry: dict) -> dict[str, pd.Series]:
    """Column name -> its text in each row; with the raw column it comes from where the entry leaves a choice.

    `rows`: raw rows as text; `entry`: the column's entry in the map. A raw column that is absent counts as empty.
    """
    present = [column for column in raw_columns(entry) if column in rows]
    if "columns" in entry:
        text, origin = _first_filled(rows, present, declared_missing(entry))
    elif "see" in entry and entry["column"] in present:
        text, origin = _referred(rows, entry)
    elif "any_of" in entry or "none_of" in entry:
        return {name: checkboxes.join(rows, present)}
    else:
        return {name: rows[entry["column"]] if entry.get("column") in rows else _constant(entry, rows)}
    return {name: text, READ_FROM.format(name): origin}


def fold(text: str) -> str:
    """A word without regard to case and outer blanks."""
    return text.strip().casefold()


def _constant(entry: dict, rows: pd.DataFrame) -> pd.Series:
    return pd.Series(pd.Categorical.from_codes([0] * len(rows), [entry.get("constant", "")]), index=rows.index)


def _first_filled(rows: pd.DataFrame, columns: list[str], missing: set[str]) -> tuple[pd.Series, pd.Series]:
    """The first text that is neither empty nor declared as missing, else the first that is not empty; and its column."""
    text, origin = (pd.Series("", index=rows.index, dtype=object) for _ in range(2))
    for refused in ({""}, {"", *missing}):
        for column in reversed(columns):
            filled = ~rows[column].isin(refused)
            text, origin = text.mask(filled, rows[column].astype(object)), origin.mask(filled, column)
    return text, origin


def _referred(rows: pd.DataFrame, entry: dict) -> tuple[pd.Series, pd.Series]:
    """The column's own text, or that of the column which `see` names for it; and where it was taken from."""
    own = rows[entry["column"]].astype(object)
    text, origin = own, pd.Series(entry["column"], index=rows.index, dtype=object)
    folded = own.map({word: fold(word) for word in own.unique()})
    for word, column in entry["see"].items():
        refers = folded == fold(word)
        seen = rows[column].astype(object) if column in rows else ""
        text, origin = text.mask(refers, seen), origin.mask(refers, column)
    return text, origin
