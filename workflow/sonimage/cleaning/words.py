"""Words: booleans, levels with their synonyms, and codes of a map."""

from functools import cache
from pathlib import Path

import pandas as pd

from sonimage.cleaning.parsing import each_text

BOOLEANS = {"true": True, "false": False}
VOCABULARY_FOLDER = Path(__file__).parents[2] / "vocabularies"


def read_booleans(text: pd.Series) -> pd.Series:
    """True and False in any case; other spellings are declared as codes."""
    return each_text(text, lambda value: BOOLEANS.get(value.lower())).astype("boolean")


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
