"""Adapters, one per file format: each reads one raw file strictly into text.

An adapter is a function `read(content, name, entry)`: the open file, its name below the raw folder, its entry in the
map. It returns one row per record with the raw headers as columns, every cell as text ("" where empty), and
`source_file` and `source_row`; it raises FaultError with all faults of the file. To add a format, write a module with
such a function and name it in `ADAPTERS`.
"""

from functools import partial
from pathlib import PurePosixPath

from sonimage.exports.formats import dataset_json, delimited, dicom, dicom_sr, statistical, transport, worksheet
from sonimage.faults import Fault

ADAPTERS = {
    "delimited": delimited.read,
    "worksheet": worksheet.read,
    "spss": partial(statistical.read, kind="spss"),
    "stata": partial(statistical.read, kind="stata"),
    "sas": partial(statistical.read, kind="sas"),
    "transport": transport.read,
    "dataset_json": dataset_json.read,
    "dicom": dicom.read,
    "dicom_sr": dicom_sr.read,
}
BY_ENDING = {
    ".xlsx": "worksheet",
    ".xls": "worksheet",
    ".ods": "worksheet",
    ".sav": "spss",
    ".zsav": "spss",
    ".dta": "stata",
    ".sas7bdat": "sas",
    ".xpt": "transport",
    ".json": "dataset_json",
    ".ndjson": "dataset_json",
    ".dcm": "dicom",
}


TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".tab", ".dat", ".asc", "")


def unknown_ending(name: str, entry: dict) -> list[Fault]:
    """A fault where no adapter knows the ending of a name and the map declares no format: which endings are known."""
    ending = PurePosixPath(name).suffix.lower()
    if "format" in entry or ending in BY_ENDING or ending in TEXT_ENDINGS:
        return []
    known = ", ".join([*filter(None, TEXT_ENDINGS), *BY_ENDING])
    remedy = f"Known are {known}: save it as one of these, or declare its `format` in the export map"
    return [Fault(name, None, None, f"no format is known for the ending {ending}", remedy)]


def format_of(name: str, entry: dict) -> str:
    """The format that the map declares, or else the one of the name's ending; delimited text by default."""
    return entry.get("format") or BY_ENDING.get(PurePosixPath(name).suffix.lower(), "delimited")
