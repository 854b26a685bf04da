"""Reading text strictly: each function takes a column of text and returns values, with NaN where a text is unreadable.

Text that a column declares as missing is emptied before; so an empty result of a text that is not empty is a failure.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

NUMBER = {
    ".": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
    ",": re.compile(r"[+-]?(\d+(,\d*)?|,\d+)"),
}
# ISO 8601 with a hyphen for what is missing, as CDISC writes it: 2019, 2019-07, 2019-07--, 2019---07
PARTIAL_ISO = re.compile(r"(\d{4}|-)(?:-(\d{2}|-)(?:-(\d{2}|-))?)?")
SIXTY = r"[0-5]\d"
TIME = re.compile(rf"(?P<h>[01]?\d|2[0-3]):(?P<m>{SIXTY})(:(?P<s>{SIXTY})(\.\d+)?)?")
DICOM_TIME = re.compile(rf"(?P<h>[01]\d|2[0-3])(?P<m>{SIXTY})(?P<s>{SIXTY})(\.\d+)?")
FRACTION = re.compile(r"(?<=\d)[.,]\d+$")
# A time of day behind a date, with or without a zone: 2020-01-20T10:30:00+01:00
CLOCK = rf"(?P<h>[01]?\d|2[0-3]):(?P<m>{SIXTY})(:(?P<s>{SIXTY})([.,]\d+)?)?\s?(Z|[+-]\d\d(:?\d\d)?)?"
CLOCK_BEHIND, ISO_CLOCK = re.compile(f" +{CLOCK}$"), re.compile(rf"(\d{{4}}-\d\d-\d\d)[T ]+{CLOCK}")
MARKS = re.compile("[-/.]")
# A named month is not an unknown one.
MONTHS = {month.lower() for month in calendar.month_abbr[1:]} | {"mrt", "mei", "okt"}
SERIAL = re.compile(r"(\d{5})([.,]\d+)?")
PARTED = re.compile("%[^YymdHMS]|(?<!%)[^%]")  # a form with marks between its parts, or with names of months
FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST_DAYS = 366 * (LAST_YEAR - FIRST_YEAR)
ISO_DAY = "%Y-%m-%d"
# Days as Excel counts them in its 1900 system, from March 1900 on: before it Excel has a day that never was.
EXCEL_SERIAL, DAY_0_OF_EXCEL = "excel_serial", date(1899, 12, 30)


def read_numbers(text: pd.Series, decimal: str = ".", factor: Decimal = Decimal(1)) -> pd.Series:
    """Numbers with one declared decimal mark and no thousands mark, times the factor (exact in decimal)."""

    def number(value: str) -> float:
        if not NUMBER[decimal].fullmatch(value):
            return np.nan
        return float(Decimal(value.replace(",", ".")) * factor)

    return each_text(text, number).astype("float64")


def read_integers(text: pd.Series, decimal: str = ".") -> pd.Series:
    """Whole numbers; a value with a fraction is unreadable."""
    numbers = read_numbers(text, decimal)
    return numbers.where(numbers % 1 == 0).astype("Int64")


def read_times(text: pd.Series, forms: str | list[str] = ()) -> pd.Series:
    """Times of day as HH:MM:SS by the declared forms, else from HH:MM, HH:MM:SS, DICOM's HHMMSS or an ISO moment.

    The fraction of a second is dropped; a time that two forms read differently is unreadable.
    """

    def time(value: str) -> str | None:
        found = {read for form in _listed(forms) if (read := _clock(value, form))}
        if found:
            return found.pop() if len(found) == 1 else None
        recognised = TIME.fullmatch(value) or DICOM_TIME.fullmatch(value) or ISO_CLOCK.fullmatch(value)
        if not recognised:
            return None
        return f"{int(recognised['h']):02d}:{recognised['m']}:{recognised['s'] or '00'}"

    return each_text(text, time)


def _clock(value: str, form: str) -> str | None:
    """The time of a text by one form, its fraction dropped."""
    read = _strptime(value, form) or _strptime(FRACTION.sub("", value), form)
    return read and read.strftime("%H:%M:%S")


def read_dates(text: pd.Series, forms: str | list[str] = ISO_DAY, partial: str | None = None) -> pd.Series:
    """Dates by the declared forms; ISO days count too. A date that two declared forms read differently is unreadable.

    A time of day behind the date, with or without a zone, is passed over: the day is the local one as written.
    With a T between them the date is ISO's. Years outside 1900-2100 are unreadable. `excel_serial` is a form: days as
    Excel counts them, of five digits (from 1927 on).

    A partial date (`UK-03-2021`, `2021-03`, ISO 8601's `2021---07`) is read only where `partial` says first, mid or
    last (admiral: date imputation; mid is 30 June or the 15th); use `is_partial` to flag it. A day without its month
    says nothing.
    """

    def day(value: str) -> date | None:
        found = _days(value, forms) or _days(ISO_CLOCK.sub(r"\1", value), ISO_DAY)
        if not found and partial:
            found = {_complete(value, form, partial) for form in _alike(value, forms)} - {None}
        return found.pop() if len(found) == 1 else None

    return pd.to_datetime(each_text(text, day)).astype("datetime64[ns]")


def is_ambiguous(text: pd.Series, forms: str | list[str]) -> pd.Series:
    """Mark texts that two of the forms read as different days."""
    return each_text(text, lambda value: len(_days(value, forms)) > 1).eq(True)


def _listed(forms: str | list[str]) -> list[str]:
    return [forms] if isinstance(forms, str) else list(forms)


def _alike(value: str, forms: str | list[str]) -> list[str]:
    """The one form, or those of several whose marks the text has."""
    listed = _listed(forms)
    alike = [form for form in listed if set(MARKS.findall(form)) == set(MARKS.findall(value))]
    return listed if len(listed) == 1 else alike


def _days(value: str, forms: str | list[str]) -> set[date]:
    """The different days that a text is by the forms."""
    return {day for form in _listed(forms) if (day := _day(value, form))}


def _day(value: str, form: str) -> date | None:
    if form == EXCEL_SERIAL:
        return _from_serial(value)
    read = _strptime(value, form) or ("%H" not in form and _strptime(CLOCK_BEHIND.sub("", value), form))
    return read.date() if read and FIRST_YEAR <= read.year <= LAST_YEAR else None


def _from_serial(value: str) -> date | None:
    found = SERIAL.fullmatch(value)
    day = found and DAY_0_OF_EXCEL + timedelta(days=int(found[1]))
    return day if day and day.year <= LAST_YEAR else None


def _strptime(value: str, form: str) -> datetime | None:
    """The moment of a text by a form. Digits without marks must be all there: 1012020 is no date of %d%m%Y."""
    if value.isdigit() and not PARTED.search(form):
        width = sum(4 if directive == "Y" else 2 for directive in re.findall("%(.)", form))
        value = value.zfill(width) if not form.startswith("%Y") and len(value) == width - 1 else value
        if len(value) != width:
            return None
    try:
        return datetime.strptime(value, form)
    except ValueError:
        return None


def _parts(value: str, form: str) -> tuple[str | None, str | None, str | None]:
    """Year, month and day of a possibly partial date, None where unknown."""
    order = [letter for letter in form if letter in "Ydm"]
    if sorted(order) != ["Y", "d", "m"]:
        return None, None, None
    iso = PARTIAL_ISO.fullmatch(value) if order[0] == "Y" else None
    pieces = [part or "UK" for part in iso.groups()] if iso else re.split(r"[-/.T]", value)
    if order[0] == "Y":
        pieces += ["UK"] * (3 - len(pieces))
    if len(pieces) != 3 or MONTHS & {piece[:3].lower() for piece in pieces}:
        return None, None, None
    named = dict(zip(order, pieces, strict=True))
    return tuple(named[part] if named[part].isdigit() else None for part in "Ymd")


def is_partial(text: pd.Series, forms: str | list[str] = ISO_DAY) -> pd.Series:
    """Mark texts that give a year but no day of a month."""

    def lacks(value: str) -> bool:
        parts = [_parts(value, form) for form in _alike(value, forms)]
        return not _days(value, forms) and any(year and not (month and day) for year, month, day in parts)

    return each_text(text, lacks).eq(True)


def _complete(value: str, form: str, rule: str) -> date | None:
    year, month, day = _parts(value, form)
    if not year or (month and day) or not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    if month and not 1 <= int(month) <= 12:
        return None
    chosen = int(month) if month else {"first": 1, "mid": 6, "last": 12}[rule]
    last = calendar.monthrange(int(year), chosen)[1]
    if not month:
        return date(int(year), chosen, 1 if rule == "first" else last)
    return date(int(year), chosen, {"first": 1, "mid": 15, "last": last}[rule])


def read_day_counts(text: pd.Series, origin: str) -> pd.Series:
    """Dates from whole days since an origin date; a date cell of a worksheet among them is its own day."""
    days = read_integers(text).astype("Float64").astype("float64")
    days = days.where(days.abs() <= MOST_DAYS)
    return (pd.Timestamp(origin) + pd.to_timedelta(days, unit="D")).fillna(read_dates(text))


def each_text(text: pd.Series, read: Callable[[str], object]) -> pd.Series:
    """Apply a reader once per distinct text; empty and missing texts stay missing."""
    codes, texts = pd.factorize(text)
    values = np.array([None if value == "" else read(value) for value in texts] + [None], dtype=object)
    values[pd.isna(values)] = np.nan
    return pd.Series(values[codes], index=text.index)


def redact(value: str) -> str:
    """The kind of a value without the value: digits as 9, letters as x."""
    return re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", str(value)))[:40]
