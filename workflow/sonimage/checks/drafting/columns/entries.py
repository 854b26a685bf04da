"""The line of a map for one column: how its dates, numbers and codes are read, with the confidence and what is doubtful."""

import re
from typing import NamedTuple

import pandas as pd

from sonimage.checks.drafting.columns import dictionaries
from sonimage.checks.drafting.columns.contents import Cells, Content
from sonimage.checks.drafting.columns.day_forms import SAS_ORIGIN, day_numbers
from sonimage.checks.drafting.columns.dictionaries import Dictionary
from sonimage.checks.drafting.columns.level_codes import Coding, code_texts, how_often, level_of
from sonimage.checks.drafting.columns.naming import read_name
from sonimage.checks.drafting.columns.pairing import Match
from sonimage.cleaning import parsing
from sonimage.exports import units
from sonimage.exports.map_rules import NEVER_IMPUTED
from sonimage.exports.named_columns import field_of

# Sizes of the middle number that give a unit away where the name does not: our column -> largest middle, unit
BY_SIZE = {"height_cm": [(3.0, "m")], "er_percent": [(1.0, "fraction")], "weight_kg": [(300, "kg"), (10**6, "g")]}
MOST_LEVELS = 8  # that a comment lists
ACTIVITIES = [(2000, "MBq"), (10**6, "kBq"), (10**12, "Bq")]


class Line(NamedTuple):
    """A column of ours in a source: its entry, a comment, whether it is commented out, words that are still without a level."""

    column: str
    entry: dict
    comment: str
    is_doubtful: bool = False
    open_words: tuple[tuple[str, str], ...] = ()


class Known(NamedTuple):
    """What the whole delivery tells about one column: dictionary, patients' own texts (folded), date forms of the folder."""

    dictionary: Dictionary
    private: frozenset[str]
    forms: frozenset[str]


def line_of(
    table: str, ours: str, match: Match, content: Content, cells: Cells, known: Known, common: frozenset[str]
) -> Line:
    """Return the line for a pair of columns; `common`: the texts of the raw column that may be shown, see code_texts."""
    field = field_of(table, ours) | {"name": ours}
    entry, remarks, open_words, is_doubtful = {"column": match.raw}, [], (), match.score < 0.7
    if field["type"] == "date":
        found, remarks, unclear = _dates(ours, content, cells, known.forms)
        is_doubtful |= unclear
    elif ours == "birth_year" and content.days.forms:
        found = {"extract": "([0-9]{4})$" if content.days.forms[0].endswith("%Y") else "^([0-9]{4})"}
    elif field["type"] in ("number", "integer"):
        found, remarks = _numbers(field, match.raw, content, known.dictionary)
    elif field["type"] == "time":
        found = {"time": "%H%M"} if content.n_known and content.texts.index.str.fullmatch(r"\d{4}").all() else {}
    else:
        coding = _coding(field, match.raw, content, known.dictionary, common)
        found, remarks = _codes(coding)
        open_words = tuple(coding.open_words)
        if coding.share_known == 0 and (ours != "organ" or content.share_of_numbers > 0):
            is_doubtful, remarks = True, [f"its codes are not known, each is one of {_levels(field)}", *remarks]
    if content.has_castor_codes:
        found["missing_codes"] = "castor"
    confidence = "doubtful" if is_doubtful else match.confidence
    comment = "; ".join([f"{confidence}: {match.reason}", *remarks])
    return Line(ours, entry | found, comment, is_doubtful, open_words)


