"""SAS transport files, version 5 (XPT), as CDISC SDTM is delivered."""

from typing import BinaryIO

import pandas as pd

from sonimage.exports.formats.cells import Forms, forms_of, with_mark
from sonimage.exports.sources import from_file
from sonimage.faults import Fault, FaultError

SMALLEST_IBM_NUMBER = 16.0**-65


def read(content: BinaryIO, name: str, entry: dict) -> pd.DataFrame:
    """Read the transport file as text, numbers in short form; `source_row` counts as if a header stood above."""
    try:
        frame = pd.read_sas(content, format="xport", encoding=entry.get("encoding", "utf-8"))
    except ValueError:
        raise FaultError([Fault(name, None, None, "not a SAS transport file (version 5)", "Export it again")]) from None
    texts = frame.apply(lambda column: _as_text(column, forms_of(entry, column.name)))
    return from_file(texts, name, range(2, len(frame) + 2))


def _as_text(column: pd.Series, forms: Forms) -> pd.Series:
    if column.dtype == object:
        return column.fillna("").str.strip()
    # pandas reads the zero of the IBM number format as 5.4e-79
    column = column.mask(column.abs() < SMALLEST_IBM_NUMBER * 10, 0)
    return column.map(lambda value: "" if pd.isna(value) else with_mark(f"{value:.15g}", forms))
