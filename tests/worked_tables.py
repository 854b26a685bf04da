"""Worked tables written as text."""

from io import StringIO

import pandas as pd
from sonimage import tables


def table(text: str, name: str | None = None) -> pd.DataFrame:
    """Read a worked table: columns parted by `|`, `-` for a value that was never recorded.

    With the name of one of our tables the columns get the types of its schema.
    """
    lines = [line for line in text.strip().splitlines() if line.strip()]
    frame = pd.read_csv(StringIO("\n".join(lines)), sep="|", dtype=str, keep_default_na=False)
    frame.columns = frame.columns.str.strip()
    frame = frame.apply(lambda column: column.str.strip()).replace({"-": None, "": None})
    frame = frame.where(frame.notna())
    return tables.conform(frame, name) if name else frame
