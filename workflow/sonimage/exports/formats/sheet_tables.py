"""The cells of a worksheet as a table of text: header line, rows that hold something, and the faults of cells."""

from itertools import zip_longest

import pandas as pd

from sonimage.exports.formats import cells
from sonimage.exports.sources import from_file
from sonimage.faults import Fault, FaultError

ONE_MARK = "Declare one `decimal` for this column of the export map"


def table_of(rows: list[list], label: str, entry: dict) -> pd.DataFrame:
    """Return the table of one sheet as text; raises FaultError with all faults of its cells.

    `rows`: the values of all cells from the first line on, `cells.Unusable` where there is none; `entry`: the file's entry of the
    map, with `columns` (raw columns that the map names -> forms of their text) where the map is known and `is_1904` where the
    workbook counts its days from 1904.
    """
    header_row = entry.get("header_row", 1)
    if len(rows) < header_row:
        raise FaultError([Fault(label, header_row, None, "no header line", "Check `header_row` in the export map")])
    header = [cells.as_text(value, {}) for value in rows[header_row - 1]]
    while header and header[-1] == "":
        header.pop()
    forms, faults, records = _forms(header, entry), [], []
    for number, values in enumerate(rows[header_row:], start=header_row + 1):
        if entry.get("is_1904"):
            values = [cells.from_1904(value, form or {}) for value, form in zip_longest(values, forms[: len(values)])]
        texts, found = _texts(values, header, forms, label, number)
        faults += found
        if any(texts):
            records.append((number, texts))
    if len(set(header)) < len(header):
        faults.append(Fault(label, header_row, None, "a column name occurs twice or is empty", "Name each column once"))
    if faults:
        raise FaultError(faults)
    frame = pd.DataFrame([texts for _, texts in records], columns=header, dtype=object)
    return from_file(frame, label, [number for number, _ in records])


def _forms(header: list[str], entry: dict) -> list[cells.Forms | None]:
    """Forms of each column, None where the map does not name it; without a map every column counts as named."""
    if "columns" not in entry:
        return [{} for _ in header]
    others = {
        other for name, some in entry.get("also_called", {}).items() if name in entry["columns"] for other in some
    }
    return [cells.forms_of(entry, column) if column in {*entry["columns"], *others} else None for column in header]


def _texts(
    values: list, header: list[str], forms: list[cells.Forms | None], label: str, row: int
) -> tuple[list[str], list[Fault]]:
    """The texts of one row, one per column of the header, and the faults of its cells."""
    texts, faults = [], []
    for column, value, form in zip(header, values, forms, strict=False):
        if form is not None and isinstance(value, cells.Unusable):
            faults.append(Fault(label, row, column, *value.value))
        elif form is not None and cells.two_marks(value, form):
            faults.append(Fault(label, row, column, "a number in a column read with `,` and with `.`", ONE_MARK))
        texts.append(cells.as_text(value, form or {}))
    if any(cells.as_text(value, {}) for value in values[len(header) :]):
        faults.append(Fault(label, row, None, "a value outside the named columns", "Name or empty that column"))
    return texts + [""] * (len(header) - len(texts)), faults
