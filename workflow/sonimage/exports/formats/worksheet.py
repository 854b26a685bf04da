"""Excel worksheets (xlsx): named sheets, a declared header line, values only."""

import datetime
from typing import BinaryIO
from zipfile import BadZipFile

import openpyxl
import pandas as pd

from sonimage.exports.formats import archive
from sonimage.exports.sources import from_file, pile
from sonimage.faults import Fault, FaultError

# Kinds of cell as openpyxl names them. A text that begins with an equals sign is text: Castor's lists of operators have it.
FAULTY_CELLS = {
    "f": ("a formula", "Paste values instead of formulas"),
    "e": ("an error of Excel", "Enter the value, or empty the cell"),
}


def read(content: BinaryIO, name: str, entry: dict) -> pd.DataFrame:
    """Read one sheet, or several of the same columns, as text; a date cell becomes an ISO date.

    A sheet named in the map shows in `source_file`, as in `trials.xlsx#Study1`. Formula cells are faults.
    """
    archive.check(content, name)
    try:
        book = openpyxl.load_workbook(content, read_only=True, data_only=False, keep_links=False)
    except (BadZipFile, KeyError, OSError):
        remedy = "Save it as .xlsx (no macros, no password)"
        raise FaultError([Fault(name, None, None, "not a readable Excel workbook", remedy)]) from None
    sheets = entry.get("sheets") or [entry.get("sheet", book.sheetnames[0])]
    absent = [sheet for sheet in sheets if sheet not in book.sheetnames]
    if absent:
        remedy = f"The workbook has {', '.join(book.sheetnames)}"
        raise FaultError([Fault(name, None, None, f"no sheet {sheet!r}", remedy) for sheet in absent])
    is_named = "sheets" in entry or "sheet" in entry
    parts = [
        _read_sheet(book[sheet], f"{name}#{sheet}" if is_named else name, entry.get("header_row", 1))
        for sheet in sheets
    ]
    return pile(parts)


def _read_sheet(sheet, label: str, header_row: int) -> pd.DataFrame:
    rows = list(sheet.iter_rows())
    if len(rows) < header_row:
        raise FaultError([Fault(label, header_row, None, "no header line", "Check `header_row` in the export map")])
    header = [_text(cell.value) for cell in rows[header_row - 1]]
    while header and header[-1] == "":
        header.pop()
    faults, records = [], []
    for row, cells in enumerate(rows[header_row:], start=header_row + 1):
        texts = [_text(cell.value) for cell in cells]
        if any(texts):
            records.append((row, (texts + [""] * len(header))[: len(header)]))
        faults += _cell_faults(cells, texts, header, label, row)
    if len(set(header)) < len(header):
        faults.append(Fault(label, header_row, None, "a column name occurs twice or is empty", "Name each column once"))
    if faults:
        raise FaultError(faults)
    frame = pd.DataFrame([cells for _, cells in records], columns=header, dtype=object)
    return from_file(frame, label, [row for row, _ in records])


def _cell_faults(cells, texts: list[str], header: list[str], label: str, row: int) -> list[Fault]:
    faults = [
        Fault(label, row, column, *FAULTY_CELLS[cell.data_type])
        for column, cell in zip(header, cells, strict=False)
        if cell.data_type in FAULTY_CELLS
    ]
    if any(texts[len(header) :]):
        faults.append(Fault(label, row, None, "a value outside the named columns", "Name or empty that column"))
    return faults


def _text(cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(sep=" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
