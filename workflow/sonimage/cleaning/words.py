"""Words: booleans, ticked boxes, levels with their synonyms, and codes of a map."""

from collections.abc import Callable, Iterable

import pandas as pd

from sonimage.cleaning.parsing import each_text
from sonimage.exports.chosen_texts import fold
from sonimage.exports.vocabularies import BOOLEANS

TICKED = BOOLEANS | {"x": True, "checked": True, "aangevinkt": True, "unchecked": False, "": False}


def read_booleans(text: pd.Series, codes: Iterable[str] = ()) -> pd.Series:
    """True and false, yes and no, ja and nee, 1 and 0 in any case. Where codes of the map are numbers, other numbers are none."""
    has_numbers = any(code.strip().lstrip("-").isdigit() for code in codes)
    known = {word: is_true for word, is_true in BOOLEANS.items() if not (has_numbers and word.isdigit())}
    return each_text(text, lambda value: known.get(fold(value))).astype("boolean")


def box_answer(boxes: dict[str, str], any_of: list[str], none_of: list[str], missing: set[str]) -> str | None:
    """What checkboxes say: "true" if one of `any_of` is ticked, "false" if one of `none_of` is, None if none is.

    A box that holds a missing code is not ticked. Raises ValueError for a text that says neither, and if both kinds are ticked.
    """
    ticked = set()
    for box, text in boxes.items():
        if text not in missing and fold(text) not in TICKED:
            raise ValueError
        ticked |= {box} if text not in missing and TICKED[fold(text)] else set()
    yes, no = ticked & set(any_of), ticked & set(none_of)
    if yes and no:
        raise ValueError
    return "true" if yes else "false" if no else None


def matching_code(codes: dict[str, str | None]) -> Callable[[str], str | None]:
    """Return the function that finds the code which a text is: the same text, or without regard to case and outer blanks.

    Codes of different levels that differ only in case and blanks are told apart: there the text must be the same.
    """
    folded = {}
    for code, level in codes.items():
        folded.setdefault(fold(code), {})[level] = code
    alone = {word: next(iter(alike.values())) for word, alike in folded.items() if len(alike) == 1}
    return lambda text: text if text in codes else alone.get(fold(text))


def read_levels(text: pd.Series, levels: list[str], synonyms: dict[str, str]) -> pd.Series:
    """Levels in any case and spacing, and their synonyms."""
    known = {level.casefold(): level for level in levels}
    known = synonyms | known
    return each_text(text, lambda value: known.get(" ".join(value.casefold().split())))
