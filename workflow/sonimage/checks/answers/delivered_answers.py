"""What a site answered as its own file would deliver it: the text that the export map reads as the value that was meant."""

from datetime import date, datetime, time
from decimal import Decimal

import pandas as pd

from sonimage.checks.answers.returned_workbooks import as_text, read_day
from sonimage.checks.asking.described_queries import MISSING
from sonimage.cleaning.column_reading import read_columns
from sonimage.cleaning.corrections.values import REFUSED
from sonimage.exports.named_columns import date_forms, declared, field_of

TRUE, FALSE = ("true", "yes", "ja"), ("false", "no", "nee")


def as_delivered(given: pd.Series, name: str, column: str, entry: dict, options: pd.DataFrame) -> pd.Series:
    """Return the text of each answer for one column of one source; an answer that the map cannot read stays as it is.

    `given`: cells of a workbook, as a site wrote them; `entry`: the column's entry in the export map. Of the texts that
    could say the same (a code of a level, a form of a date, a decimal mark) the first is taken that the map reads so.
    """
    field = field_of(name, column)
    choices = given.map(lambda cell: _choices(cell, entry, field))
    found = given.map(as_text)
    waiting = given.map(as_text).str.lower() != MISSING
    found = found.where(waiting, "")
    for number in range(max(map(len, choices), default=0)):
        some = choices[waiting & (choices.map(len) > number)].map(lambda texts, number=number: texts[number])
        read = _are_read(some, name, column, entry, options, given.loc[some.index], field)
        found.loc[read.index[read]] = some[read]
        waiting.loc[read.index[read]] = False
    return found


def _choices(cell, entry: dict, field: dict) -> list[str]:
    """Texts that could say what a cell says, the likeliest first."""
    text, levels = as_text(cell), field.get("constraints", {}).get("enum", [])
    if isinstance(cell, bool):
        text = str(cell).lower()
    if field["type"] == "boolean" or levels:
        level = _level(text, field)
        coded = [
            code for code, meaning in entry.get("codes", {}).items() if level and str(meaning).lower() == level.lower()
        ]
        is_open = "otherwise" in entry and text not in entry.get("codes", {})
        return [*coded, *([level] if level else []), *([] if is_open else [text])]
    if field["type"] == "date":
        return _dates(cell, text, entry)
    if isinstance(cell, time):
        return [cell.strftime(form) for form in (*declared(entry, "time"), "%H:%M:%S")]
    if field["type"] in ("number", "integer"):
        return _numbers(cell, text)
    return [text]


def _level(text: str, field: dict) -> str:
    """The level that a word names, as it is written in the schema; "" for any other text."""
    levels = field.get("constraints", {}).get("enum", [])
    known = {level.lower(): level for level in levels}
    if field["type"] == "boolean":
        known = dict.fromkeys(TRUE, "true") | dict.fromkeys(FALSE, "false")
    return known.get(" ".join(text.lower().split()), "")


def _dates(cell, text: str, entry: dict) -> list[str]:
    """The text itself before what it usually means; a day in each form of the map."""
    day = read_day(cell)
    if day is None:
        return [text]
    forms = [form for form in (*date_forms(entry), "%Y-%m-%d") if "%" in form]
    counts = [str((pd.Timestamp(day) - pd.Timestamp(entry["origin"])).days)] if "origin" in entry else []
    written = [] if isinstance(cell, date | datetime) else [text]
    return [*written, *counts, *(day.strftime(form) for form in forms)]


def _numbers(cell, text: str) -> list[str]:
    """The number with a point and with a comma; a text of another mark unless it might part thousands."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        plain = format(Decimal(str(cell)).normalize(), "f")
        return [plain, plain.replace(".", ",")]
    marks = [mark for mark in ".," if mark in text]
    if len(marks) != 1 or text.count(marks[0]) != 1 or len(text.split(marks[0])[1]) == 3:
        return [text]
    return [text, text.replace(marks[0], "," if marks[0] == "." else ".")]


def _are_read(
    texts: pd.Series, name: str, column: str, entry: dict, options: pd.DataFrame, given: pd.Series, field: dict
) -> pd.Series:
    """Mark the texts that the map reads, as the level or day that was meant where there is one."""
    if not len(texts):
        return pd.Series(dtype=bool)
    rows = pd.DataFrame({column: texts.astype(object)}).assign(source_file="answers", source_row=range(len(texts)))
    typed, queries, _ = read_columns(rows, name, {column: entry}, options)
    refused = [
        row for query in queries if len(query) for row in query.loc[query["rule_id"].isin(REFUSED), "source_row"]
    ]
    values = typed[column]
    meant = given.map(lambda cell: _meant(cell, field))
    unlike = [
        what is not None and not pd.isna(value) and str(value).lower() != str(what).lower()
        for what, value in zip(meant, values.dt.date if values.dtype.kind == "M" else values, strict=True)
    ]
    empty = values.isna().to_numpy() & ~texts.map(lambda text: text in entry.get("missing", [])).to_numpy()
    return pd.Series(
        ~rows["source_row"].isin(refused).to_numpy() & ~pd.Series(unlike).to_numpy() & ~empty, index=texts.index
    )


def _meant(cell, field: dict):
    """The level that a word names, or the day of a date cell; None where the map alone says what a text is."""
    if field["type"] == "date":
        return read_day(cell) if isinstance(cell, date | datetime) else None
    return _level(as_text(cell), field) or None
