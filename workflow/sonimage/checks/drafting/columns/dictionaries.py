"""What the delivery itself says of its columns: Castor's option and variable lists, REDCap's data dictionary."""

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import NamedTuple

import pandas as pd

from sonimage.checks.drafting.layouts.raw_tables import RawTable

FITS = 0.75  # likeness of a group's name, or share of its options that are levels
OPTIONS = ("Option group name", "Option name", "Option value")
CASTOR = {"name": "Variable name", "label": "Field label", "group": "Optiongroup name", "unit": "Field units"}
REDCAP = {"name": "Variable / Field Name", "label": "Field Label", "choices": "Choices, Calculations, OR Slider Labels"}


class Dictionary(NamedTuple):
    """Labels and units of raw columns, the names of their codes, option groups with their values.

    `options_entry`: the entry of `files` that holds Castor's option list, if there is one.
    """

    labels: dict[str, str]
    units: dict[str, str]
    choices: dict[str, dict[str, str]]
    groups: dict[str, dict[str, str]]
    group_of: dict[str, str]
    options_entry: str | None


def gather(tables: list[RawTable]) -> tuple[Dictionary, list[RawTable]]:
    """Return the dictionaries of a delivery as one, and the tables that are none."""
    found, data = Dictionary({}, {}, {}, {}, {}, None), []
    for table in tables:
        if set(OPTIONS) <= set(table.frame):
            groups = _groups(table.frame)
            found = found._replace(groups=found.groups | groups, options_entry=found.options_entry or table.name)
        elif {CASTOR["name"], CASTOR["label"]} <= set(table.frame):
            _add(found, table.frame, CASTOR)
        elif {REDCAP["name"], REDCAP["label"]} <= set(table.frame):
            _add(found, table.frame, REDCAP)
        else:
            data.append(table)
    return found, data


def _groups(frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    groups = {}
    for group, name, value in frame[list(OPTIONS)].itertuples(index=False):
        groups.setdefault(group, {})[value] = name
    return groups


def _add(found: Dictionary, frame: pd.DataFrame, names: dict[str, str]) -> None:
    """Add what a list of variables says to a dictionary."""
    kinds = {"label": found.labels, "unit": found.units, "group": found.group_of}
    for _, row in frame.iterrows():
        for key, known in kinds.items():
            text = row.get(names.get(key), "")
            if text:
                known[row[names["name"]]] = text
        choices = _choices(row.get(names.get("choices"), ""))
        if choices:
            found.choices[row[names["name"]]] = choices


def _choices(text: str) -> dict[str, str]:
    """REDCap's `1, Yes | 0, No` as code -> name."""
    parts = [part.split(",", 1) for part in re.split(r"\s*\|\s*", text) if "," in part]
    return {code.strip(): name.strip() for code, name in parts} if len(parts) > 1 else {}


def names_of_codes(found: Dictionary, column: str) -> dict[str, str]:
    """The names of a column's codes, by its own choices or the option group that the variable list names."""
    return found.choices.get(column) or found.groups.get(found.group_of.get(column, ""), {})


def group_for(found: Dictionary, raw: str, texts: set[str], level_of: Callable[[str], str | None] | None) -> str | None:
    """Castor's option group of a column: the one that the variable list names, else the one whose options fit it alone.

    `texts`: what the column holds; `level_of`: the level that an option's name means, None for a column without levels, whose
    group must bear the name of the column.
    """
    if raw in found.group_of:
        return found.group_of[raw] if found.group_of[raw] in found.groups else None
    fitting = [
        name for name, options in found.groups.items() if texts and texts <= {*options.keys(), *options.values()}
    ]
    if level_of is None:
        scores = {name: SequenceMatcher(None, name.casefold(), raw.casefold()).ratio() for name in fitting}
    else:
        meant = {name: [level_of(option) for option in found.groups[name].values()] for name in fitting}
        scores = {name: sum(map(bool, levels)) / len(levels) for name, levels in meant.items()}
    best = max(scores, key=scores.get, default=None)
    return best if best and scores[best] >= FITS else None
