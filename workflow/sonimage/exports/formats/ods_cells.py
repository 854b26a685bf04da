"""Cells of an OpenDocument spreadsheet (.ods): values, formulas with their stored results, hidden parts."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import BinaryIO
from xml.etree import ElementTree
from zipfile import ZipFile

from openpyxl.utils import get_column_letter

from sonimage.exports.formats import archive
from sonimage.exports.formats.cells import Unusable
from sonimage.exports.formats.hidden_parts import listed
from sonimage.faults import Fault, FaultError

URN = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TABLE, OFFICE, TEXT, STYLE = (URN % name for name in ("table", "office", "text", "style"))
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
GROUPS = {TABLE + name for name in ("table-header-rows", "table-rows", "table-row-group", "table-columns",
                                    "table-header-columns", "table-column-group")}  # fmt: skip
ERRORS = re.compile(r"#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:\d+")
DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
# A row or cell says how often it is repeated, empty ones to the end of the sheet.
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 2**21, 2**15, 20_000_000
MOST_BYTES = 2**28  # the whole text of the sheets is read at once


class Workbook:
    """An open spreadsheet: the names of its sheets and the cells of a sheet."""

    is_1904 = False  # dates are written as days

    def __init__(self, content: BinaryIO, name: str):
        """Open the spreadsheet after its archive was checked; raises FaultError with words for people."""
        self._name = name
        members = {member.filename: member.file_size for member in archive.check(content, name)}
        refused = FaultError(
            [Fault(name, None, None, "not a readable spreadsheet (.ods)", "Save it again without a password")]
        )
        if "content.xml" not in members:
            raise refused
        if members["content.xml"] > MOST_BYTES:
            raise self._too_large()
        with ZipFile(content) as container:
            text = container.read("content.xml")
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text[:4]:
            raise refused
        try:
            root = ElementTree.fromstring(text)
        except ElementTree.ParseError:
            raise refused from None
        self._root = root
        self._sheets = {
            sheet.get(TABLE + "name"): sheet for sheet in root.iterfind(f".//{OFFICE}spreadsheet/{TABLE}table")
        }
        self.sheet_names = list(self._sheets)

    def rows(self, sheet: str, *, take_results: bool) -> list[list]:
        """The values of all cells of a sheet, line by line; with `take_results` stored results instead of formulas."""
        rows, size = [], 0
        for row in _parts(self._sheets[sheet], "table-row"):
            values = self._values(row, take_results)
            times = int(row.get(TABLE + "number-rows-repeated", 1))
            size += len(values) * times
            if size > MOST_CELLS or len(rows) + times > MOST_ROWS:
                raise self._too_large()
            rows += [values] * times
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def _values(self, row: ElementTree.Element, take_results: bool) -> list:
        values = []
        for cell in row:
            if cell.tag not in (TABLE + "table-cell", TABLE + "covered-table-cell"):
                continue
            value, times = _value(cell, take_results), int(cell.get(TABLE + "number-columns-repeated", 1))
            if len(values) + times > MOST_COLUMNS:
                raise self._too_large()
            values += [value] * times
        while values and values[-1] is None:
            values.pop()
        return values

    def _too_large(self) -> FaultError:
        return FaultError([Fault(self._name, None, None, "more cells than a sheet can have", "Is it the right file?")])

    def hidden(self, sheet: str, height: int, width: int) -> list[str]:
        """What is not shown of the first `height` rows and `width` columns of a sheet, in words, the sheet itself too."""
        page = self._sheets[sheet]
        rows = _hidden(page, "row", height)
        columns = [get_column_letter(number) for number in _hidden(page, "column", width)]
        shown = [listed(word, names) for word, names in (("row", rows), ("column", columns)) if names]
        return ["the sheet"] * self._is_hidden(page) + shown

    def _is_hidden(self, page: ElementTree.Element) -> bool:
        wanted = page.get(TABLE + "style-name")
        styles = [one for one in self._root.iter(STYLE + "style") if one.get(STYLE + "name") == wanted]
        return any(part.get(TABLE + "display") == "false" for style in styles for part in style)


def _parts(node: ElementTree.Element, kind: str) -> Iterator[ElementTree.Element]:
    """Rows or columns of a sheet in order, those in groups too."""
    for part in node:
        if part.tag == TABLE + kind:
            yield part
        elif part.tag in GROUPS:
            yield from _parts(part, kind)


def _hidden(page: ElementTree.Element, kind: str, last: int) -> list[int]:
    """Numbers of the hidden rows or columns up to the last one that is used."""
    found, number = [], 1
    for part in _parts(page, f"table-{kind}"):
        end = number + int(part.get(TABLE + f"number-{kind}s-repeated", 1))
        if part.get(TABLE + "visibility") in ("collapse", "filter"):
            found += range(number, min(end, last + 1))
        number = end
    return found


def _value(cell: ElementTree.Element, take_results: bool):
    kind, is_formula = cell.get(OFFICE + "value-type"), TABLE + "formula" in cell.attrib
    if is_formula and not take_results:
        return Unusable.FORMULA
    text = cell.get(OFFICE + "string-value")
    text = "\n".join(_text(part) for part in cell.iterfind(TEXT + "p")) if text is None else text
    if cell.get(CALC + "value-type") == "error" or (is_formula and ERRORS.fullmatch(text)):
        return Unusable.ERROR
    if kind is None:
        return text or (Unusable.NO_RESULT if is_formula else None)
    try:
        return _typed(cell, kind, text)
    except (TypeError, ValueError):
        return text


def _typed(cell: ElementTree.Element, kind: str, text: str):
    match kind:
        case "float" | "percentage" | "currency":
            return float(cell.get(OFFICE + "value"))
        case "date":
            written = cell.get(OFFICE + "date-value")
            return datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)
        case "time":
            found = DURATION.fullmatch(cell.get(OFFICE + "time-value"))
            return time(*map(int, found.groups())) if found and int(found[1]) < 24 else text
        case "boolean":
            return cell.get(OFFICE + "boolean-value") == "true"
    return text


def _text(part: ElementTree.Element) -> str:
    """The text of a paragraph; runs of blanks are an element of their own."""
    words = part.text or ""
    for child in part:
        words += " " * int(child.get(TEXT + "c", 1)) if child.tag == TEXT + "s" else _text(child)
        words += child.tail or ""
    return words
