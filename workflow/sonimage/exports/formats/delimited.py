"""Delimited text: Castor, REDCap, LIFEx, PMOD, SDTM as CSV and plain tables."""

import csv
from array import array
from collections import Counter
from io import BytesIO, TextIOWrapper
from typing import BinaryIO

import pandas as pd

from sonimage.exports.sources import from_file
from sonimage.faults import Fault, FaultError

DELIMITERS = (",", ";", "\t", "|")
SHOWN = 20  # faults of one kind named one by one; a wrong file has one in every line


def read(content: BinaryIO, name: str, entry: dict) -> pd.DataFrame:
    """Read the file as text after its field counts were checked line by line.

    pandas alone shifts every column when data lines carry one delimiter too many (pandas #14124),
    so the lines are parted by the csv module first. Columns come as categories, which share equal texts.
    """
    data, delimiter = content.read(), entry.get("delimiter", ",")
    encoding = _encoding(data, name, entry.get("encoding", "utf-8"))
    (header_line, n_above), header, lines, widths = _survey(data, name, encoding, entry)
    named = _without_trailing_cell(header, entry)
    faults = _header_faults(named, name, header_line, delimiter)
    faults += _width_faults(name, lines, widths, len(named), entry.get("trailing_empty_column", False))
    if faults:
        raise FaultError(faults)
    frame = pd.read_csv(
        BytesIO(data), sep=delimiter, encoding=encoding, header=None, names=range(max([len(named), *set(widths)])),
        skiprows=n_above, comment=None, dtype="category", keep_default_na=False, na_filter=False, index_col=False,
        skip_blank_lines=True,
    )  # fmt: skip
    frame = _without_comments(frame, entry).reset_index(drop=True)
    if len(frame) != len(lines):
        raise FaultError([Fault(name, None, None, "lines of blanks only", "Remove them, or export the file again")])
    beyond = [row for column in frame.columns[len(named) :] for row in frame.index[frame[column] != ""]]
    if beyond:
        raise FaultError([_width_fault(name, lines[row], len(named) + 1, len(named)) for row in beyond[:SHOWN]])
    frame = frame.iloc[:, : len(named)].set_axis(named, axis=1).apply(_stripped)
    return from_file(frame, name, lines)


def _encoding(data: bytes, name: str, declared: str) -> str:
    """The declared encoding, a byte order mark allowed for; a FaultError if the bytes are of another."""
    if not data.strip():
        raise FaultError([Fault(name, None, None, "the file is empty", "Export the file again, with its header line")])
    if b"\0" in data:
        row = data[: data.index(b"\0")].count(b"\n") + 1
        raise FaultError([Fault(name, row, None, "a NUL byte", "The file is damaged or UTF-16: export it as UTF-8")])
    encoding = "utf-8-sig" if declared.lower() in ("utf-8", "utf8") else declared
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        remedy = "Export as UTF-8, or declare `encoding: cp1252` for this file in the export map"
        raise FaultError([Fault(name, row, None, f"not {declared}", remedy)]) from None
    return encoding


def _survey(data: bytes, name: str, encoding: str, entry: dict) -> tuple[tuple[int, int], list[str], array, array]:
    """The header's last line and its number among records, its cells; of every record the first line and the number of fields."""
    comment, header_row = entry.get("comment"), entry.get("header_row", 1)
    text = TextIOWrapper(BytesIO(data), encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=entry.get("delimiter", ","), strict=True)
    header, end_of_header, lines, widths, line = None, (0, 0), array("i"), array("i"), 1
    try:
        for number, cells in enumerate(reader, start=1):
            if cells and line >= header_row and not (comment and cells[0].startswith(comment)):
                if header is None:
                    header, end_of_header = [cell.strip() for cell in cells], (reader.line_num, number)
                else:
                    lines.append(line)
                    widths.append(len(cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise FaultError([Fault(name, line, None, f"unreadable quoting ({error})", "Re-export the file")]) from None
    if header is None:
        raise FaultError([Fault(name, header_row, None, "no header line", "Export the file again")])
    return end_of_header, header, lines, widths


def _without_trailing_cell(header: list[str], entry: dict) -> list[str]:
    """Drop the empty last cell of Castor's repeating forms, if the map declares it."""
    return header[:-1] if entry.get("trailing_empty_column") and header[-1] == "" else header


def _width_faults(name: str, lines: array, widths: array, width: int, has_trailing_cell: bool) -> list[Fault]:
    allowed = {width, width + 1} if has_trailing_cell else {width}
    if set(widths) <= allowed:
        return []
    wrong = [(line, found) for line, found in zip(lines, widths, strict=True) if found not in allowed]
    faults = [_width_fault(name, line, found, width) for line, found in wrong[:SHOWN]]
    if len(wrong) > SHOWN:
        rest = f"{len(wrong) - SHOWN} more lines with another number of fields"
        faults.append(Fault(name, wrong[SHOWN][0], None, rest, "Mend or re-export the file"))
    return faults


def _width_fault(name: str, line: int, found: int, width: int) -> Fault:
    return Fault(name, line, None, f"{found} fields where the header has {width}", "Mend or re-export the file")


def _without_comments(frame: pd.DataFrame, entry: dict) -> pd.DataFrame:
    if "comment" not in entry:
        return frame
    return frame[~frame[0].astype(object).str.startswith(entry["comment"])]


def _stripped(column: pd.Series) -> pd.Series:
    texts = column.cat.categories
    if (texts == texts.str.strip()).all():
        return column
    return column.astype(object).str.strip().astype("category")


def _header_faults(header: list[str], name: str, row: int, delimiter: str) -> list[Fault]:
    ends_empty = "Is there one delimiter too many in every line? Declare `trailing_empty_column: true`"
    remedy = ends_empty if header.count("") == 1 and header[-1] == "" else "Give each column one name"
    faults = [
        Fault(name, row, column or "(no name)", "column name occurs twice or is empty", remedy)
        for column, count in Counter(header).items()
        if count > 1 or column == ""
    ]
    if len(header) == 1:
        likely = max(DELIMITERS, key=header[0].count)
        if header[0].count(likely):
            remedy = f"The header looks parted by {likely!r}: declare `delimiter: {likely!r}` in the export map"
            faults.append(Fault(name, row, None, f"wrong delimiter {delimiter!r}", remedy))
    return faults
