"""What the name of a raw column could mean: its words, the tracer and the unit that it names, and how near our columns are."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

from sonimage import schemas
from sonimage.exports import units
from sonimage.exports.map_rules import TABLES
from sonimage.exports.vocabularies import FOLDER, vocabulary

TRACERS = {"fes": "FES-PET", "fdg": "FDG-PET"}
LINKS = {"de", "het", "een", "van", "of", "the", "in", "a", "an", "op", "bij", "at", "v"}  # words that link others
NEVER = "-"  # in the list of names: a column that is none of ours
# Marks before a name of the list: too common to be found within a longer name; decides wherever it stands
WHOLE, DECISIVE = "=", "*"
# Dutch and REDCap write in one word what English parts: overlijdensdatum
LAST_PART = re.compile(r"([^\W\d_]{2,}?)(datum|nummer|jaar|tijd|dag|date|number|time|nr)(?![^\W\d_])")
SHORT, NEAR = 4, 0.88  # shorter names must be there as words; how alike two names must be
MARK = "{N}"  # stands in a name for the number of a block, with a letter before it: L{N} SUVmax
UNIT = re.compile(r"[(\[]([^()\[\]]*)[)\]]\s*$|[ _]([A-Za-z/%]+\d?)$")
NO_ENDINGS = {"m", "g", "s", "min", "year", None}  # units that a name without brackets ends with by chance
UNITS = {
    unit.casefold(): unit for known in units.FACTORS.values() for unit in known
} | {"%": "percent", "cc": "ccm", "cm³": "cm3", "mm³": "mm3", "cubic mm": "mm3", "perc": "percent"}  # fmt: skip


class Name(NamedTuple):
    """The words of a column name, without tracer, unit and linking words."""

    raw: str
    words: tuple[str, ...]
    tracer: str | None
    unit: str | None


@cache
def read_name(raw: str) -> Name:
    """Return what a column name says: `FES volume (ccm)` is the word volume, of FES-PET, in ccm."""
    unit, rest = _unit_of(re.sub(r"(?<![^\W_])[A-Za-z]?\{N\}|\{N\}", " ", raw))
    words = tuple(word for word in _words(rest) if word not in LINKS) or _words(raw)
    tracer = next((TRACERS[word] for word in words if word in TRACERS), None)
    without = tuple(word for word in words if word not in TRACERS)
    return Name(raw, without or words, tracer, unit)


def _unit_of(raw: str) -> tuple[str | None, str]:
    """The unit at the end of a name, as the study's units spell it, and the name without it."""
    found = UNIT.search(raw)
    unit = found and UNITS.get((found[1] or found[2] or "").strip().casefold())
    is_bracketed = found and found[1] is not None
    if not is_bracketed and unit in NO_ENDINGS:
        return None, raw
    return unit, raw[: found.start()] if unit or is_bracketed else raw


@cache
def _words(text: str) -> tuple[str, ...]:
    """Lower-case words without accents, each as the list has it: `scanDate`, `scan_dt` and `Scandatum` are scan and date."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = plain.replace(MARK, " ")
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).casefold()
    parted = LAST_PART.sub(r"\1 \2", parted)
    meant = vocabulary("name_words")
    return tuple(meant.get(word, word) for word in re.findall(r"[^\W_]+", parted))


@cache
def known_names() -> dict[str, list[tuple[str, str]]]:
    """Our column -> names that mean it, each with its mark: our own, ADaM's, those of the list."""
    names = {}
    for table in TABLES:
        for column, field in schemas.fields(table).items():
            found = names.setdefault(column, [(column, "")])
            found += [(field["adam"], "")] if "adam" in field else []
    with (FOLDER / "column_names.csv").open(encoding="utf-8", newline="") as content:
        for row in csv.DictReader(content):
            mark = row["name"][0] if row["name"][0] in (WHOLE, DECISIVE) else ""
            names.setdefault(row["column"], []).append((row["name"].removeprefix(mark), mark))
    return names


@cache
def likeness(raw: str, column: str) -> float:
    """How surely a raw name means a column of ours: 1 is our own name, 0 nothing in common."""
    if MARK not in raw and _letters(raw) == _letters(column):
        return 1.0
    name = read_name(raw)
    return max((_nearness(name, known, mark) for known, mark in known_names().get(column, [])), default=0.0)


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Name -> the same without its first word, where other names begin with that word too, as those of one form do."""
    words = {name: _words(name) for name in names}
    firsts = Counter(some[0] for some in words.values() if some)
    return {
        name: re.sub(r"^[\W_]*[^\W_]+[\W_]+", "", name)
        for name, some in words.items()
        if len(some) > 1 and firsts[some[0]] > 1
    }


def _letters(name: str) -> str:
    """The letters and digits of a name as it is written."""
    return re.sub(r"[\W_]+", "", name).casefold()


@cache
def best_likeness(raw: str) -> float:
    """How surely a raw name means any column of ours."""
    return max(likeness(raw, column) for column in known_names() if column != NEVER)


@cache
def is_never_ours(raw: str) -> bool:
    """Whether the list says that a column of this name is none of ours."""
    return any(_words(raw) == _words(name) for name, _ in known_names()[NEVER])


@cache
def _known(name: str) -> tuple[str, ...]:
    return read_name(name).words


def _nearness(name: Name, known: str, mark: str) -> float:
    """1 to 0: the same words, the same words in another order, words within the name, a spelling like it."""
    words = _known(known)
    ours, theirs = "".join(words), "".join(name.words)
    if ours == theirs:
        return 0.95
    if sorted(words) == sorted(name.words):
        return 0.93
    if mark == WHOLE:
        return 0.0
    if mark == DECISIVE:
        return 0.95 * _within(words, name.words)
    if _within(words, name.words) or (len(ours) > SHORT and ours in theirs and len(name.words) == 1):
        return 0.6 + 0.3 * len(ours) / len(theirs)
    lengths = sorted((len(ours), len(theirs)))
    if lengths[0] > SHORT + 1 and 2 * lengths[0] >= NEAR * sum(lengths):
        ratio = SequenceMatcher(None, ours, theirs).ratio()
        return 0.85 * ratio if ratio >= NEAR else 0.0
    return 0.0


def _within(words: tuple[str, ...], of: tuple[str, ...]) -> bool:
    """Whether words stand side by side in a name."""
    return any(of[start : start + len(words)] == words for start in range(len(of) - len(words) + 1))
