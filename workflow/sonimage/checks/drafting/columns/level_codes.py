"""Coded columns: which of their texts are levels, which stand for one, and which are open."""

import csv
import re
from functools import cache
from typing import NamedTuple

import pandas as pd

from sonimage.checks.drafting.columns.contents import BY_CONVENTION, Content
from sonimage.exports.chosen_texts import fold
from sonimage.exports.vocabularies import BOOLEANS, FOLDER, vocabulary

# Columns whose words are those of another one, and columns in which a known word within a longer text is enough
SAME_WORDS = {"target_response": "overall_response", "nontarget_response": "overall_response"}
WITHIN = {"modality", "allocation", "event", "overall_response", "target_response", "nontarget_response"}
TWO_WAY = {"0", "1", "9", "99"}  # codes beside which 1 is yes and 0 is no
# A word that may be shown: a short code, or words of letters that several patients have. Patients' own texts have one each.
CODE = re.compile(r"-?\d{1,2}")
WORD, LONGEST = re.compile(r"[^\W\d_]+([ /+<>.-]+[^\W\d_]+){0,2}\d?"), 30
MOST_SHOWN = 20
OFTEN = ((0.5, "most rows"), (0.05, "some rows"), (0.0, "few rows"))  # share of the rows from which on these words hold


class Coding(NamedTuple):
    """What a map says of a coded column: codes, open words each with a note, words for missing, the share of rows known."""

    codes: dict[str, str]
    open_words: list[tuple[str, str]]
    n_hidden: int
    missing: list[str]
    share_known: float
    options: str | None = None


def code_texts(
    field: dict, content: Content, names: dict[str, str], group: str | None, common: frozenset[str]
) -> Coding:
    """Return how the texts of a column with levels are coded.

    `names`: code -> its name, from an option list or a dictionary; `group`: Castor's option group; `common`: the texts that
    several patients have and that stand in no column of patients' own texts.
    """
    texts = pd.concat([content.texts, content.missing]).sort_index()
    codes, missing, open_words, n_known = {}, [], [], 0
    given = {code: level for code, name in names.items() if (level := _level_of_name(field, name))}
    hidden, meant = 0, {name for code, name in names.items() if code in given}
    for text, n in texts.items():
        level = given.get(text) or (not names and _level_of_code(field, text, texts, common)) or None
        if level is None and (_is_read(field, text, texts) or text in meant):
            n_known += n
        elif level is not None:
            codes, n_known = codes | {text: level}, n_known + n
        elif _is_missing(text):
            missing, n_known = [*missing, text], n_known + n
        elif text in names or _may_be_shown(text, common):
            open_words.append((text, _note(field, text, names, how_often(n, texts.sum()))))
        else:
            hidden += 1
    codes = (given if names else _two_way(field, codes)) | codes
    hidden += max(0, len(open_words) - MOST_SHOWN)
    share = n_known / texts.sum() if len(texts) else 1.0
    return Coding(codes, open_words[:MOST_SHOWN], hidden, missing, share, group if codes else None)


def _level_of_name(field: dict, name: str) -> str | None:
    """The level that the name of a code means; in a column of free text the name itself."""
    is_free = field["type"] == "string" and "enum" not in field.get("constraints", {})
    return name if is_free else level_of(field, name, within=True)


def level_of(field: dict, text: str, *, within: bool = False) -> str | None:
    """The level that a text is a word for; `within`: a known word within a longer text counts, if only one level has one."""
    levels = field.get("constraints", {}).get("enum", [])
    return _level_of(field["name"], field["type"] == "boolean", tuple(levels), text, within)


@cache
def _level_of(name: str, is_boolean: bool, levels: tuple[str, ...], text: str, within: bool) -> str | None:
    known = _known_words(name, is_boolean, levels)
    exact = known.get(" ".join(text.casefold().split()))
    if exact or not within:
        return exact
    found = {word: level for word, level in known.items() if len(word) > 1 and _stands_in(word, text.casefold())}
    longest = max(map(len, found), default=0)
    chosen = {level for word, level in found.items() if len(word) == longest}
    return chosen.pop() if len(chosen) == 1 else None


