"""Word lists of the workflow, in `workflow/vocabularies/`: synonyms of levels, and what export systems write for missing."""

import csv
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "vocabularies"
TRUE, FALSE = ("true", "yes", "y", "ja", "j", "1"), ("false", "no", "n", "nee", "0")
BOOLEANS = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
BOOLEANS_IN_WORDS = "true/false, yes/no, ja/nee, j/n, 1/0"


@cache
def vocabulary(name: str) -> dict[str, str]:
    """Synonym (lower case) -> level, from the data file of that name; empty where there is none."""
    path = FOLDER / f"{name}.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as content:
        return {row["synonym"]: row["level"] for row in csv.DictReader(content)}


@cache
def missing_codes(name: str) -> frozenset[str]:
    """User-missing codes of an export system, from `workflow/vocabularies/missing_<name>.csv`."""
    return frozenset(vocabulary(f"missing_{name}"))


def declared_missing(entry: dict) -> set[str]:
    """The texts that a column entry of a map declares as missing."""
    codes = missing_codes(entry["missing_codes"]) if "missing_codes" in entry else frozenset()
    return {*entry.get("missing", []), *codes}
