"""Workbooks of queries that came back: what was answered, by whom and when, whatever was done to the file meanwhile."""

from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile

import openpyxl
import pandas as pd

from sonimage.checks.asking.described_queries import ANSWERED
from sonimage.checks.query_workbook import SHEET
from sonimage.exports.formats import archive
from sonimage.faults import Fault, FaultError

NEEDED = ("query_id", "value", *ANSWERED)
DAYS = ("%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")  # as they are written where these workbooks go
ANSWERS_COLUMNS = ["file", "row", *NEEDED]
REFUSED = ["query_id", "file", "row", "why"]


def read_workbooks(folder: str | Path | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows with an answer of all workbooks below a folder, and what could not be read, with the reason.

    Raises FaultError if there is no folder, or nothing in it.
    """
    root = Path(folder) if folder else None
    if root is None or not root.is_dir():
        remedy = "Name the folder of the workbooks: snakemake answers --config answers=DIR"
        raise FaultError([Fault(str(folder or "answers"), None, None, "no such folder", remedy)])
    paths = sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith((".", "~$")))
    if not paths:
        raise FaultError(
            [Fault(str(root), None, None, "no workbook in the folder", "Put the answered workbooks there")]
        )
    answers, refused = [], []
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            answers += _read_workbook(path, name)
        except FaultError as error:
            refused += [
                {"file": name, "row": fault.row, "why": f"{fault.rule}. {fault.remedy}"} for fault in error.faults
            ]
    return pd.DataFrame(answers, columns=ANSWERS_COLUMNS, dtype=object), pd.DataFrame(refused, columns=REFUSED)


def read_day(cell) -> date | None:
    """The day that a cell says: a date, or its text as it is usually written; None where it says none."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    for form in DAYS:
        try:
            return datetime.strptime(as_text(cell), form).date()
        except ValueError:
            continue
    return None


def as_text(cell) -> str:
    """A cell as text: whole numbers without a fraction, nothing as nothing."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _read_workbook(path: Path, name: str) -> list[dict]:
    """The answered rows of one workbook."""
    if path.suffix.lower() != ".xlsx":
        raise FaultError([Fault(name, None, None, "not an .xlsx workbook", "Save it as .xlsx")])
    with path.open("rb") as content:
        archive.check(content, name)
        try:
            book = openpyxl.load_workbook(content, data_only=False, keep_links=False)
        except (BadZipFile, KeyError, OSError, ValueError):
            raise FaultError([Fault(name, None, None, "not a readable Excel workbook", "Save it as .xlsx")]) from None
    if SHEET not in book.sheetnames:
        raise FaultError([Fault(name, None, None, f"no sheet {SHEET}", "Answer in the workbook that was sent")])
    rows = book[SHEET].iter_rows()
    header = [as_text(cell.value).lower() for cell in next(rows, ())]
    absent = [column for column in NEEDED if header.count(column) != 1]
    if absent:
        rule = f"its first row does not name {', '.join(absent)} once"
        raise FaultError([Fault(name, 1, None, rule, "Keep the first row as it was sent")])
    places = {column: header.index(column) for column in NEEDED}
    found = [{column: _cell(cells, place) for column, place in places.items()} | {"row": number, "file": name}
             for number, cells in enumerate(rows, start=2)]  # fmt: skip
    return [row for row in found if any(as_text(row[column]) for column in ANSWERED)]


def _cell(cells, place: int):
    """The value of a cell; a formula as its text, which begins with an equals sign."""
    return cells[place].value if place < len(cells) else None
