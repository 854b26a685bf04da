"""Delimited text: Castor, REDCap, LIFEx, SDTM as CSV and plain tables."""

import csv
from collections import Counter
from io import StringIO
from pathlib import Path

import pandas as pd

from sonimage.faults import Fault, FaultError

DELIMITERS = (",", ";", "\t", "|")


def read(path: Path, name: str, entry: dict) -> pd.DataFrame:
    """Read the file as text after its field counts were checked line by line.

    pandas alone shifts every column when data lines carry one delimiter too many (pandas #14124),
    so the lines are parted by the csv module first.
    """
    text = _decode(path.read_bytes(), name, entry.get("encoding", "utf-8"))
    records = _records(text, name, entry.get("delimiter", ","))
    header_row = entry.get("header_row", 1)
    titled = [(row, cells) for row, cells in records if row >= header_row and cells]
    if not titled:
        raise FaultError([Fault(name, header_row, None, "no header line", "Export the file again")])
    header, body = [cell.strip() for cell in titled[0][1]], titled[1:]
    header, body = _without_trailing_cell(header, body, entry.get("trailing_empty_column", False))
    faults = _header_faults(header, name, header_row, entry.get("delimiter", ","))
    faults += [
        Fault(
            name,
            row,
            None,
            f"{len(cells)} fields where the header has {len(header)}",
            "Mend or re-export the file",
        )
        for row, cells in body
        if len(cells) != len(header)
    ]
    if faults:
        raise FaultError(faults)
    frame = pd.DataFrame([cells for _, cells in body], columns=header, dtype=object)
    return frame.apply(lambda column: column.str.strip()).assign(source_file=name, source_row=[row for row, _ in body])


def _decode(data: bytes, name: str, encoding: str) -> str:
    if not data.strip():
        raise FaultError([Fault(name, None, None, "the file is empty", "Export the file again, with its header line")])
    if b"\0" in data:
        row = data[: data.index(b"\0")].count(b"\n") + 1
        raise FaultError([Fault(name, row, None, "a NUL byte", "The file is damaged or UTF-16: export it as UTF-8")])
    try:
        return data.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        remedy = "Export as UTF-8, or declare `encoding: cp1252` for this file in the export map"
        raise FaultError([Fault(name, row, None, f"not {encoding}", remedy)]) from None


def _records(text: str, name: str, delimiter: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records, first_line = [], 1
    try:
        for cells in reader:
            records.append((first_line, cells))
            first_line = reader.line_num + 1
    except csv.Error as error:
        raise FaultError(
            [Fault(name, first_line, None, f"unreadable quoting ({error})", "Re-export the file")]
        ) from None
    return records


def _without_trailing_cell(header: list[str], body: list, is_declared: bool) -> tuple[list[str], list]:
    """Drop the empty last cell of Castor's repeating forms; the header may or may not have it."""
    if not is_declared:
        return header, body
    named = header[:-1] if header[-1] == "" else header
    width = len(named) + 1
    return named, [(row, cells[:-1] if len(cells) == width and cells[-1] == "" else cells) for row, cells in body]


def _header_faults(header: list[str], name: str, row: int, delimiter: str) -> list[Fault]:
    faults = [
        Fault(
            name,
            row,
            column or "(no name)",
            "column name occurs twice or is empty",
            "Give each column one name",
        )
        for column, count in Counter(header).items()
        if count > 1 or column == ""
    ]
    if len(header) == 1:
        likely = max(DELIMITERS, key=header[0].count)
        if header[0].count(likely):
            remedy = f"The header looks parted by {likely!r}: declare `delimiter: {likely!r}` in the export map"
            faults.append(Fault(name, row, None, f"wrong delimiter {delimiter!r}", remedy))
    return faults
