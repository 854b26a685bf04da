"""Excel worksheets (xlsx): named sheets, a declared header line, values only."""

import datetime
from pathlib import Path
from zipfile import BadZipFile

import openpyxl
import pandas as pd

from sonimage.faults import Fault, FaultError


def read(path: Path, name: str, entry: dict) -> pd.DataFrame:
    """Read one sheet, or several of the same columns, as text; a date cell becomes an ISO date.

    With several sheets `source_file` carries the sheet, as in `trials.xlsx#Study1`. Formula cells are faults.
    """
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (BadZipFile, KeyError, OSError):
        remedy = "Save it as .xlsx (no macros, no password)"
        raise FaultError([Fault(name, None, None, "not a readable Excel workbook", remedy)]) from None
    sheets = entry.get("sheets") or [entry.get("sheet", book.sheetnames[0])]
    absent = [sheet for sheet in sheets if sheet not in book.sheetnames]
    if absent:
        remedy = f"The workbook has {', '.join(book.sheetnames)}"
        raise FaultError([Fault(name, None, None, f"no sheet {sheet!r}", remedy) for sheet in absent])
    labels = {sheet: f"{name}#{sheet}" if len(sheets) > 1 else name for sheet in sheets}
    parts = [_read_sheet(book[sheet], labels[sheet], entry.get("header_row", 1)) for sheet in sheets]
    return pd.concat(parts, ignore_index=True)


def _read_sheet(sheet, label: str, header_row: int) -> pd.DataFrame:
    rows = list(sheet.iter_rows(values_only=True))
    if len(rows) < header_row:
        raise FaultError([Fault(label, header_row, None, "no header line", "Check `header_row` in the export map")])
    header = [_text(cell) for cell in rows[header_row - 1]]
    while header and header[-1] == "":
        header.pop()
    faults, records = [], []
    for row, cells in enumerate(rows[header_row:], start=header_row + 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            records.append((row, texts[: len(header)]))
        faults += _cell_faults(texts, header, label, row)
    if len(set(header)) < len(header):
        faults.append(Fault(label, header_row, None, "a column name occurs twice or is empty", "Name each column once"))
    if faults:
        raise FaultError(faults)
    frame = pd.DataFrame([cells for _, cells in records], columns=header, dtype=object)
    return frame.assign(source_file=label, source_row=[row for row, _ in records])


def _cell_faults(texts: list[str], header: list[str], label: str, row: int) -> list[Fault]:
    formulas = [
        Fault(label, row, column, "a formula", "Paste values instead of formulas")
        for column, text in zip(header, texts, strict=False)
        if text.startswith("=")
    ]
    beyond = any(texts[len(header) :])
    return (
        formulas + [Fault(label, row, None, "a value outside the named columns", "Name or empty that column")] * beyond
    )


def _text(cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(sep=" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
