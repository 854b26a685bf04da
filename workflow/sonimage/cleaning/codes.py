"""Codes of a map and Castor's option lists: which text stands for which level."""

import pandas as pd

from sonimage.cleaning import words
from sonimage.cleaning.parsing import each_text
from sonimage.exports.chosen_texts import fold
from sonimage.exports.vocabularies import BOOLEANS


def shown_as(texts: dict[str, pd.Series], columns: dict[str, dict], options: pd.DataFrame) -> str:
    """Whether the export shows options as values (numbers) or as names (labels): Castor's files do not say.

    Decided from the option list, for all its columns together: a text may be the name of one option and the value of
    another, so one column alone can mislead. `texts`: the delivered texts of each column.
    """
    counts = {"value": 0, "name": 0}
    for column, entry in columns.items():
        if "options" in entry:
            group, found = options[options["group"] == entry["options"]], set(texts[column].dropna())
            for shown in counts:
                counts[shown] += len(found & set(group[shown]))
    return "name" if counts["name"] > counts["value"] else "value"


def codes_of(entry: dict, options: pd.DataFrame, display: str) -> dict[str, str | None]:
    """Codes of the map and the names of the same options; where a text is both, it is what the file shows."""
    codes = dict(entry.get("codes", {}))
    group = options[options["group"] == entry.get("options")]
    names = {name: codes[value] for name, value in zip(group["name"], group["value"], strict=True) if value in codes}
    return codes | names if display == "name" else names | codes


def decode(
    delivered: pd.Series, codes: dict[str, str | None], otherwise: str | None, own: pd.Series | bool
) -> pd.Series:
    """The level of each text that is a code, the text itself of the others; empty where a code says missing.

    `otherwise`: the level of texts without a code; only for those marked in `own`, which come from the column itself and
    not from one that it refers to.
    """
    if not codes and otherwise is None:
        return delivered
    match = words.matching_code(codes)
    levels = each_text(delivered, lambda text: text if (code := match(text)) is None else codes[code])
    if otherwise is None:
        return levels
    has_code = each_text(delivered, lambda text: match(text) is not None)
    return levels.mask(has_code.eq(False) & own, otherwise)


def is_declared_missing(delivered: pd.Series, codes: dict[str, str | None]) -> pd.Series:
    """Mark texts whose code says missing."""
    match = words.matching_code(codes)
    empty = {code for code, level in codes.items() if level is None}
    return each_text(delivered, lambda text: match(text) in empty).eq(True) if empty else delivered.isin([])


def as_booleans(codes: dict[str, str | None]) -> dict[str, str | None]:
    """The codes of a column of booleans, their levels written as true and false."""
    known = {text: str(is_true).lower() for text, is_true in BOOLEANS.items()}
    return {code: level and known.get(fold(level), level) for code, level in codes.items()}
