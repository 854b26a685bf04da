"""Registers kept by hand under config/: corrections to raw data, readers' decisions. Read as strictly as an export."""

import csv
from datetime import date, datetime
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

import pandas as pd

from sonimage.faults import Fault, FaultError

DELIMITERS = (",", ";")  # a Dutch Excel writes the semicolon
DATE_FORMS = ("%Y-%m-%d", "%d-%m-%Y")
FIRST_YEAR, LAST_YEAR = 1900, 2100
LINE = "line"


def read(path: str | Path, columns: list[str], *, optional: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the register as trimmed text, with the line of the file that each row begins on in `line`.

    Other columns are remarks and go no further. Raises FaultError with every fault of the file itself: no such file, no
    UTF-8, an absent column, a line of another length. What a line says is checked by `line_faults` and by its users.
    """
    text = _text_of(path)
    delimiter = _delimiter_of(text, path, [*columns, *optional])
    header, rows = _lines_of(text, delimiter, path)
    faults = _header_faults(header, columns, optional, path) + _width_faults(rows, len(header), path)
    if faults:
        raise FaultError(faults)
    named = [
        dict(zip(header, cells, strict=False)) | {LINE: line} for line, cells in rows if any(cell for cell in cells)
    ]
    return pd.DataFrame(named, columns=[*columns, *optional, LINE]).fillna(dict.fromkeys(optional, ""))


def lines_of(register: pd.DataFrame) -> pd.Series:
    """The line of each row in its file; counted from the header where the register was not read from one."""
    return register[LINE] if LINE in register else pd.Series(range(2, len(register) + 2), index=register.index)


def line_faults(register: pd.DataFrame, path: str, *, required: list[str], dates: str = "date") -> list[Fault]:
    """A fault for each line that lacks a required cell, and for each whose date is none."""
    lines, remedy = lines_of(register), f"Every line names {', '.join(required)}"
    faults = []
    for column in required:
        lacking = register[column].astype(str).str.strip() == ""
        faults += [Fault(path, line, column, "an incomplete line", remedy) for line in lines[lacking]]
    wrong = register[dates].map(lambda text: text.strip() != "" and read_date(text) is None)
    remedy = "Write it as 2026-12-31"
    return faults + [Fault(path, line, dates, "not a date", remedy) for line in lines[wrong.astype(bool)]]


def read_date(text: str) -> date | None:
    """The day that a text names, as 2026-12-31 or 31-12-2026; None where it names none."""
    for form in DATE_FORMS:
        try:
            found = datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
        return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
    return None


def _text_of(path: str | Path) -> str:
    try:
        data = Path(path).read_bytes()
    except OSError:
        remedy = "Put it there, or change its place in config/config.yaml"
        raise FaultError([Fault(str(path), None, None, "no such register", remedy)]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise FaultError([Fault(str(path), row, None, "not UTF-8", "In Excel, save it as CSV UTF-8")]) from None


def _delimiter_of(text: str, path: str | Path, columns: list[str]) -> str:
    """The delimiter under which the first line names most columns of the register."""
    first = text.split("\n", 1)[0]
    named = {mark: len({_plain(cell) for cell in first.split(mark)} & set(columns)) for mark in DELIMITERS}
    found = max(DELIMITERS, key=named.get)
    if named[found] < 2:
        remedy = f"The first line names {', '.join(columns)}, parted by commas or semicolons"
        raise FaultError([Fault(str(path), 1, None, "no header line of this register", remedy)])
    return found


def _plain(cell: str) -> str:
    return cell.strip().strip('"').strip().lower()


def _lines_of(text: str, delimiter: str, path: str | Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the header, and the cells of every line with the number of its first line."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = "Mend the quotes of this line"
        raise FaultError([Fault(str(path), line, None, f"unreadable quoting ({error})", remedy)]) from None
    header = [_plain(cell) for cell in rows[0][1]]
    while header and header[-1] == "":
        header.pop()
    return header, rows[1:]


def _header_faults(header: list[str], columns: list[str], optional: tuple[str, ...], path) -> list[Fault]:
    """Absent columns, columns named twice, and a name that is nearly an optional column: it would be no more than a remark."""
    faults = [
        Fault(str(path), 1, column, "column is missing", "See config/README.md")
        for column in columns
        if column not in header
    ]
    faults += [
        Fault(str(path), 1, column, "column name occurs twice", "Name each column once")
        for column in dict.fromkeys(header)
        if header.count(column) > 1
    ]
    absent = [column for column in optional if column not in header]
    for column in set(header) - set(columns) - set(optional):
        near = get_close_matches(column, absent, n=1)
        faults += [Fault(str(path), 1, column, "unknown column", f"Did you mean {name!r}?") for name in near]
    return faults


def _width_faults(rows: list[tuple[int, list[str]]], width: int, path) -> list[Fault]:
    """Lines with more or fewer cells than the header; empty lines and empty cells at the end are no matter."""
    return [
        Fault(str(path), line, None, f"{len(cells)} fields where the header has {width}", "Mend this line")
        for line, cells in rows
        if any(cells) and (len(cells) < width or any(cells[width:]))
    ]
