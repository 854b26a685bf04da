"""Date forms of a column, found from all its values."""

import re
from typing import NamedTuple

import pandas as pd

from sonimage.checks.suggestions import DATE_FORMS
from sonimage.cleaning import parsing

# Beside the forms that a hint may name: dashes in the American order, years of two digits, names of months
FORMS = (
    parsing.ISO_DAY, *(form for form in DATE_FORMS if "%H" not in form), "%Y/%m/%d", "%m-%d-%Y", "%d-%m-%y", "%d/%m/%y",
    "%m/%d/%y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%d%b%Y", "%B %d %Y", "%d%m%Y",
)  # fmt: skip
PARTS = {
    "%Y": r"\d{4}",
    "%y": r"\d\d",
    "%m": r"\d\d?",
    "%d": r"\d\d?",
    "%b": "[A-Za-z]{3}",
    "%B": "[A-Za-z]{3,9}",
    " ": " +",
}
CLOCK = r"([T ]+\d\d?:\d\d.*)?"
PATTERNS = {
    form: "".join(PARTS.get(part, re.escape(part)) for part in re.findall("%.|.", form)) + CLOCK for form in FORMS
}
# Day numbers of these decades: Excel counts from 1899-12-30, SAS from 1960-01-01; the two ranges have nothing in common.
EXCEL_DAYS, SAS_DAYS, SAS_ORIGIN = (36526, 54789), (12784, 29221), "1960-01-01"
ENOUGH = 0.5  # share of the texts that must be dates before a column is one of dates


class Days(NamedTuple):
    """Forms of the dates of a column; how many of its rows they read, leave partial, and leave; what else they could mean."""

    forms: tuple[str, ...] = ()
    n_read: int = 0
    n_partial: int = 0
    n_unread: int = 0
    other: str | None = None  # a form that reads all of the first form's dates too, as other days


def find_days(texts: pd.Series) -> Days:
    """Return how the texts of a column are read as dates; without forms where most are none.

    `texts`: distinct text -> rows that have it, texts for missing values left out.
    """
    words, weights = pd.Series(texts.index, dtype=object), pd.Series(texts.to_numpy())
    written = {form: words[words.str.fullmatch(pattern)] for form, pattern in PATTERNS.items()}
    read = {form: parsing.read_dates(some, form).reindex(words.index) for form, some in written.items() if len(some)}
    forms, left = [], pd.Series(True, index=words.index)
    while best := _best_form(read, weights.where(left, 0)):
        forms.append(best)
        left &= read[best].isna()
    serial = left & words.isin([text for text in words if _is_serial(text)])
    if forms and serial.any():
        forms.append(parsing.EXCEL_SERIAL)
        left &= ~serial
    lacking = parsing.is_partial(words[left], [*forms, parsing.ISO_DAY, "%d-%m-%Y"])
    is_partial = left & words.index.isin(lacking.index[lacking])
    n_read, n_partial = int(weights[~left].sum()), int(weights[is_partial].sum())
    if not forms or n_read + n_partial < ENOUGH * weights.sum():
        return Days()
    return Days(
        tuple(forms), n_read, n_partial, int(weights.sum()) - n_read - n_partial, _other_meaning(read, forms[0])
    )


def _is_serial(text: str) -> bool:
    """Whether a text may be a day number of Excel."""
    return text.isdigit() and EXCEL_DAYS[0] <= int(text) <= EXCEL_DAYS[1]


def _best_form(read: dict[str, pd.Series], weights: pd.Series) -> str | None:
    """The form that reads most of the rows; None where none reads any."""
    rows = {form: int(weights[days.notna()].sum()) for form, days in read.items()}
    best = max(rows, key=rows.get, default=None)
    return best if best and rows[best] else None


def _other_meaning(read: dict[str, pd.Series], form: str) -> str | None:
    """Another form that reads all the dates of this one, one of them at least as another day."""
    days = read[form].dropna()
    for other, meant in read.items():
        if other != form and meant[days.index].notna().all() and (meant[days.index] != days).any():
            return other
    return None


def day_numbers(numbers: pd.Series) -> str | None:
    """The count of days that numbers of a date column are: `excel_serial`, SAS's origin, or None."""
    whole = numbers.dropna()
    for name, (first, last) in ((parsing.EXCEL_SERIAL, EXCEL_DAYS), (SAS_ORIGIN, SAS_DAYS)):
        if len(whole) and ((whole % 1 == 0) & whole.between(first, last)).all():
            return name
    return None
