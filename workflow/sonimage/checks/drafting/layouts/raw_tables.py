"""One table of the delivery with the settings of its file."""

from typing import NamedTuple

import pandas as pd

from sonimage.checks.drafting.columns.contents import Cells
from sonimage.exports.sources import ORIGIN

NO_NUMBERS = pd.Series(dtype=float)


class RawTable(NamedTuple):
    """A file, or one sheet or member of it.

    `entry`: its settings in an export map; `place`: the names of file, sheet and member, which may name a tracer; `cells`:
    raw column -> its cells; `frame`: the same as text; `notes`: what a reader of the map should know; `where`: the rows that
    are meant, if not all; `repeat`: the numbers of its blocks of columns, whose names have `{N}` for them.
    """

    name: str
    entry: dict
    place: str
    frame: pd.DataFrame
    cells: dict[str, Cells]
    notes: tuple[str, ...] = ()
    where: tuple[dict, ...] = ()
    repeat: tuple[str, ...] = ()


def of_frame(name: str, entry: dict, place: str, frame: pd.DataFrame | None, notes: list[str]) -> RawTable:
    """A table of texts, as every format but worksheets has it; without a frame one without columns."""
    frame = pd.DataFrame() if frame is None else frame.drop(columns=[one for one in ORIGIN if one in frame])
    frame = frame.astype(object)
    cells = {column: Cells(frame[column], NO_NUMBERS, 0) for column in frame}
    return RawTable(name, entry, place, frame, cells, tuple(notes))
