"""Adapters, one per file format: each reads one raw file strictly into text.

An adapter is a function `read(content, name, entry)`: the open file, its name below the raw folder, its entry in the
map. It returns one row per record with the raw headers as columns, every cell as text ("" where empty), and
`source_file` and `source_row`; it raises FaultError with all faults of the file. To add a format, write a module with
such a function and name it in `ADAPTERS`.
"""

from pathlib import PurePosixPath

from sonimage.exports.formats import dataset_json, delimited, dicom, dicom_sr, transport, worksheet

ADAPTERS = {
    "delimited": delimited.read,
    "worksheet": worksheet.read,
    "transport": transport.read,
    "dataset_json": dataset_json.read,
    "dicom": dicom.read,
    "dicom_sr": dicom_sr.read,
}
BY_ENDING = {
    ".xlsx": "worksheet",
    ".xpt": "transport",
    ".json": "dataset_json",
    ".ndjson": "dataset_json",
    ".dcm": "dicom",
}


def format_of(name: str, entry: dict) -> str:
    """The format that the map declares, or else the one of the name's ending; delimited text by default."""
    return entry.get("format") or BY_ENDING.get(PurePosixPath(name).suffix.lower(), "delimited")
