"""Reading text strictly: each function takes a column of text and returns values, with NaN where a text is unreadable.

Text that a column declares as missing is emptied before; so an empty result of a text that is not empty is a failure.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

NUMBER = {
    ".": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
    ",": re.compile(r"[+-]?(\d+(,\d*)?|,\d+)"),
}
# ISO 8601 with a hyphen for what is missing, as CDISC writes it: 2019, 2019-07, 2019-07--, 2019---07
PARTIAL_ISO = re.compile(r"(\d{4}|-)(?:-(\d{2}|-)(?:-(\d{2}|-))?)?")
TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(:([0-5]\d)(\.\d+)?)?")
FIRST_YEAR, LAST_YEAR = 1900, 2100
BOOLEANS = {"true": True, "false": False}
VOCABULARY_FOLDER = Path(__file__).parents[2] / "vocabularies"


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


def read_booleans(text: pd.Series) -> pd.Series:
    """True and False in any case; other spellings are declared as codes."""
    return each_text(text, lambda value: BOOLEANS.get(value.lower())).astype("boolean")


def read_times(text: pd.Series) -> pd.Series:
    """Times of day as HH:MM:SS, from HH:MM or HH:MM:SS."""

    def time(value: str):
        found = TIME.fullmatch(value)
        return f"{int(found[1]):02d}:{found[2]}:{found[4] or '00'}" if found else None

    return each_text(text, time)


def read_dates(text: pd.Series, form: str = "%Y-%m-%d", partial: str | None = None) -> pd.Series:
    """Dates of one declared form; ISO cells of a worksheet count too; years outside 1900-2100 are unreadable.

    A partial date (`UK-03-2021`, `2021-03`, ISO 8601's `2021---07`) is read only where `partial` says first, mid or
    last (admiral: date imputation; mid is 30 June or the 15th); use `is_partial` to flag it. A day without its month
    says nothing.
    """

    def day(value: str):
        for accepted in (form, "%Y-%m-%d", "%Y-%m-%d %H:%M:%S") if form != "%d-%m-%Y %H:%M" else (form,):
            found = _strptime(value, accepted)
            if found:
                return found
        return _complete(value, form, partial) if partial else None

    return pd.to_datetime(each_text(text, day)).astype("datetime64[ns]")


def _strptime(value: str, form: str) -> date | None:
    try:
        found = datetime.strptime(value, form).date()
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def _parts(value: str, form: str) -> tuple[str | None, str | None, str | None]:
    """Year, month and day of a possibly partial date, None where unknown."""
    order = [letter for letter in form if letter in "Ydm"]
    iso = PARTIAL_ISO.fullmatch(value) if order[0] == "Y" else None
    pieces = [part or "UK" for part in iso.groups()] if iso else re.split(r"[-/.T]", value)
    if order[0] == "Y":
        pieces += ["UK"] * (3 - len(pieces))
    if len(pieces) != 3:
        return None, None, None
    named = dict(zip(order, pieces, strict=True))
    return tuple(named[part] if named[part].isdigit() else None for part in "Ymd")


def is_partial(text: pd.Series, form: str = "%Y-%m-%d") -> pd.Series:
    """Mark texts that give a year but no day of a month."""

    def lacks(value: str) -> bool:
        year, month, day = _parts(value, form)
        return bool(year and not (month and day))

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
    """Dates from whole days since an origin date."""
    days = read_integers(text).astype("Float64").astype("float64")
    return pd.Timestamp(origin) + pd.to_timedelta(days, unit="D")


def read_levels(text: pd.Series, levels: list[str], synonyms: dict[str, str]) -> pd.Series:
    """Levels in any case and spacing, and their synonyms."""
    known = {level.casefold(): level for level in levels}
    known = synonyms | known
    return each_text(text, lambda value: known.get(" ".join(value.casefold().split())))


@cache
def vocabulary(name: str) -> dict[str, str]:
    """Synonym (lower case) -> level, from the data file of that name; empty where there is none."""
    path = VOCABULARY_FOLDER / f"{name}.csv"
    if not path.exists():
        return {}
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return dict(zip(table["synonym"], table["level"], strict=True))


@cache
def missing_codes(name: str) -> frozenset[str]:
    """User-missing codes of an export system, from `workflow/vocabularies/missing_<name>.csv`."""
    return frozenset(vocabulary(f"missing_{name}"))


def each_text(text: pd.Series, read: Callable[[str], object]) -> pd.Series:
    """Apply a reader once per distinct text; empty and missing texts stay missing."""
    codes, texts = pd.factorize(text)
    values = np.array([None if value == "" else read(value) for value in texts] + [None], dtype=object)
    values[pd.isna(values)] = np.nan
    return pd.Series(values[codes], index=text.index)


def redact(value: str) -> str:
    """The kind of a value without the value: digits as 9, letters as x."""
    return re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", str(value)))[:40]