@cache
def _known_words(name: str, is_boolean: bool, levels: tuple[str, ...]) -> dict[str, str]:
    """Word -> level of a column: its levels, its vocabulary, the words of the list; of booleans true and false."""
    if is_boolean:
        return {word: str(is_true).lower() for word, is_true in BOOLEANS.items()}
    known = vocabulary(name) | words_of(name) | {level.casefold(): level for level in levels}
    return {word: level for word, level in known.items() if level in levels}


@cache
def words_of(column: str) -> dict[str, str]:
    """Word -> level of one of our columns, from the list of words."""
    with (FOLDER / "level_words.csv").open(encoding="utf-8", newline="") as content:
        rows = list(csv.DictReader(content))
    return {row["word"]: row["level"] for row in rows if row["column"] == SAME_WORDS.get(column, column)}


def share_of_levels(field: dict, content: Content) -> tuple[float, int]:
    """Share of the rows whose text is a word for a level of the column, and how many different such words there are."""
    texts = pd.concat([content.texts, content.missing])
    within = field["name"] in WITHIN
    known = [text for text in texts.index if level_of(field, text, within=within)]
    return (texts[known].sum() / texts.sum() if len(texts) else 0.0), len(known)


def _level_of_code(field: dict, text: str, texts: pd.Series, common: frozenset[str]) -> str | None:
    """The level of a text that the cleaning does not read by itself; a longer text with a known word must be a common one."""
    if _is_read(field, text, texts) or (CODE.fullmatch(text) and not _are_two_way(texts)):
        return None
    return level_of(field, text, within=field["name"] in WITHIN and text in common)


def _is_read(field: dict, text: str, texts: pd.Series) -> bool:
    """Whether the cleaning reads a text without a code of the map; 1 beside 2 is not known to be yes."""
    levels = field.get("constraints", {}).get("enum", [])
    if field["type"] == "boolean":
        return fold(text) in BOOLEANS and (not CODE.fullmatch(text) or _are_two_way(texts))
    return not levels or " ".join(text.casefold().split()) in {*vocabulary(field["name"]), *map(str.casefold, levels)}


def _are_two_way(texts: pd.Series) -> bool:
    """Whether the codes of a column are 0 and 1, with a code for missing at most beside them."""
    return {code for code in texts.index if CODE.fullmatch(code)} <= TWO_WAY


def _is_missing(text: str) -> bool:
    kind = vocabulary("missing_words").get(fold(text))
    return bool(kind) and kind != BY_CONVENTION


def _stands_in(word: str, text: str) -> bool:
    return word in text and re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", text) is not None


def _may_be_shown(text: str, common: frozenset[str]) -> bool:
    return bool(CODE.fullmatch(text) or (len(text) <= LONGEST and WORD.fullmatch(text) and text in common))


def _two_way(field: dict, codes: dict[str, str]) -> dict[str, str]:
    """Both codes of yes and no where one of them is there."""
    found = {code: level_of(field, code) for code in ("0", "1")}
    return {code: level for code, level in found.items() if level} if set(codes) & set(found) else {}


def how_often(n: int, total: int) -> str:
    """How many rows these are, in words: a draft holds no counts of patients."""
    share = n / total if total else 0.0
    return next(words for limit, words in OFTEN if share >= limit)


def _note(field: dict, text: str, names: dict[str, str], often: str) -> str:
    """What is known of an open word: the name of the code, a level that it looks like, how many rows have it."""
    looks = level_of(field, text, within=True)
    name = f"{names[text]!r} by the list of options, " if text in names else ""
    return f"{name}{often}" + (f", {looks}?" if looks else "")
