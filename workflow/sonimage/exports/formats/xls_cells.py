"""Cells of an old Excel workbook (.xls), read by xlrd: values, formulas with their stored results, hidden parts."""

import struct
from typing import BinaryIO

import xlrd
from openpyxl.utils import get_column_letter

from sonimage.exports.formats.cells import Unusable
from sonimage.exports.formats.hidden_parts import listed
from sonimage.faults import Fault, FaultError

FORMULAS, BEGIN, END = (0x0006, 0x0206, 0x0406), 0x0809, 0x000A  # records of the sheet's stream


class Workbook:
    """An open workbook: the names of its sheets, whether it counts days from 1904, and the cells of a sheet."""

    def __init__(self, content: BinaryIO, name: str):
        """Open the workbook; raises FaultError with words for people."""
        try:
            self._book = xlrd.open_workbook(
                file_contents=content.read(), on_demand=True, formatting_info=True, ragged_rows=True
            )
            self.sheet_names = self._book.sheet_names()
        except Exception:  # xlrd raises a dozen kinds for a file that is none
            remedy = "Save it as .xlsx without a password"
            raise FaultError([Fault(name, None, None, "not a readable Excel workbook (.xls)", remedy)]) from None
        self.is_1904 = self._book.datemode == 1

    def rows(self, sheet: str, *, take_results: bool) -> list[list]:
        """The values of all cells of a sheet, line by line; with `take_results` stored results instead of formulas."""
        page = self._book.sheet_by_name(sheet)
        rows = [[_value(cell, self._book.datemode) for cell in page.row(number)] for number in range(page.nrows)]
        if not take_results:
            for row, column in self._formulas(sheet):
                rows[row][column] = Unusable.FORMULA
        return rows

    def _formulas(self, sheet: str) -> list[tuple[int, int]]:
        """Row and column of each formula: xlrd keeps no more than its result, so the sheet's records are looked through."""
        stream, place = self._book.mem, self._book._sh_abs_posn[self.sheet_names.index(sheet)]
        found, depth = [], 0
        while place + 4 <= len(stream):
            kind, length = struct.unpack_from("<HH", stream, place)
            depth += (kind == BEGIN) - (kind == END)
            if depth == 0:
                break
            if kind in FORMULAS and depth == 1:
                found.append(struct.unpack_from("<HH", stream, place + 4))
            place += 4 + length
        return found

    def hidden(self, sheet: str, height: int, width: int) -> list[str]:
        """What Excel does not show of the first `height` rows and `width` columns of a sheet, in words, the sheet itself too."""
        page = self._book.sheet_by_name(sheet)
        rows = [row + 1 for row, found in sorted(page.rowinfo_map.items()) if found.hidden and row < height]
        columns = [column for column, found in sorted(page.colinfo_map.items()) if found.hidden and column < width]
        letters = [get_column_letter(column + 1) for column in columns]
        shown = [listed(word, names) for word, names in (("row", rows), ("column", letters)) if names]
        return ["the sheet"] * (page.visibility != 0) + shown


def _value(cell, datemode: int):
    match cell.ctype:
        case xlrd.XL_CELL_ERROR:
            return Unusable.ERROR
        case xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        case xlrd.XL_CELL_DATE:
            return _moment(cell.value, datemode)
    return cell.value


def _moment(number: float, datemode: int):
    """The day or time of a date cell; the number itself where it is none, which no column reads."""
    try:
        moment = xlrd.xldate_as_datetime(number, datemode)
    except (ValueError, OverflowError):
        return number
    return moment.time() if 0 <= number < 1 else moment
