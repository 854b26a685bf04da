"""What stands in a raw column: dates, numbers, words, codes for missing values, and how it is written."""

from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from sonimage.checks.drafting.columns.day_forms import Days, day_numbers, find_days
from sonimage.cleaning import parsing
from sonimage.exports.chosen_texts import fold
from sonimage.exports.vocabularies import missing_codes, vocabulary

EIGHT_DIGITS = r"\d{7,8}"  # a number that may be a day
CASTOR_NUMBER = r"-9[5-9](\.0)?"
BY_CONVENTION = "by convention"
FAR = 3  # a number by convention is a code for missing where it is so many times the largest other one


class Cells(NamedTuple):
    """The cells of one raw column: a text for each row, "" where there is none; of a worksheet its numbers and dates."""

    texts: pd.Series
    numbers: pd.Series
    n_dates: int


class Numbers(NamedTuple):
    """The distinct numbers of a column, its decimal mark, rows that are numbers, rows with the other mark."""

    amounts: pd.Series
    decimal: str | None
    n_read: int
    n_other_mark: int


class Content(NamedTuple):
    """What the cells of one column hold.

    `texts`: distinct text -> rows, those for missing values apart in `missing`; `n_known`: rows with another value.
    """

    column: str
    n_rows: int
    n_known: int
    texts: pd.Series
    has_castor_codes: bool
    missing: pd.Series
    n_dates: int
    days: Days
    day_count: str | None
    numbers: Numbers

    @property
    def share_of_days(self) -> float:
        """Share of the values that are dates, partial ones too."""
        return (self.n_dates + self.days.n_read + self.days.n_partial) / max(self.n_known, 1)

    @property
    def share_of_numbers(self) -> float:
        """Share of the values that are numbers."""
        return self.numbers.n_read / max(self.n_known, 1)

    @property
    def words(self) -> pd.Series:
        """The texts that are no numbers."""
        return self.texts[read_numbers(self.texts.index, self.numbers.decimal).isna().to_numpy()]


def describe(column: str, cells: Cells) -> Content:
    """Return what the cells of a column hold."""
    counts = cells.texts[cells.texts != ""].astype(object).value_counts().sort_index()
    texts, has_castor_codes = _without_castor_codes(counts)
    texts, missing, typed = _without_missing(texts, cells.numbers)
    numbers = _numbers(texts, typed)
    may_be_days = texts.index.str.fullmatch(EIGHT_DIGITS).any() or numbers.n_read - len(typed) < texts.sum()
    days = find_days(texts) if may_be_days else Days()
    day_count = None if days.forms else day_numbers(numbers.amounts)
    n_known = int(texts.sum()) + len(typed) + cells.n_dates
    return Content(
        column, len(cells.texts), n_known, texts, has_castor_codes, missing, cells.n_dates, days, day_count, numbers
    )


def read_numbers(texts, decimal: str | None) -> pd.Series:
    """The numbers of distinct texts by a decimal mark."""
    return parsing.read_numbers(pd.Series(list(texts), dtype=object), decimal or ".", Decimal(1))


def _without_castor_codes(texts: pd.Series) -> tuple[pd.Series, bool]:
    """The texts without Castor's codes for missing; a number among them is one only where no other number is below zero."""
    codes = texts.index.isin(missing_codes("castor"))
    is_number = texts.index.str.fullmatch(CASTOR_NUMBER)
    others = texts.index[~is_number]
    if others.str.fullmatch(r"-\d.*").any() or len(others) == 0:
        codes &= ~is_number
    return texts[~codes], bool(codes.any())


def _without_missing(texts: pd.Series, typed: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """The texts without words for missing and numbers that stand for it by convention; those; the typed numbers left."""
    known = vocabulary("missing_words")
    kinds = {text: known.get(fold(text)) for text in texts.index}
    words = [text for text, kind in kinds.items() if kind and kind != BY_CONVENTION]
    rest = texts.drop(words)
    numbers = _numbers(rest, typed).amounts
    conventional = [word for word, kind in known.items() if kind == BY_CONVENTION and _stands_out(float(word), numbers)]
    codes = [text for text in rest.index if text in conventional]
    is_code = typed.isin([float(word) for word in conventional])
    cells = {word: int((typed == float(word)).sum()) for word in conventional if (typed == float(word)).any()}
    missing = pd.concat([texts[[*words, *codes]], pd.Series(cells, dtype=int)])
    return rest.drop(codes), missing.groupby(level=0).sum(), typed[~is_code]


def _stands_out(code: float, numbers: pd.Series) -> bool:
    """Whether a number is far above all others, or the only one below zero."""
    others = numbers[numbers != code]
    if not len(others) or len(others) == len(numbers):
        return False
    return code > FAR * others.max() if code > 0 else bool((others >= 0).all())


def _numbers(texts: pd.Series, typed: pd.Series) -> Numbers:
    """The numbers among texts and typed cells, by the decimal mark that most texts with a fraction have."""
    point, comma = (read_numbers(texts.index, mark) for mark in (".", ","))
    has_comma, has_point = (texts.index.str.contains(mark, regex=False) for mark in (",", "."))
    n_comma, n_point = (
        int(texts[(read.notna() & has).to_numpy()].sum()) for read, has in ((comma, has_comma), (point, has_point))
    )
    decimal = "," if n_comma > n_point else "." if n_point else None
    read = comma if decimal == "," else point
    amounts = pd.concat([read.dropna(), typed.drop_duplicates().astype(float)], ignore_index=True)
    n_read = int(texts[read.notna().to_numpy()].sum()) + len(typed)
    return Numbers(amounts, decimal, n_read, min(n_comma, n_point))
