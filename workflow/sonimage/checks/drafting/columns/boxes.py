"""Checkboxes: the columns of one question, one for each answer that can be ticked, as Castor and REDCap write them."""

import re
from collections.abc import Iterable

from sonimage import schemas
from sonimage.checks.drafting.columns.contents import Content
from sonimage.checks.drafting.columns.dictionaries import Dictionary
from sonimage.checks.drafting.columns.entries import Line
from sonimage.checks.drafting.columns.naming import likeness
from sonimage.exports.chosen_texts import fold
from sonimage.exports.vocabularies import missing_codes

BOX = re.compile(r"(.+?)(?:#|___)(.+)")
NONE = {"none", "geen", "no", "nee", "neither", "not applicable", "niet van toepassing", "nvt"}
UNKNOWN = {"unknown", "onbekend", "niet bekend", "missing"}
LIKELY = 0.7


def find_boxes(columns: Iterable[str]) -> dict[str, dict[str, str]]:
    """Question -> its columns, each with the answer that it stands for."""
    found = {}
    for column in columns:
        part = BOX.fullmatch(column)
        if part:
            found.setdefault(part[1], {})[column] = part[2]
    return {question: some for question, some in found.items() if len(some) > 1}


def box_lines(
    table: str,
    boxes: dict[str, dict[str, str]],
    contents: dict[str, Content],
    dictionary: Dictionary,
    taken: Iterable[str],
) -> list[Line]:
    """Lines for columns of true and false that a question with boxes answers; `taken`: our columns that have a line."""
    lines = []
    for name, field in schemas.fields(table).items():
        scores = {question: likeness(question, name) for question in boxes}
        best = max(scores, key=scores.get, default=None)
        if field["type"] == "boolean" and name not in taken and best and scores[best] >= LIKELY:
            has_codes = any(_has_missing_code(contents[column]) for column in boxes[best])
            lines.append(_line(name, boxes[best], dictionary.choices.get(best, {}), has_codes))
    return lines


def _has_missing_code(content: Content) -> bool:
    return content.has_castor_codes or bool(missing_codes("castor") & {*content.texts.index, *content.missing.index})


def _line(name: str, boxes: dict[str, str], choices: dict[str, str], has_codes: bool) -> Line:
    """True if an answer is ticked, false if the one for none is; doubtful where the answers are numbers without a meaning."""
    meant = {column: fold(choices.get(answer, answer).replace("_", " ")) for column, answer in boxes.items()}
    none_of = [column for column, answer in meant.items() if answer in NONE]
    any_of = [column for column, answer in meant.items() if answer not in NONE | UNKNOWN]
    entry = {"any_of": any_of} | ({"none_of": none_of} if none_of else {})
    entry |= {"missing_codes": "castor"} if has_codes else {}
    if any(answer.isdigit() for answer in meant.values()):
        return Line(name, entry, "doubtful: which of these boxes means none? move it to `none_of`", True)
    return Line(name, entry, "likely: name, one box for each answer")
