"""Workbooks: the sheets that hold a table, their header lines, and which cells are numbers and dates."""

import datetime
from io import BytesIO
from itertools import zip_longest

import pandas as pd

from sonimage.checks.drafting.columns.contents import Cells
from sonimage.checks.drafting.layouts.headers import find_header
from sonimage.checks.drafting.layouts.raw_tables import RawTable, of_frame
from sonimage.exports.formats import worksheet
from sonimage.exports.formats.cells import Unusable
from sonimage.exports.formats.sheet_tables import table_of
from sonimage.faults import FaultError


def read(data: bytes, label: str, entry: dict) -> list[RawTable]:
    """Return the tables of a workbook, one for each sheet with a header; sheets of the same columns as the first of them.

    Raises FaultError if the workbook cannot be opened.
    """
    book = worksheet.open_workbook(BytesIO(data), label)
    found = [table for sheet in book.sheet_names if (table := _read_sheet(book, sheet, label, entry))]
    return found


def _read_sheet(book, sheet: str, label: str, entry: dict) -> RawTable | None:
    rows = book.rows(sheet, take_results=False)
    header = find_header(rows)
    if header is None:
        return None
    settings = entry | {"sheet": sheet} | ({"header_row": header + 1} if header else {})
    if any(cell is Unusable.FORMULA for line in rows for cell in line):
        settings["formulas"], rows = "values", book.rows(sheet, take_results=True)
    place = f"{label} {sheet}"
    try:
        frame = table_of(rows, label, settings | {"columns": {}, "is_1904": book.is_1904})
    except FaultError as error:
        return of_frame("", settings, place, None, [f"{fault.rule} (row {fault.row})" for fault in error.faults[:1]])
    table = of_frame("", settings, place, frame, [])
    names = [str(cell).strip() if cell is not None else "" for cell in rows[header]]
    typed = [rows[number - 1] for number in frame["source_row"]]
    columns = dict(zip(names, zip_longest(*typed), strict=False)) if typed else {}
    return table._replace(cells={name: _cells(table.frame[name], columns.get(name, ())) for name in table.frame})


def _cells(texts: pd.Series, values: tuple) -> Cells:
    """The cells of one column: the texts that were written as text, the numbers and the number of dates."""
    kinds = [_kind(value) for value in values]
    written = texts.where(pd.Series([kind == "text" for kind in kinds], index=texts.index, dtype=bool), "")
    numbers = [float(value) for value, kind in zip(values, kinds, strict=True) if kind == "number"]
    return Cells(written, pd.Series(numbers, dtype=float), kinds.count("date"))


def _kind(value) -> str:
    if isinstance(value, datetime.date | datetime.datetime):
        return "date"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else "text"
