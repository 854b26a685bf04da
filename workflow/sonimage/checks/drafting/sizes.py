"""Sizes and states on CT: one column may hold both, or the size refers to the column beside it."""

import pandas as pd

from sonimage.checks.drafting.columns.contents import Content
from sonimage.checks.drafting.columns.entries import Line
from sonimage.checks.drafting.columns.level_codes import Coding, code_texts, level_of
from sonimage.checks.drafting.columns.pairing import Match
from sonimage.checks.drafting.sources import Study, common_texts, raw_line, rows_filled
from sonimage.exports.named_columns import field_of

MOSTLY = 0.9  # share of the rows in which a column of states is filled, if it is that of all of them
NOT_EVALUABLE = "NOT EVALUABLE"


def size_lines(study: Study, pairs: dict[str, Match]) -> list[Line]:
    """The lines of size and state for the columns that were paired with them."""
    if "diameter_mm" not in pairs:
        return []
    size, state = pairs["diameter_mm"], pairs.get("state")
    content = study.contents[size.raw]
    line = raw_line(study, "measurements", "diameter_mm", size)
    if state is not None and rows_filled(study.raw.frame, state.raw) >= MOSTLY:
        return [line]
    coding = _states(study, size.raw)
    words = [*coding.codes, *coding.missing]
    numbers = [text for text in content.missing.index if text not in words]
    entry = dict(line.entry) | ({"missing": [*words, *numbers]} if words or numbers else {})
    remarks = [part for part in line.comment.split("; ") if "hold no number" not in part]
    sized = line._replace(entry=entry, comment="; ".join(remarks))
    codes = coding.codes | {text: NOT_EVALUABLE for text in numbers if text.lstrip("-").isdigit()}
    if state is None:
        return [sized, _line({"column": size.raw}, codes, coding, "likely: the words among the sizes")]
    beside = _coded_wholly(study.contents[state.raw], study, state.raw)
    both = beside._replace(codes=beside.codes | codes, open_words=beside.open_words + coding.open_words)
    refers = [text for text in content.missing.index if text not in codes]
    how = (
        {"column": size.raw, "see": dict.fromkeys(refers, state.raw)} if refers else {"columns": [state.raw, size.raw]}
    )
    return [sized, _line(how, both.codes, both, f"{state.confidence}: {state.reason}")]


def _states(study: Study, raw: str) -> Coding:
    """The states among the texts of a column of sizes."""
    content = study.contents[raw]
    words = content.words
    return _coded_wholly(content._replace(texts=words, missing=pd.Series(dtype=int)), study, raw)


def _coded_wholly(content: Content, study: Study, raw: str) -> Coding:
    """The coding of states with a code for every word that is known: beside `otherwise` a level without a code is lost."""
    coding = code_texts(_field(), content, {}, None, common_texts(study, raw))
    texts = [*content.texts.index, *content.missing.index]
    return coding._replace(codes={text: level for text in texts if (level := level_of(_field(), text))} | coding.codes)


def _field() -> dict:
    return field_of("measurements", "state") | {"name": "state"}


def _line(how: dict, codes: dict, coding: Coding, comment: str) -> Line:
    entry = how | ({"codes": codes} if codes else {}) | {"otherwise": "MEASURED"}
    return Line("state", entry, comment, open_words=tuple(coding.open_words))