def _dates(ours: str, content: Content, cells: Cells, decisive: frozenset[str]) -> tuple[dict, list[str], bool]:
    """Forms of a date, remarks, and whether day and month could be meant the other way round."""
    days, remarks, is_unclear = content.days, [], False
    forms = [form for form in days.forms if form != parsing.ISO_DAY]
    if days.other:
        first, both = days.forms[0], {days.forms[0], days.other}
        settled = both & decisive
        if len(settled) == 1:
            forms = [next(iter(settled)), *forms[1:]]
            remarks.append("day and month as in other columns, these dates alone do not tell")
        else:
            is_unclear = True
            remarks.append(f"day or month first? every date can be read by {first} and by {days.other}")
    if content.day_count == SAS_ORIGIN:
        return {"origin": SAS_ORIGIN} | _missing(content), ["days of SAS since 1960"], False
    if content.day_count or day_numbers(cells.numbers) == parsing.EXCEL_SERIAL:
        forms += [] if parsing.EXCEL_SERIAL in forms else [parsing.EXCEL_SERIAL]
    remarks += ["day numbers of Excel among them"] if parsing.EXCEL_SERIAL in forms else []
    if days.n_partial and ours not in NEVER_IMPUTED:
        remarks.append("dates that lack day or month: add `partial: mid` (or first, last) to complete them")
    if days.n_unread:
        remarks.append(f"{how_often(days.n_unread, content.n_known)} hold no date")
    found = {"date": forms if len(forms) > 1 else forms[0]} if forms else {}
    return found | _missing(content), remarks, is_unclear


def _missing(content: Content) -> dict:
    return {"missing": list(content.missing.index)} if len(content.missing) else {}


def _numbers(field: dict, raw: str, content: Content, dictionary: Dictionary) -> tuple[dict, list[str]]:
    """Decimal mark, unit, codes for missing, what is to be stripped."""
    found, remarks = {}, []
    if content.numbers.decimal == ",":
        found["decimal"] = ","
    if content.numbers.n_other_mark:
        remarks.append(f"{how_often(content.numbers.n_other_mark, content.n_known)} have the other decimal mark")
    unit = _unit(field, raw, content, dictionary)
    if unit and unit != field["unit"]:
        found["unit"] = unit
    words = content.words
    ending = _one_ending(words)
    if ending:
        found["strip"] = f" {ending}"
    elif len(words):
        remarks.append(f"{how_often(words.sum(), content.n_known)} hold no number")
    return found | _missing(content), remarks


def _unit(field: dict, raw: str, content: Content, dictionary: Dictionary) -> str | None:
    """The unit of the name or of the variable list, else the one that the size of the numbers gives away."""
    known = units.FACTORS.get(field.get("unit"), {})
    named = read_name(raw).unit or read_name(f"x ({dictionary.units.get(raw, '')})").unit
    if named in known:
        return named
    sizes = ACTIVITIES if field["name"] == "injected_activity_mbq" else BY_SIZE.get(field["name"], [])
    middle = content.numbers.amounts.median() if len(content.numbers.amounts) else None
    return next((unit for limit, unit in sizes if middle is not None and middle <= limit), None)


def _one_ending(words: pd.Series) -> str | None:
    """Letters that all these texts have behind a number, such as mm or %."""
    parts = [re.fullmatch(r"[\d.,]+ ?([A-Za-z]{1,3}|%)", word) for word in words.index]
    endings = {part[1] for part in parts if part}
    return endings.pop() if parts and all(parts) and len(endings) == 1 else None


def _coding(field: dict, raw: str, content: Content, dictionary: Dictionary, common: frozenset[str]) -> Coding:
    """How the texts of a column are coded, with the names that the delivery's own lists give its codes."""
    has_levels = field["type"] == "boolean" or "enum" in field.get("constraints", {})
    texts = {*content.texts.index, *content.missing.index}
    meaning = (lambda name: level_of(field, name, within=True)) if has_levels else None
    group = dictionaries.group_for(dictionary, raw, texts, meaning)
    names = dictionaries.names_of_codes(dictionary, raw) or dictionary.groups.get(group, {})
    return code_texts(field, content, names, group, common)


def _levels(field: dict) -> str:
    """The levels that a code may have, in words; of many where they stand."""
    levels = field.get("constraints", {}).get("enum", ["true", "false"])
    return ", ".join(levels) if len(levels) <= MOST_LEVELS else "the levels in workflow/schemas/cleaning/"


def _codes(coding: Coding) -> tuple[dict, list[str]]:
    found = {"options": coding.options} if coding.options else {}
    found |= {"codes": coding.codes} if coding.codes else {}
    found |= {"missing": coding.missing} if coding.missing else {}
    hidden = ["words without a level that are not shown here: see `snakemake check_exports`"] if coding.n_hidden else []
    return found, hidden
