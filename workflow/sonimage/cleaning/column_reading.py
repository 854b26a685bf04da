"""Reading the columns of one source by its export map: text becomes typed values, what cannot be read becomes a query."""

import re

import pandas as pd

from sonimage.cleaning import parsing, reading_queries, units, words
from sonimage.exports.named_columns import date_forms, field_of
from sonimage.exports.sources import ORIGIN


def read_columns(
    rows: pd.DataFrame, name: str, columns: dict[str, dict], options: pd.DataFrame
) -> tuple[pd.DataFrame, list[pd.DataFrame], list[pd.DataFrame]]:
    """Return typed columns of one source of table `name`, its queries, and its unmapped words (schema unmapped).

    `rows`: text with the columns of the map and their origin; `columns`: their entries in the export map.
    """
    origin = [column for column in ORIGIN if column in rows]
    frame, queries, unmapped = rows[origin].astype({"source_file": object}), [], []
    display = _display(rows, columns, options)
    for column, entry in columns.items():
        if "compose" in entry or "not_applicable" in entry:
            continue
        field = field_of(name, column)
        delivered = _text(rows[column], entry)
        values = _read(delivered, field, entry | {"codes": _codes(entry, options, display)})
        failed = delivered.notna() & values.isna() & ~_declared_missing(delivered, entry)
        if "enum" in field.get("constraints", {}) and failed.any():
            unmapped.append(_count_words(rows[failed], name, column, delivered[failed]))
        if column == "organ":
            values = values.mask(failed, "other")
        values, outside = _within_limits(values, field)
        queries.append(reading_queries.outside(rows[outside], name, field | {"name": column}, delivered[outside]))
        queries.append(
            reading_queries.unreadable(rows[failed], name, field | {"name": column}, entry, delivered[failed])
        )
        queries.append(reading_queries.completed(rows, name, column, entry, delivered))
        frame[column] = values
    for column, entry in columns.items():
        if "compose" in entry:
            frame[column] = _compose(frame, entry["compose"])
    return frame, queries, unmapped


def _count_words(rows: pd.DataFrame, name: str, column: str, delivered: pd.Series) -> pd.DataFrame:
    found = pd.DataFrame({"source_file": rows["source_file"].astype(object), "word": delivered})
    counts = found.groupby(["source_file", "word"]).size().rename("n_rows").reset_index()
    return counts.assign(table=name, column=column)


def _text(delivered: pd.Series, entry: dict) -> pd.Series:
    """The delivered text, trimmed, without what the column declares as missing."""
    missing = {"", *entry.get("missing", [])}
    if "missing_codes" in entry:
        missing |= words.missing_codes(entry["missing_codes"])

    def text(value: str) -> str | None:
        value = value.strip()
        if "strip" in entry:
            value = value.strip(entry["strip"])
        if "extract" in entry:
            found = re.search(entry["extract"], value)
            value = found[1] if found else ""
        return None if value in missing else value

    return parsing.each_text(delivered, text)


def _declared_missing(delivered: pd.Series, entry: dict) -> pd.Series:
    return delivered.isin([code for code, level in entry.get("codes", {}).items() if level is None])


def _display(rows: pd.DataFrame, columns: dict[str, dict], options: pd.DataFrame) -> str:
    """Whether the export shows options as values (numbers) or as names (labels): Castor's files do not say.

    Decided from the option list, for all its columns together: a text may be the name of one option and the value of
    another, so one column alone can mislead.
    """
    counts = {"value": 0, "name": 0}
    for column, entry in columns.items():
        if "options" in entry:
            group, texts = options[options["group"] == entry["options"]], set(_text(rows[column], entry).dropna())
            for shown in counts:
                counts[shown] += len(texts & set(group[shown]))
    return "name" if counts["name"] > counts["value"] else "value"


def _codes(entry: dict, options: pd.DataFrame, display: str) -> dict[str, str | None]:
    """Codes of the map and the names of the same options; where a text is both, it is what the file shows."""
    codes = dict(entry.get("codes", {}))
    group = options[options["group"] == entry.get("options")]
    names = {name: codes[value] for name, value in zip(group["name"], group["value"], strict=True) if value in codes}
    return codes | names if display == "name" else names | codes


def _read(delivered: pd.Series, field: dict, entry: dict) -> pd.Series:
    text = delivered
    if entry["codes"] or "otherwise" in entry:
        text = parsing.each_text(delivered, lambda value: entry["codes"].get(value, entry.get("otherwise", value)))
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
            return words.read_booleans(text)
        case "time":
            return parsing.read_times(text, entry.get("time", ()))
    limits = field.get("constraints", {})
    synonyms = words.vocabulary(entry.get("vocabulary", field["name"]))
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
