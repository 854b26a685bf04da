"""The columns that hold patient numbers, the numbering systems that files share, and the tables that lead from one to another."""

import re
from typing import NamedTuple

import pandas as pd

from sonimage.checks.drafting.columns.naming import is_never_ours, likeness, read_name
from sonimage.checks.drafting.layouts.raw_tables import RawTable

NAMED = 0.75  # likeness of a name
SHARED, LEAST = 0.5, 3  # share of the numbers that two columns have in common, and numbers at least
OWN = "sonimage"  # the study whose numbers lead
PLAIN = {"patient", "id", "nr", "no", "number", "nummer", "pat", "study", "studie", "subject"}
DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}.*")


class Key(NamedTuple):
    """A table that leads from another numbering to the study's."""

    name: str
    file: str
    source: str
    target: str


class Numberings(NamedTuple):
    """Where patient numbers stand: name of a table -> its column; the key that it needs; a doubt in words; keys; all numbers."""

    columns: dict[str, str]
    keys_of: dict[str, str]
    doubts: dict[str, str]
    keys: list[Key]
    numbers: frozenset[str]


def find_numberings(tables: list[RawTable]) -> Numberings:
    """Return where the patients' numbers stand and how they lead to those of the study."""
    named = {table.name: _named(table) for table in tables}
    values = {(table.name, column): _values(table.frame[column]) for table in tables for column in named[table.name]}
    for table in tables:
        if not named[table.name]:
            named[table.name] = _sharing(table, set().union(*values.values()) if values else set())
            values |= {(table.name, column): _values(table.frame[column]) for column in named[table.name]}
    pairs = [pair for table in tables if (pair := _key_pair(table, named[table.name], values))]
    needed = [key for key in pairs if _is_needed(key, tables, named, values)]
    columns, keys_of = {}, {}
    for table in tables:
        if named[table.name]:
            columns[table.name], keys_of[table.name] = _column(table, named[table.name], needed, values)
    keys_of = {name: key for name, key in keys_of.items() if key}
    doubts = {
        name: f"could be numbers of {key.source!r} as well as of {key.target!r}: add or take away `key: {key.name}`"
        for name, column in columns.items()
        for key in pairs
        if name != key.file and _is_open(column, key, values[name, column], values)
    }
    numbers = frozenset().union(*values.values()) if values else frozenset()
    return Numberings(
        columns, keys_of, doubts, [key for key in pairs if key in needed or _is_told(key, doubts)], numbers
    )


def _named(table: RawTable) -> list[str]:
    """Columns whose name is that of a patient number, the likeliest first."""
    found = {
        column: likeness(column, "patient_id")
        for column in table.frame
        if not is_never_ours(column) and not _holds_days(table.frame[column])
    }
    return sorted((one for one in found if found[one] >= NAMED), key=lambda one: -found[one])


def _holds_days(texts: pd.Series) -> bool:
    filled = texts[texts != ""]
    return bool(len(filled) and filled.str.fullmatch(DAY).mean() > SHARED)


def _values(texts: pd.Series) -> set[str]:
    return set(texts[texts != ""].unique())


def _sharing(table: RawTable, known: set[str]) -> list[str]:
    """The column of a table without a named one that shares most of its texts with the patient numbers of other files."""
    shares = {}
    for column in table.frame:
        texts = _values(table.frame[column])
        if len(texts) >= LEAST and not all(re.fullmatch(r"\d{1,3}", text) for text in texts):
            shares[column] = len(texts & known) / len(texts)
    best = max(shares, key=shares.get, default=None)
    return [best] if best and shares[best] >= SHARED else []


def _key_pair(table: RawTable, columns: list[str], values: dict) -> Key | None:
    """The two numberings that stand side by side in a table, one number for one."""
    for number, first in enumerate(columns):
        for second in columns[number + 1 :]:
            rows = table.frame[(table.frame[first] != "") & (table.frame[second] != "")][[first, second]]
            rows = rows.drop_duplicates()
            if (
                len(rows) >= 2
                and rows[first].is_unique
                and rows[second].is_unique
                and (rows[first] != rows[second]).any()
            ):
                source, target = _directed(table.name, first, second, values)
                return Key(_key_name(source), table.name, source, target)
    return None


def _directed(name: str, first: str, second: str, values: dict) -> tuple[str, str]:
    """Which of two columns leads to which: to the study's own name, else to the numbers that most other files have."""
    own = [column for column in (first, second) if OWN in "".join(read_name(column).words)]
    if len(own) == 1:
        return (second, first) if own == [first] else (first, second)
    uses = {
        column: sum(
            _overlap(values[name, column], other) >= SHARED for (file, _), other in values.items() if file != name
        )
        for column in (first, second)
    }
    return (first, second) if uses[second] > uses[first] else (second, first)


def _key_name(column: str) -> str:
    words = [word for word in read_name(column).words if word not in PLAIN]
    return "_".join(words) or "other_number"


def _is_needed(key: Key, tables: list[RawTable], named: dict, values: dict) -> bool:
    """Whether rows of a table have the other number alone."""
    source, target = values[key.file, key.source], values[key.file, key.target]
    for table in tables:
        if table.name == key.file:
            frame = table.frame
            if ((frame[key.source] != "") & (frame[key.target] == "")).any():
                return True
        elif any(
            _is_of_source(column, key, values[table.name, column], source, target) for column in named[table.name][:1]
        ):
            return True
    return False


def _is_of_source(column: str, key: Key, numbers: set, source: set, target: set) -> bool:
    """Whether a column has the numbers that a key leads from, by its name, else by the numbers."""
    words = read_name(column).words
    if words in (read_name(key.source).words, read_name(key.target).words) and key.source != key.target:
        return words == read_name(key.source).words
    return _overlap(numbers, source) > _overlap(numbers, target)


def _is_open(column: str, key: Key, numbers: set, values: dict) -> bool:
    """Whether neither the name nor the numbers of a column tell which of the two numberings of a key it has."""
    words = read_name(column).words
    if words in (read_name(key.source).words, read_name(key.target).words):
        return False
    shares = [_overlap(numbers, values[key.file, one]) for one in (key.source, key.target)]
    return min(shares) >= SHARED


def _is_told(key: Key, doubts: dict[str, str]) -> bool:
    """Whether a doubt names the key, which must then be in the map."""
    return any(f"`key: {key.name}`" in doubt for doubt in doubts.values())


def _overlap(one: set, other: set) -> float:
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _column(table: RawTable, columns: list[str], keys: list[Key], values: dict) -> tuple[str, str | None]:
    """The column of patient numbers of a table, and the key that its numbers need."""
    for key in keys:
        if key.file == table.name:
            is_whole = (table.frame[key.target] != "").all()
            return (key.target, None) if is_whole else (key.source, key.name)
    for column in columns:
        for key in keys:
            source, target = values[key.file, key.source], values[key.file, key.target]
            if _overlap(values[table.name, column], target) >= SHARED and not _is_of_source(
                column, key, values[table.name, column], source, target
            ):
                return column, None
    for column in columns:
        for key in keys:
            if _is_of_source(
                column, key, values[table.name, column], values[key.file, key.source], values[key.file, key.target]
            ):
                return column, key.name
    return columns[0], None
