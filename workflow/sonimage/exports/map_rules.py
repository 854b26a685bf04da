"""What a map must keep beyond its schema: names that lead somewhere, forms that can be read, settings that a rule allows."""

from collections.abc import Iterator

from sonimage import schemas
from sonimage.exports.named_columns import declared
from sonimage.faults import Fault

# RECIST 1.1 and the record count days from these; an invented day would move an endpoint unseen.
NEVER_IMPUTED = ("randomisation_date", "scan_date")
EXCEL_SERIAL = "excel_serial"
NAME_A_FILE = "Name an entry of `files`"


def rule_faults(export_map: dict, path: str) -> list[Fault]:
    """Every fault of a map that its schema cannot find; `export_map`: with its shorthands written out."""
    found = [*_key_faults(export_map), *_file_faults(export_map)]
    for table, sources in export_map["tables"].items():
        for source in sources:
            found += _source_faults(source, f"tables/{table}", export_map)
            for column, entry in source["columns"].items():
                found += _entry_faults(column, entry, f"tables/{table}/{column}", export_map)
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
    if "key" in entry and entry["key"] not in export_map.get("patient_keys", {}):
        yield place, f"no patient key {entry['key']!r}", "Name an entry of `patient_keys`"
    if column in NEVER_IMPUTED and "partial" in entry:
        yield place, "this date is never completed", "Remove `partial`"
    for form in [*declared(entry, "date"), *declared(entry, "time")]:
        if "%" not in form and (form != EXCEL_SERIAL or "time" in entry):
            yield (
                place,
                f"{form!r} is no form",
                "Day %d, month %m (%b: Jan), year %Y (%y: 20), hour %H, minute %M, second %S",
            )
