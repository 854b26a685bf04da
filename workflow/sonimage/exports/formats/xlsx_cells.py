"""Cells of an xlsx workbook, read by openpyxl: values, formulas and their stored results, hidden parts."""

import re
from collections.abc import Iterable
from typing import BinaryIO
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from sonimage.exports.formats import archive
from sonimage.exports.formats.cells import Unusable
from sonimage.exports.formats.hidden_parts import listed
from sonimage.faults import Fault, FaultError

# Rows and columns that are marked as hidden
HIDDEN = re.compile(rb'<(?:\w+:)?(row|col)\b([^>]*\bhidden="(?:1|true)"[^>]*)>')


class Workbook:
    """An open workbook: the names of its sheets, whether it counts days from 1904, and the cells of a sheet."""

    def __init__(self, content: BinaryIO, name: str):
        """Open the workbook after its archive was checked; raises FaultError with words for people."""
        archive.check(content, name)
        self._content, self._name = content, name
        self._book = self._open(results=False)
        self.sheet_names = self._book.sheetnames
        self.is_1904 = self._book.epoch == CALENDAR_MAC_1904

    def _open(self, *, results: bool):
        self._content.seek(0)
        try:
            return openpyxl.load_workbook(self._content, read_only=True, data_only=results, keep_links=False)
        except (BadZipFile, KeyError, OSError):
            remedy = "Save it as .xlsx (no macros, no password)"
            raise FaultError([Fault(self._name, None, None, "not a readable Excel workbook", remedy)]) from None

    def rows(self, sheet: str, *, take_results: bool) -> list[list]:
        """The values of all cells of a sheet, line by line; with `take_results` stored results instead of formulas."""
        rows = [[_value(cell) for cell in cells] for cells in self._book[sheet].iter_rows()]
        if take_results and any(value is Unusable.FORMULA for values in rows for value in values):
            stored = self._open(results=True)[sheet].iter_rows()
            rows = [_with_results(values, cells) for values, cells in zip(rows, stored, strict=True)]
        return rows

    def hidden(self, sheet: str, height: int, width: int) -> list[str]:
        """What Excel does not show of the first `height` rows and `width` columns of a sheet, in words, the sheet itself too."""
        page = self._book[sheet]
        with self._book._archive.open(page._worksheet_path) as content:
            tags = HIDDEN.findall(content.read())
        rows = [_attribute(tag, b"r") for kind, tag in tags if kind == b"row"]
        spans = [(_attribute(tag, b"min"), _attribute(tag, b"max")) for kind, tag in tags if kind == b"col"]
        rows = [row for row in rows if 0 < row <= height]
        columns = [get_column_letter(one) for low, high in spans for one in range(low, min(high, width) + 1)]
        shown = [listed(words, found) for words, found in (("row", rows), ("column", columns)) if found]
        return ["the sheet"] * (page.sheet_state != "visible") + shown


def _attribute(tag: bytes, name: bytes) -> int:
    found = re.search(rb'\b%s="(\d+)"' % name, tag)
    return int(found[1]) if found else 0


def _value(cell):
    return {"f": Unusable.FORMULA, "e": Unusable.ERROR}.get(cell.data_type, cell.value)


def _with_results(values: list, stored: Iterable) -> list:
    """One row with the stored result in place of each formula; a stored empty text is a result, nothing is none."""
    return [_result(cell) if value is Unusable.FORMULA else value for value, cell in zip(values, stored, strict=True)]


def _result(cell):
    if cell.value is None:
        return "" if cell.data_type == "str" else Unusable.NO_RESULT
    return _value(cell)
