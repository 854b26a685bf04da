"""The header line of a table: the first line of names that covers the lines below it."""

import datetime
import re
from itertools import zip_longest

MOST_TITLES, LINES_BELOW = 40, 200  # lines above a header, and lines below it that are looked at
# Share of the columns below that a header names, and of its cells that may recur as values
COVERED, RECURRING = 0.8, 0.3
LONGEST_NAME = 200
IS_DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}.*")
SMALL_NUMBER = re.compile(r"\d{1,2}")


def find_header(lines: list[list]) -> int | None:
    """Return the number of the header among the lines (the first is 0), None where no line looks like one.

    `lines`: the cells of each line, of worksheets as they are typed, empty ones as None or "".
    """
    for number, line in enumerate(lines[:MOST_TITLES]):
        below = lines[number + 1 : number + 1 + LINES_BELOW]
        if _looks_like_data(line, below):
            return None
        if _are_names(line) and _covers(line, below) and (number == 0 or below):
            return number
    return None


def _is_empty(cell) -> bool:
    return cell is None or str(cell).strip() == ""


def _are_names(line: list) -> bool:
    """Two names at least, no name twice, hardly a number or a mark such as # among them and no date."""
    filled = [str(cell).strip() for cell in line if not _is_empty(cell)]
    if len(filled) < 2 or len(set(filled)) < len(filled):
        return False
    if any(isinstance(cell, datetime.date | datetime.datetime | float) for cell in line):
        return False
    names = [text for text in filled if re.search(r"[^\W\d_]", text) and not IS_DAY.match(text)]
    others = [text for text in filled if SMALL_NUMBER.fullmatch(text) or not re.search(r"\w", text)]
    are_short = all(len(text) <= LONGEST_NAME for text in filled)
    return are_short and len(names) + len(others) == len(filled) and len(others) < len(filled) / 2


def _covers(line: list, below: list[list]) -> bool:
    """Whether the columns that the lines below fill have a name; a table without rows has a header too."""
    named = {place for place, cell in enumerate(line) if not _is_empty(cell)}
    filled = {place for other in below for place, cell in enumerate(other) if not _is_empty(cell)}
    return not filled or len(filled & named) >= COVERED * len(filled)


def _looks_like_data(line: list, below: list[list]) -> bool:
    """Whether cells of the line recur below it, or have the shape of what stands below: then the file has no header.

    A title of one cell says nothing.
    """
    if sum(not _is_empty(cell) for cell in line) < 2:
        return False
    columns = list(zip_longest(*below)) if below else []
    alike = 0
    for name, values in zip(line, columns, strict=False):
        texts = [str(value).strip() for value in values if not _is_empty(value)]
        if not _is_empty(name) and texts:
            alike += str(name).strip() in texts or _has_their_shape(str(name).strip(), texts)
    return alike > RECURRING * sum(not _is_empty(cell) for cell in line)


def _has_their_shape(name: str, texts: list[str]) -> bool:
    """A name with digits that is built as most values are: `UMCG-001` above `UMCG-002`."""
    shape = _shape(name)
    return (
        bool(re.search(r"\d", name))
        and len(texts) > 1
        and sum(_shape(text) == shape for text in texts) > len(texts) / 2
    )


def _shape(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "x", re.sub(r"\d+", "9", text))
