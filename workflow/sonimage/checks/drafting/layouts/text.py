"""Delimited text: encoding, delimiter, comment mark, header line."""

import csv
import re
from collections import Counter
from io import BytesIO, StringIO

from sonimage.checks.drafting.layouts.headers import find_header
from sonimage.exports.formats import delimited
from sonimage.faults import FaultError

ENCODINGS = ("utf-8", "cp1252", "iso-8859-1")
COMMENTS = ("#", "//")
LOOKED_AT = 2000  # records that are looked at
REGULAR = 0.5  # share of the records of a table that have one number of fields


def layout_of(data: bytes, *, is_prose_likely: bool = False) -> dict | None:
    """Return the settings of the file in an export map, defaults left out; None where it is no table with a header.

    `is_prose_likely`: a line alone is no header, as in a readme.
    """
    encoding = next(name for name in ENCODINGS if _is_in(data, name))
    text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    comment = next((mark for mark in COMMENTS if re.match(rf"\s*{mark}[^,;\t|]", text)), None)  # `#;` begins a header
    found = [(delimiter, *_records(text, delimiter, comment)) for delimiter in delimited.DELIMITERS]
    delimiter, records, lines = max(found, key=lambda one: _regularity(one[1]))
    header = find_header(records)
    if header is None or len(records) < (2 if is_prose_likely else 1) or _regularity(records)[0] < REGULAR:
        return None
    settings = {"delimiter": delimiter, "encoding": encoding, "comment": comment, "header_row": lines[header]}
    if _ends_empty(records[header], records[header + 1 :]):
        settings["trailing_empty_column"] = True
    # Blank lines and comments above a header are passed over without a word of the map.
    defaults = {"delimiter": ",", "encoding": "utf-8", "comment": None, "header_row": lines[0]}
    return {key: value for key, value in settings.items() if key not in defaults or value != defaults[key]}


def _is_in(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _records(text: str, delimiter: str, comment: str | None) -> tuple[list[list[str]], list[int]]:
    """The first records of the text and the line that each begins on, without comments."""
    reader, records, lines, line = csv.reader(StringIO(text, newline=""), delimiter=delimiter), [], [], 1
    try:
        for cells in reader:
            if cells and not (comment and cells[0].startswith(comment)):
                records.append(cells)
                lines.append(line)
            line = reader.line_num + 1
            if len(records) == LOOKED_AT:
                break
    except csv.Error:
        pass
    return records, lines


def _regularity(records: list[list[str]]) -> tuple[float, int]:
    """How many records have the commonest number of fields beyond one, and that number."""
    widths = Counter(len(cells) for cells in records if len(cells) > 1)
    if not widths:
        return 0.0, 0
    width, n = max(widths.items(), key=lambda one: (one[1], one[0]))
    return n / len(records), width


def _ends_empty(header: list[str], records: list[list[str]]) -> bool:
    """Whether header or rows end with one delimiter too many."""
    named = len(header) - (header[-1].strip() == "")
    longer = [cells for cells in records if len(cells) == named + 1]
    return named < len(header) or (len(longer) > len(records) / 2 and all(cells[-1].strip() == "" for cells in longer))


def read(data: bytes, label: str, entry: dict):
    """The table as the adapter reads it, and the rules that it breaks; rows of another width are left out of the draft."""
    try:
        return delimited.read(BytesIO(data), label, entry), []
    except FaultError as error:
        faults = error.faults
    mended = _of_one_width(data, entry)
    try:
        return delimited.read(BytesIO(mended), label, entry | {"encoding": "utf-8"}), faults
    except FaultError:
        return None, faults


def _of_one_width(data: bytes, entry: dict) -> bytes:
    """The text with the records from the header on that are as wide as it, written anew."""
    encoding, header_row = entry.get("encoding", "utf-8-sig"), entry.get("header_row", 1)
    text = StringIO(data.decode(encoding), newline="")
    lines = text.readlines()
    titles, rest = lines[: header_row - 1], lines[header_row - 1 :]
    records = [cells for cells in csv.reader(rest, delimiter=entry.get("delimiter", ",")) if cells]
    out = StringIO(newline="")
    csv.writer(out, delimiter=entry.get("delimiter", ","), lineterminator="\n").writerows(
        cells for cells in records if len(cells) == len(records[0])
    )
    return ("".join("\n" for _ in titles) + out.getvalue()).encode("utf-8")
