"""Blocks of columns that repeat with a number, L1 to L5 or CT1 to CT4: the same columns as one table with `repeat`."""

import re
from collections.abc import Iterable

import pandas as pd

from sonimage.checks.drafting.columns.contents import Cells
from sonimage.checks.drafting.columns.naming import MARK, likeness
from sonimage.checks.drafting.layouts.raw_tables import RawTable

NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
MEASURES = ("diameter_mm", "suvmax", "suvpeak", "suvmean")
OF_BLOCKS = (
    *MEASURES,
    "state",
    "visual",
    "volume_ml",
    "organ",
    "laterality",
    "role",
    "scan_date",
    "is_node",
    "modality",
)
LIKELY = 0.7


def blocks_of(table: RawTable) -> list[RawTable]:
    """Return the table, or what is left of it and a table of its blocks, one below another, under names with `{N}`."""
    families = _families(table.frame)
    numbers = sorted({number for some in families.values() for number in some}, key=int)
    if not any(_is_like(template, MEASURES) for template in families):
        return [table]
    taken = {column for some in families.values() for column in some.values()}
    rest = [column for column in table.frame if column not in taken]
    left = table._replace(frame=table.frame[rest], cells={column: table.cells[column] for column in rest})
    names = {template: [some.get(number) for number in numbers] for template, some in families.items()}
    cells = {column: _piled([table.cells[column]] * len(numbers)) for column in rest}
    cells |= {template: _piled([table.cells[name] for name in some]) for template, some in names.items() if all(some)}
    frame = {column: pd.concat([table.frame[column]] * len(numbers), ignore_index=True) for column in rest}
    frame |= {
        template: pd.concat([table.frame[name] for name in some], ignore_index=True)
        for template, some in names.items()
        if all(some)
    }
    return [left, table._replace(frame=pd.DataFrame(frame), cells=cells, repeat=tuple(numbers))]


def _families(columns: Iterable[str]) -> dict[str, dict[str, str]]:
    """Name with a mark for its number -> number -> column, where a reading's column stands under several numbers."""
    found = {}
    for column in columns:
        for place in NUMBER.finditer(column):
            template = column[: place.start()] + MARK + column[place.end() :]
            if _is_like(template, OF_BLOCKS):
                found.setdefault(template, {})[place[0]] = column
    return {template: some for template, some in found.items() if len(some) > 1}


def _is_like(template: str, columns: Iterable[str]) -> bool:
    return any(likeness(template, column) >= LIKELY for column in columns)


def _piled(some: list[Cells]) -> Cells:
    texts, numbers = ([one[place] for one in some] for place in (0, 1))
    return Cells(
        pd.concat(texts, ignore_index=True), pd.concat(numbers, ignore_index=True), sum(one.n_dates for one in some)
    )
