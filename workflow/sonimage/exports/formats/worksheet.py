"""Worksheets of Excel (.xlsx, .xls) and OpenDocument (.ods): named sheets, a declared header line, values only."""

from typing import BinaryIO

import pandas as pd

from sonimage.exports.formats import archive, ods_cells, xls_cells, xlsx_cells
from sonimage.exports.formats.sheet_tables import table_of
from sonimage.exports.sources import pile
from sonimage.faults import Fault, FaultError

OLD_EXCEL, ARCHIVE = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"PK",
)  # how the files begin; a locked xlsx begins like an old one


def read(content: BinaryIO, name: str, entry: dict) -> pd.DataFrame:
    """Read one sheet, or several of the same columns, as text; a date cell becomes an ISO date.

    A sheet named in the map shows in `source_file`, as in `trials.xlsx#Study1`. Formulas in columns that the map names are
    faults, unless the entry says `formulas: values`; those of other columns are nobody's business.
    """
    book = open_workbook(content, name)
    sheets = entry.get("sheets") or [entry.get("sheet", book.sheet_names[0])]
    absent = [sheet for sheet in sheets if sheet not in book.sheet_names]
    if absent:
        remedy = f"The workbook has {', '.join(book.sheet_names)}"
        raise FaultError([Fault(name, None, None, f"no sheet {sheet!r}", remedy) for sheet in absent])
    is_named = "sheets" in entry or "sheet" in entry
    return pile([_read_sheet(book, sheet, f"{name}#{sheet}" if is_named else name, entry) for sheet in sheets])


def open_workbook(content: BinaryIO, name: str):
    """The workbook by what the file is, whatever its name says: hospitals call texts and new workbooks .xls."""
    start = content.read(len(OLD_EXCEL))
    content.seek(0)
    if start == OLD_EXCEL:
        return xls_cells.Workbook(content, name)
    if start.startswith(ARCHIVE) or name.lower().endswith(".xlsx"):
        members = {member.filename for member in archive.check(content, name)}
        return (ods_cells if "content.xml" in members else xlsx_cells).Workbook(content, name)
    rule = "not a workbook: the file is text" if b"\0" not in content.read(1000) else "not a readable workbook"
    raise FaultError([Fault(name, None, None, rule, "Save it as .xlsx, or declare its `format` in the export map")])


def _read_sheet(book, sheet: str, label: str, entry: dict) -> pd.DataFrame:
    """One sheet as text; what it hides is read too and noted in `attrs`."""
    rows = book.rows(sheet, take_results=entry.get("formulas") == "values")
    table = table_of(rows, label, entry | {"is_1904": book.is_1904})
    hidden = book.hidden(sheet, len(rows), max(map(len, rows), default=0))
    table.attrs["notes"] = {label: f"read, hidden parts too: {', '.join(hidden)}"} if hidden else {}
    return table
