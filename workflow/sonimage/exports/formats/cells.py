"""Typed cells as text: what a worksheet or a statistical file holds as a number or a date is written so that the map reads it.

A number cell is a number and a date cell a date, whatever the map says of the text cells of the same column. So a number is
written with the decimal mark that the column's texts have, and a date as an ISO day, with midnight behind it where a
declared form would read the ISO day as another one.
"""

import datetime
from decimal import Decimal
from enum import Enum

MIDNIGHT = "T00:00:00"
TRIAL_DAY = datetime.date(2001, 2, 3)  # a form that reads its ISO text as another day misreads ISO days
EXCEL_SERIAL = "excel_serial"
DAY_0_OF_1904 = datetime.date(1904, 1, 1)
Forms = dict[str, set[str]]  # decimal marks, date forms and codes of a column, from named_columns.declared_forms


class Unusable(Enum):
    """A cell without a value of its own: the rule that it breaks, and what to do."""

    FORMULA = (
        "a formula",
        "Paste values instead of formulas, or declare `formulas: values` for this file in the export map",
    )
    ERROR = ("an error of Excel", "Enter the value, or empty the cell")
    NO_RESULT = ("a formula without a stored result", "Open the workbook in Excel, save it and deliver it again")


def forms_of(entry: dict, column: str) -> Forms:
    """Forms of a raw column by the file's entry, where they stand as `columns`, under the name that the map gives it."""
    named = next((name for name, others in entry.get("also_called", {}).items() if column in others), column)
    return entry.get("columns", {}).get(column) or entry.get("columns", {}).get(named) or {}


def with_mark(number: str, forms: Forms) -> str:
    """The text of a number with the decimal mark that the column's texts have."""
    return f"{Decimal(number):f}".replace(".", ",") if forms.get("decimals") == {","} else number


def as_text(value, forms: Forms) -> str:
    """Text of one cell, "" where it is empty or has no value of its own."""
    if value is None or value != value or isinstance(value, Unusable):
        return ""
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return day_as_text(value.date(), forms) if is_day else value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return day_as_text(value, forms)
    return number_as_text(value, forms) if isinstance(value, float) else str(value).strip()


def day_as_text(day: datetime.date, forms: Forms) -> str:
    """An ISO day, which no declared form reads as another day."""
    return day.isoformat() + (MIDNIGHT if any(map(_misreads_iso, forms.get("dates", ()))) else "")


def number_as_text(number: float, forms: Forms) -> str:
    """A number in its shortest form; with a comma where the column's texts have one."""
    if number.is_integer():
        return str(int(number))
    return with_mark(repr(number), forms)


def two_marks(value, forms: Forms) -> bool:
    """Whether a cell is a number with a fraction whose column the map reads once with a comma and once with a point."""
    return isinstance(value, float) and not value.is_integer() and len(forms.get("decimals", ())) > 1


def from_1904(value, forms: Forms):
    """A cell of a workbook that counts days from 1904: a number that the map reads as a day number becomes its day."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or EXCEL_SERIAL not in forms.get("dates", ()) or not 0 < value < 10**5:
        return value
    return DAY_0_OF_1904 + datetime.timedelta(days=int(value))


def _misreads_iso(form: str) -> bool:
    try:
        return datetime.datetime.strptime(TRIAL_DAY.isoformat(), form).date() != TRIAL_DAY
    except ValueError:
        return False
