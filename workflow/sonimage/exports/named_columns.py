"""The raw columns that an export map names, and how it says that their text is read."""

from collections.abc import Iterator

from sonimage import schemas
from sonimage.exports.vocabularies import declared_missing

BOXES = {"0", "1"}


def raw_columns(entry: dict) -> list[str]:
    """Raw columns that one column entry of a source reads, in its order."""
    named = [entry["column"]] if "column" in entry else []
    for key in ("columns", "any_of", "none_of"):
        named += entry.get(key, [])
    return list(dict.fromkeys([*named, *entry.get("see", {}).values()]))


def required_of(entry: dict) -> list[str]:
    """Raw columns that one column entry cannot do without."""
    return [] if entry.get("optional") else raw_columns(entry)


def column_entries(export_map: dict, file: str) -> Iterator[tuple[str, str, str, dict]]:
    """Yield raw column, table, our column and its entry for whatever reads a column of an entry of `files`."""
    for table, sources in export_map["tables"].items():
        for source in sources:
            joined = source.get("join", {"file": None, "take": []})
            for name, entry in source["columns"].items():
                for column in raw_columns(entry):
                    if file == (joined["file"] if column in joined["take"] else source["file"]):
                        yield column, table, name, entry
    for key in export_map.get("patient_keys", {}).values():
        for name, entry in key.get("check", {}).items() if key["file"] == file else ():
            yield entry["column"], "patients", name, entry


def declared_forms(export_map: dict, file: str) -> dict[str, dict[str, set[str]]]:
    """Raw column -> the decimal marks, date forms and codes by which the map reads its text; see `formats.cells`."""
    forms = {}
    for column, table, name, entry in column_entries(export_map, file):
        found = forms.setdefault(column, {"decimals": set(), "dates": set(), "codes": set()})
        type_ = field_of(table, name)["type"]
        if type_ in ("number", "integer"):
            found["decimals"].add(entry.get("decimal", "."))
        found["dates"] |= set(date_forms(entry)) if type_ == "date" else set()
        found["codes"] |= {*entry.get("codes", {}), *entry.get("see", {}), *declared_missing(entry)}
        found["codes"] |= BOXES if "any_of" in entry or "none_of" in entry else set()
    return forms


def declared(entry: dict, key: str) -> list[str]:
    """The forms that a column entry declares under `date` or `time`, one or several."""
    forms = entry.get(key, [])
    return [forms] if isinstance(forms, str) else forms


def date_forms(entry: dict) -> list[str]:
    """Date forms by which a column is read."""
    return declared(entry, "date") or ["%Y-%m-%d"]


def field_of(table: str, column: str) -> dict:
    """The schema's field of one of our columns; of one that only serves `compose`, that of the table it is named in first."""
    for name in (table, "scans", "patients", "lesions"):
        if column in schemas.fields(name):
            return schemas.fields(name)[column]
    return {"name": column, "type": "string"}
