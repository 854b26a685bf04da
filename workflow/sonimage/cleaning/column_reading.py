"""Reading the columns of one source by its export map: text becomes typed values, what cannot be read becomes a query."""

import re

import pandas as pd

from sonimage.cleaning import codes, parsing, reading_queries, words
from sonimage.exports import checkboxes, units
from sonimage.exports.chosen_texts import READ_FROM, fold
from sonimage.exports.named_columns import date_forms, field_of
from sonimage.exports.sources import ORIGIN
from sonimage.exports.vocabularies import declared_missing, vocabulary


def read_columns(
    rows: pd.DataFrame, name: str, columns: dict[str, dict], options: pd.DataFrame
) -> tuple[pd.DataFrame, list[pd.DataFrame], list[pd.DataFrame]]:
    """Return typed columns of one source of table `name`, its queries, and its unmapped words (schema unmapped).

    `rows`: text with the columns of the map and their origin; `columns`: their entries in the export map.
    """
    origin = [column for column in ORIGIN if column in rows]
    frame, queries, unmapped = rows[origin].astype({"source_file": object}), [], []
    read = {one: entry for one, entry in columns.items() if "compose" not in entry and "not_applicable" not in entry}
    texts = {column: _text(rows[column], entry, field_of(name, column)) for column, entry in read.items()}
    display = codes.shown_as(texts, read, options)
    for column, entry in read.items():
        entry = entry | {"codes": codes.codes_of(entry, options, display)}
        frame[column], found, counts = _read_column(rows, name, column, entry, texts[column])
        queries += found
        unmapped += counts
    for column, entry in columns.items():
        if "compose" in entry:
            frame[column] = _compose(frame, entry["compose"])
    return frame, queries, unmapped


def _read_column(
    rows: pd.DataFrame, name: str, column: str, entry: dict, delivered: pd.Series
) -> tuple[pd.Series, list[pd.DataFrame], list[pd.DataFrame]]:
    """The typed values of one column, its queries and its words without a code."""
    field = field_of(name, column) | {"name": column}
    values = _read(delivered, field, entry, _is_own(rows, column, entry))
    failed = delivered.notna() & values.isna() & ~codes.is_declared_missing(delivered, entry["codes"])
    is_coded = "enum" in field.get("constraints", {})
    unmapped = [_count_words(rows[failed], name, column, delivered[failed])] if is_coded and failed.any() else []
    values = values.mask(failed, "other") if column == "organ" else values
    values, outside = _within_limits(values, field)
    queries = [
        reading_queries.outside(rows[outside], name, field, delivered[outside]),
        reading_queries.unreadable(rows[failed], name, field, entry, delivered[failed]),
        reading_queries.completed(rows, name, column, entry, delivered),
    ]
    return values, queries, unmapped


def _count_words(rows: pd.DataFrame, name: str, column: str, delivered: pd.Series) -> pd.DataFrame:
    found = pd.DataFrame({"source_file": rows["source_file"].astype(object), "word": delivered})
    counts = found.groupby(["source_file", "word"]).size().rename("n_rows").reset_index()
    return counts.assign(table=name, column=column)


def _text(delivered: pd.Series, entry: dict, field: dict) -> pd.Series:
    """The delivered text, trimmed, without what the column declares as missing; of checkboxes what they say.

    Missing codes count in any case, like all codes, but in columns of free text.
    """
    missing = {"", *declared_missing(entry)}
    is_free = field["type"] == "string" and "enum" not in field.get("constraints", {})
    folded = set() if is_free else {fold(code) for code in missing} - {fold(code) for code in entry.get("codes", {})}
    boxes = [*entry.get("any_of", []), *entry.get("none_of", [])]

    def text(value: str) -> str | None:
        value = value.strip()
        if boxes and (parts := checkboxes.part(value, boxes)):
            return _box_answer(value, parts, entry, missing)
        if "strip" in entry:
            value = value.strip(entry["strip"])
        if "extract" in entry:
            found = re.search(entry["extract"], value)
            value = found[1] if found else ""
        return None if value in missing or (folded and fold(value) in folded) else value

    return parsing.each_text(delivered, text)


def _box_answer(value: str, parts: dict[str, str], entry: dict, missing: set[str]) -> str | None:
    """What checkboxes say; the text itself, which is unreadable, where they say neither yes nor no."""
    try:
        return words.box_answer(parts, entry.get("any_of", []), entry.get("none_of", []), missing)
    except ValueError:
        return value


def _is_own(rows: pd.DataFrame, column: str, entry: dict) -> pd.Series | bool:
    """Mark texts that come from the column itself, not from the one that `see` refers to."""
    origin = READ_FROM.format(column)
    return rows[origin] == entry["column"] if "see" in entry and origin in rows else True


def _read(delivered: pd.Series, field: dict, entry: dict, own: pd.Series | bool) -> pd.Series:
    levels = codes.as_booleans(entry["codes"]) if field["type"] == "boolean" else entry["codes"]
    text = codes.decode(delivered, levels, entry.get("otherwise"), own)
    if "origin" in entry:
        return parsing.read_day_counts(text, entry["origin"])
    match field["type"]:
        case "date":
            return parsing.read_dates(text, date_forms(entry), entry.get("partial"))
        case "number":
            unit = field.get("unit")
            factor = units.factor(entry.get("unit", unit), unit) if unit in units.FACTORS else 1
            return parsing.read_numbers(text, entry.get("decimal", "."), factor)
        case "integer":
            return parsing.read_integers(text, entry.get("decimal", "."))
        case "boolean":
            return words.read_booleans(text, entry["codes"])
        case "time":
            return parsing.read_times(text, entry.get("time", ()))
    limits = field.get("constraints", {})
    synonyms = vocabulary(entry.get("vocabulary", field["name"])) | entry.get("words", {})
    return words.read_levels(text, limits["enum"], synonyms) if "enum" in limits else text


def _compose(frame: pd.DataFrame, parts: list[str]) -> pd.Series:
    texts = [
        frame[part].dt.strftime("%Y-%m-%d") if frame[part].dtype.kind == "M" else frame[part].astype(object)
        for part in parts
    ]
    whole = pd.concat(texts, axis=1).notna().all(axis=1)
    joined = texts[0].astype(str).str.cat([text.astype(str) for text in texts[1:]], sep=" ")
    return joined.astype(object).where(whole)


def _within_limits(values: pd.Series, field: dict) -> tuple[pd.Series, pd.Series]:
    """Values within the schema's minimum and maximum, and a mark on those outside, which are set missing."""
    limits = field.get("constraints", {})
    if field["type"] not in ("number", "integer") or not {"minimum", "maximum"} & limits.keys():
        return values, pd.Series(False, index=values.index)
    numbers = values.astype("float64")
    outside = (numbers < limits.get("minimum", float("-inf"))) | (numbers > limits.get("maximum", float("inf")))
    return values.mask(outside), outside
