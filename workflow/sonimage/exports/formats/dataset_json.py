"""CDISC Dataset-JSON 1.1: one JSON object (.json), or metadata and then one row a line (.ndjson)."""

import json
from typing import BinaryIO

import pandas as pd

from sonimage.exports.formats.cells import Forms, forms_of, with_mark
from sonimage.exports.sources import from_file
from sonimage.faults import Fault, FaultError

VERSION = "1.1"
MEMBERS = ("datasetJSONVersion", "records", "columns")


def read(content: BinaryIO, name: str, entry: dict) -> pd.DataFrame:
    """Read the dataset as text; `source_row` is the line of an .ndjson, else it counts as if a header stood above.

    Source: Dataset-JSON v1.1 specification and its JSON Schemas.
    """
    text = _decode(content.read(), name)
    metadata, rows = _read_lines(text, name) if name.lower().endswith(".ndjson") else _read_object(text, name)
    faults = _metadata_faults(metadata, name)
    if faults:
        raise FaultError(faults)
    columns = [column.get("name", "") for column in metadata["columns"]]
    faults = _shape_faults(metadata, columns, rows, name)
    if faults:
        raise FaultError(faults)
    forms = [forms_of(entry, column) for column in columns]
    texts = [[_text(cell, form) for cell, form in zip(row, forms, strict=True)] for row in rows]
    return from_file(pd.DataFrame(texts, columns=columns, dtype=object), name, range(2, len(rows) + 2))


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FaultError([Fault(name, None, None, "not UTF-8", "Dataset-JSON is UTF-8: export it again")]) from None


def _parse(text: str, name: str, row: int | None):
    def refuse(_token: str):
        raise ValueError

    try:
        return json.loads(text, parse_constant=refuse)
    except ValueError:
        rule, remedy = "not readable as JSON, or cut off", "Export the file again"
        raise FaultError([Fault(name, row, None, rule, remedy)]) from None


def _read_object(text: str, name: str) -> tuple[dict, list]:
    metadata = _parse(text, name, None)
    return metadata, metadata.get("rows") or [] if isinstance(metadata, dict) else []


def _read_lines(text: str, name: str) -> tuple[dict, list]:
    lines = text.splitlines() or [""]
    return _parse(lines[0], name, 1), [
        _parse(line, name, number) for number, line in enumerate(lines[1:], start=2) if line.strip()
    ]


def _metadata_faults(metadata, name: str) -> list[Fault]:
    if not isinstance(metadata, dict):
        return [Fault(name, 1, None, "no Dataset-JSON object", "Is it the right file?")]
    absent = [member for member in MEMBERS if member not in metadata]
    faults = [Fault(name, 1, member, "absent", "Dataset-JSON 1.1 requires it: export again") for member in absent]
    if "datasetJSONVersion" not in absent and not str(metadata["datasetJSONVersion"]).startswith(VERSION):
        faults.append(Fault(name, 1, "datasetJSONVersion", f"not version {VERSION}", f"Export as version {VERSION}"))
    return faults


def _shape_faults(metadata: dict, columns: list[str], rows: list, name: str) -> list[Fault]:
    faults = []
    if len(set(columns)) < len(columns) or "" in columns:
        faults.append(Fault(name, 1, None, "a column name occurs twice or is empty", "Give each column one name"))
    faults += [
        Fault(name, number, None, f"not a row of {len(columns)} values", "Export the file again")
        for number, row in enumerate(rows, start=2)
        if not isinstance(row, list) or len(row) != len(columns)
    ]
    if metadata["records"] != len(rows):
        rule = f"{len(rows)} rows where `records` says {metadata['records']}"
        faults.append(Fault(name, None, "records", rule, "The file is cut off or was edited: export it again"))
    return faults


def _text(cell, forms: Forms) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return with_mark(f"{cell:.15g}", forms) if isinstance(cell, float) else str(cell).strip()
