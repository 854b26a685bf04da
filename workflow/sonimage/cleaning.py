"""Cleaning: text as delivered becomes typed values in canonical units and levels (stage 2).

An unreadable value is set missing and becomes a query; a row without its key or another required value is set aside.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from sonimage import parsing, schemas, tables, units
from sonimage.sources import ORIGIN, stack

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


def collect(queries: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack query rows into one list."""
    return tables.conform(stack(queries, schemas.columns("queries")), "queries")


def list_set_aside(cleaned: Iterable[Cleaned]) -> pd.DataFrame:
    """The rows set aside of several tables as one listing."""
    return tables.conform(stack([one.set_aside for one in cleaned], schemas.columns("set_aside")), "set_aside")


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


def query(rows: pd.DataFrame, name: str, column: str, **words) -> pd.DataFrame:
    """Query rows for raw rows: rule_id, severity, expected, action, remedy and observed are given as words."""
    if not len(rows):
        return pd.DataFrame()
    record = rows["patient_id"].astype(str) if "patient_id" in rows else ""
    return pd.DataFrame({"source_file": rows["source_file"], "source_row": rows["source_row"]}).assign(
        table=name, column=column, record=record, **words
    )


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
