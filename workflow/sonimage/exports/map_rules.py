"""What a map must keep beyond its schema: names that lead somewhere, forms that can be read, settings that a rule allows."""

from collections.abc import Iterator
from difflib import get_close_matches

from sonimage import schemas
from sonimage.exports import units
from sonimage.exports.named_columns import declared, field_of
from sonimage.exports.vocabularies import BOOLEANS, BOOLEANS_IN_WORDS, vocabulary
from sonimage.faults import Fault

# RECIST 1.1 and the record count days from these; an invented day would move an endpoint unseen.
NEVER_IMPUTED = ("randomisation_date", "scan_date")
EXCEL_SERIAL = "excel_serial"
TABLES = ("patients", "scans", "lesions", "measurements", "uptake", "assessments", "events")
NAME_A_FILE = "Name an entry of `files`"


def rule_faults(export_map: dict, path: str) -> list[Fault]:
    """Every fault of a map that its schema cannot find; `export_map`: with its shorthands written out."""
    found = [*_key_faults(export_map), *_file_faults(export_map), *_word_faults(export_map.get("words", {}))]
    for table, sources in export_map["tables"].items():
        for source in sources:
            found += _source_faults(source, f"tables/{table}", export_map)
            for column, entry in source["columns"].items():
                found += _entry_faults(column, entry, f"tables/{table}/{column}", export_map)
                found += _unit_faults(entry, field_of(table, column), f"tables/{table}/{column}/unit")
                found += _level_faults(entry, field_of(table, column), f"tables/{table}/{column}")
    return [Fault(path, None, place, rule, remedy) for place, rule, remedy in found]


Found = Iterator[tuple[str, str, str]]  # place in the map, rule, remedy


def _key_faults(export_map: dict) -> Found:
    for key, entry in export_map.get("patient_keys", {}).items():
        place = f"patient_keys/{key}"
        if entry["file"] not in export_map["files"]:
            yield place, f"no file {entry['file']!r}", NAME_A_FILE
        for column, check in entry["check"].items():
            if column not in schemas.columns("patients"):
                yield (
                    f"{place}/check", f"no column {column!r} in patients", "See workflow/schemas/cleaning/patients.yaml"
                )  # fmt: skip
            if "column" not in check:
                yield f"{place}/check/{column}", "a check reads one raw column", "Write `column`"


def _file_faults(export_map: dict) -> Found:
    for name, entry in export_map["files"].items():
        if entry.get("field_options", name) not in export_map["files"]:
            yield f"files/{name}", f"no file {entry['field_options']!r}", NAME_A_FILE


def _source_faults(source: dict, place: str, export_map: dict) -> Found:
    for file in (source["file"], source.get("join", source)["file"]):
        if file not in export_map["files"]:
            yield place, f"no file {file!r}", NAME_A_FILE


def _entry_faults(column: str, entry: dict, place: str, export_map: dict) -> Found:
    several = [
        key for key in ("column", "columns", "any_of") if key in entry or (key == "any_of" and "none_of" in entry)
    ]
    if len(several) > 1:
        yield place, f"{' and '.join(several)} together", "Name the raw columns in one way"
    if "see" in entry and "column" not in entry:
        yield place, "`see` without `column`", "Name the column whose text refers to another one"
    if "key" in entry and entry["key"] not in export_map.get("patient_keys", {}):
        yield place, f"no patient key {entry['key']!r}", "Name an entry of `patient_keys`"
    if "key" in entry and column != "patient_id":
        yield place, "a key is applied to patient_id alone", "Declare the key there"
    if column in NEVER_IMPUTED and "partial" in entry:
        yield place, "this date is never completed", "Remove `partial`"
    for form in [*declared(entry, "date"), *declared(entry, "time")]:
        if "%" not in form and (form != EXCEL_SERIAL or "time" in entry):
            yield (
                place,
                f"{form!r} is no form",
                "Day %d, month %m (%b: Jan), year %Y (%y: 20), hour %H, minute %M, second %S",
            )


def _unit_faults(entry: dict, field: dict, place: str) -> Found:
    """A unit that cannot be converted to the unit of the column."""
    known = units.FACTORS.get(field.get("unit"), {})
    if known and "unit" in entry and entry["unit"] not in known:
        yield place, f"the unit {entry['unit']!r} is not known here", f"Allowed: {', '.join(known)}"


def _level_faults(entry: dict, field: dict, place: str) -> Found:
    """Levels of `codes`, `words` and `otherwise` that the column does not have."""
    levels, is_boolean = field.get("constraints", {}).get("enum", []), field["type"] == "boolean"
    if "words" in entry and not levels:
        yield place, "`words` for a column without levels", "Use `codes`"
    if not levels and not is_boolean:
        return
    known = {*BOOLEANS} if is_boolean else {level.casefold() for level in levels}
    known |= set() if is_boolean else {*vocabulary(entry.get("vocabulary", field["name"])), *entry.get("words", {})}
    for key in ("codes", "words"):
        for word, level in entry.get(key, {}).items():
            if level is not None and " ".join(level.casefold().split()) not in known:
                yield f"{place}/{key}/{word}", f"{level!r} is no level", _allowed(levels)
    if "otherwise" in entry and entry["otherwise"].casefold() not in known:
        yield f"{place}/otherwise", f"{entry['otherwise']!r} is no level", _allowed(levels)


def _allowed(levels: list[str]) -> str:
    return f"Allowed: {', '.join(levels) or BOOLEANS_IN_WORDS}"


def _word_faults(words: dict) -> Found:
    """Words of the whole map that lead to no level, and lists of words for no column."""
    columns = {field["name"]: field for table in TABLES for field in schemas.fields(table).values()}
    levels = {
        name: field["constraints"]["enum"] for name, field in columns.items() if "enum" in field.get("constraints", {})
    }
    for word, level in words.items():
        if isinstance(level, str) and not any(level in some for some in levels.values()):
            near = get_close_matches(level, {one for some in levels.values() for one in some}, n=1)
            yield f"words/{word}", f"no column has the level {level!r}", f"Did you mean {near[0]!r}?" if near else ""
        if isinstance(level, dict) and word not in levels and not vocabulary(word):
            yield (
                f"words/{word}",
                "neither a column with levels nor a vocabulary",
                f"Allowed: {', '.join(sorted(levels))}",
            )
