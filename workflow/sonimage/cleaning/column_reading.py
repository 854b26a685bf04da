"""Reading the columns of one source by its export map: text becomes typed values, what cannot be read becomes a query."""

import re

import pandas as pd

from sonimage import schemas
from sonimage.cleaning import parsing, units
from sonimage.cleaning.queries import query
from sonimage.exports.sources import ORIGIN


def read_columns(
    rows: pd.DataFrame, name: str, columns: dict[str, dict], options: pd.DataFrame
) -> tuple[pd.DataFrame, list[pd.DataFrame], list[pd.DataFrame]]:
    """Return typed columns of one source of table `name`, its queries, and its unmapped words (schema unmapped).

    `rows`: text with the columns of the map and their origin; `columns`: their entries in the export map.
    """
    origin = [column for column in ORIGIN if column in rows]
    frame, queries, unmapped = rows[origin].astype({"source_file": object}), [], []
    schema = schemas.fields(name)
    display = _display(rows, columns, options)
    for column, entry in columns.items():
        if "compose" in entry or "not_applicable" in entry:
            continue
        field = schema.get(column) or _auxiliary_field(column)
        delivered = _text(rows[column], entry)
        values = _read(delivered, field, entry | {"codes": _codes(entry, options, display)})
        failed = delivered.notna() & values.isna() & ~_declared_missing(delivered, entry)
        if "enum" in field.get("constraints", {}) and failed.any():
            unmapped.append(_count_words(rows[failed], name, column, delivered[failed]))
        if column == "organ":
            values = values.mask(failed, "other")
        values, outside = _within_limits(values, field)
        queries.append(_query_outside(rows[outside], name, column, field, delivered[outside]))
        queries.append(_query_unreadable(rows[failed], name, column, field, delivered[failed]))
        queries.append(_query_completed(rows, name, column, field, entry, delivered))
        frame[column] = values
    for column, entry in columns.items():
        if "compose" in entry:
            frame[column] = _compose(frame, entry["compose"])
    return frame, queries, unmapped


def _count_words(rows: pd.DataFrame, name: str, column: str, delivered: pd.Series) -> pd.DataFrame:
    words = pd.DataFrame({"source_file": rows["source_file"].astype(object), "word": delivered})
    counts = words.groupby(["source_file", "word"]).size().rename("n_rows").reset_index()
    return counts.assign(table=name, column=column)


def _auxiliary_field(column: str) -> dict:
    """Type of a column that only serves `compose`: that of the table it is named in first."""
    found = [
        schemas.fields(table)[column] for table in ("scans", "patients", "lesions") if column in schemas.fields(table)
    ]
    return next(iter(found), {"name": column, "type": "string"})


def _text(delivered: pd.Series, entry: dict) -> pd.Series:
    """The delivered text, trimmed, without what the column declares as missing."""
    missing = {"", *entry.get("missing", [])}
    if "missing_codes" in entry:
        missing |= parsing.missing_codes(entry["missing_codes"])

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
            return parsing.read_dates(text, entry.get("date", "%Y-%m-%d"), entry.get("partial"))
        case "number":
            unit = field.get("unit")
            factor = units.factor(entry.get("unit", unit), unit) if unit in units.FACTORS else 1
            return parsing.read_numbers(text, entry.get("decimal", "."), factor)
        case "integer":
            return parsing.read_integers(text, entry.get("decimal", "."))
        case "boolean":
            return parsing.read_booleans(text)
        case "time":
            return parsing.read_times(text)
    limits = field.get("constraints", {})
    synonyms = parsing.vocabulary(entry.get("vocabulary", field["name"]))
    return parsing.read_levels(text, limits["enum"], synonyms) if "enum" in limits else text


def _compose(frame: pd.DataFrame, parts: list[str]) -> pd.Series:
    texts = [
        frame[part].dt.strftime("%Y-%m-%d") if frame[part].dtype.kind == "M" else frame[part].astype(object)
        for part in parts
    ]
    whole = pd.concat(texts, axis=1).notna().all(axis=1)
    joined = texts[0].astype(str).str.cat([text.astype(str) for text in texts[1:]], sep=" ")
    return joined.astype(object).where(whole)


def _query_unreadable(rows: pd.DataFrame, name: str, column: str, field: dict, delivered: pd.Series) -> pd.DataFrame:
    expected = (
        " | ".join(field.get("constraints", {}).get("enum", [])) or f"{field['type']} {field.get('unit', '')}".strip()
    )
    is_organ = column == "organ"
    return query(
        rows,
        name,
        column,
        rule_id="UNMAPPED_ORGAN" if is_organ else "UNREADABLE",
        severity="warning" if is_organ else "error",
        observed=delivered.map(parsing.redact),
        expected=expected,
        action="corrected" if is_organ else "set missing",
        remedy="Correct at the source, in the export map, or in config/corrections.csv",
    )


def _within_limits(values: pd.Series, field: dict) -> tuple[pd.Series, pd.Series]:
    """Values within the schema's minimum and maximum, and a mark on those outside, which are set missing."""
    limits = field.get("constraints", {})
    if field["type"] not in ("number", "integer") or not {"minimum", "maximum"} & limits.keys():
        return values, pd.Series(False, index=values.index)
    numbers = values.astype("float64")
    outside = (numbers < limits.get("minimum", float("-inf"))) | (numbers > limits.get("maximum", float("inf")))
    return values.mask(outside), outside


def _query_outside(rows: pd.DataFrame, name: str, column: str, field: dict, delivered: pd.Series) -> pd.DataFrame:
    limits = field.get("constraints", {})
    return query(
        rows,
        name,
        column,
        rule_id="OUT_OF_RANGE",
        severity="error",
        observed=delivered.map(parsing.redact),
        expected=f"{limits.get('minimum', '')} to {limits.get('maximum', '')} {field.get('unit', '')}".strip(),
        action="set missing",
        remedy="Correct at the source or in config/corrections.csv",
    )


def _query_completed(rows: pd.DataFrame, name: str, column: str, field: dict, entry: dict, delivered: pd.Series):
    if "partial" not in entry:
        return rows.iloc[:0]
    completed = parsing.is_partial(delivered, entry.get("date", "%Y-%m-%d"))
    return query(
        rows[completed],
        name,
        column,
        rule_id="PARTIAL_DATE",
        severity="warning",
        observed=delivered[completed].map(parsing.redact),
        expected="a full date",
        action="corrected",
        remedy=f"Completed to the {entry['partial']} day; ask for the full date",
    )
