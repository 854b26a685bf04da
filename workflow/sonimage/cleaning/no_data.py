"""Rows of a table that are no data: footers, a second header, legends. None of them ever counts as a patient.

Worksheets kept by hand have them. A row is judged by its own texts and by the patient numbers around it, never by the
values of a measurement.
"""

import re
from typing import NamedTuple

import pandas as pd

from sonimage.cleaning import parsing
from sonimage.cleaning.queries import query
from sonimage.faults import Fault

FOOTERS = frozenset(
    {
        "n", "nr", "total", "totaal", "totals", "sum", "som", "count", "aantal", "subtotal", "subtotaal", "mean", "average",
        "gemiddelde", "gem", "median", "mediaan", "sd", "min", "max", "minimum", "maximum", "legend", "legenda", "note",
        "notes", "noot", "opmerking", "opmerkingen", "toelichting", "remark", "remarks", "source", "bron",
    }
)  # fmt: skip
COMMON_SHARE, RARE_ROWS = 0.8, 2  # of patient numbers of one shape, and rows of a shape that is unlike all others
HARDLY_FILLED = 0.25  # of what the median row of its source has filled
HEADER_AGAIN, FOOTER, UNLIKE = (
    "the header again",
    "a footer or legend",
    "a patient number unlike all others, hardly anything filled",
)


class NoData(NamedTuple):
    """Reason for each row that is no data (empty for data), queries, faults."""

    reasons: pd.Series
    queries: list[pd.DataFrame]
    faults: list[Fault]


def find_rows_without_data(rows: pd.DataFrame, name: str, columns: dict[str, dict]) -> NoData:
    """Judge the rows of one source of table `name`: text under our column names with source_file and source_row.

    `columns`: the source's entries in the export map. A header that stands again directly below itself is set aside; further
    down it is a fault, since two files were joined there.
    """
    reasons = pd.Series(None, index=rows.index, dtype=object)
    if "patient_id" not in columns or not len(rows):
        return NoData(reasons, [], [])
    texts = {ours: entry["column"] for ours, entry in columns.items() if entry.get("column") and ours in rows}
    header = _repeats_header(rows, texts)
    is_first = rows["source_row"].astype(int) == rows.groupby("source_file", observed=True)["source_row"].transform(
        "min"
    )
    reasons = reasons.mask(header, HEADER_AGAIN)
    reasons = reasons.mask(reasons.isna() & _is_footer(rows["patient_id"]), FOOTER)
    unlike = _is_unlike(rows[reasons.isna()], list(texts)).reindex(rows.index, fill_value=False)
    asked = query(
        rows[unlike], name, "patient_id", rule_id="ROW_WITHOUT_DATA", severity="warning", observed="unlike all others",
        expected="a patient", action="set aside", remedy="Is this row a patient? If so, complete it at the source",
    )  # fmt: skip
    return NoData(
        reasons.mask(unlike, UNLIKE), [asked], [_header_fault(row) for row in rows[header & ~is_first].itertuples()]
    )


def _repeats_header(rows: pd.DataFrame, texts: dict[str, str]) -> pd.Series:
    """Mark the rows whose filled cells, two at least, are the names of their columns."""
    cells = {ours: rows[ours].astype(object).str.strip() for ours in texts}
    filled = pd.DataFrame({ours: cell != "" for ours, cell in cells.items()})
    alike = pd.DataFrame({ours: cell.str.casefold() == texts[ours].casefold() for ours, cell in cells.items()})
    return (alike.sum(axis=1) == filled.sum(axis=1)) & (filled.sum(axis=1) >= 2)


def _header_fault(row) -> Fault:
    remedy = "Two files were joined here: remove the row, or deliver one file for each"
    return Fault(row.source_file, row.source_row, None, "the header stands again as a row", remedy)


def _is_footer(numbers: pd.Series) -> pd.Series:
    return parsing.each_text(numbers, lambda text: re.sub(r"[\W_]+", "", text.casefold()) in FOOTERS).eq(True)


def _is_unlike(rows: pd.DataFrame, texts: list[str]) -> pd.Series:
    """Mark rows whose patient number has a shape of its own among many of one shape, and that hardly say anything."""
    shape = parsing.each_text(rows["patient_id"], _shape)
    counts = shape.value_counts(normalize=True)
    if not len(counts) or counts.iloc[0] < COMMON_SHARE:
        return pd.Series(False, index=rows.index)
    others = [column for column in texts if column != "patient_id"]
    filled = pd.concat([rows[column].astype(object) != "" for column in others], axis=1).sum(axis=1) if others else 0
    filled = pd.Series(filled, index=rows.index)
    rare = shape.notna() & (shape != counts.index[0]) & (shape.map(shape.value_counts()) <= RARE_ROWS)
    return rare & (filled <= max(1, HARDLY_FILLED * filled.median()))


def _shape(number: str) -> str:
    """The form of a patient number: runs of digits as 9, runs of letters as x."""
    return re.sub(r"[^\W\d_]+", "x", re.sub(r"\d+", "9", number.strip()))
