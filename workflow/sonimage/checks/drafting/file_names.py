"""Names of files for a map: which may be written, which files and sheets belong together."""

from pathlib import PurePosixPath

import pandas as pd

from sonimage.checks.drafting.columns import dictionaries
from sonimage.checks.drafting.columns.contents import Cells
from sonimage.checks.drafting.columns.naming import likeness
from sonimage.checks.drafting.layouts import paths
from sonimage.checks.drafting.layouts.raw_tables import RawTable
from sonimage.exports.blocks import looks_filled_down
from sonimage.exports.delivery import SEVERAL

SHORT = 3  # a patient number of fewer letters stands in a path by chance
EACH_PATIENT = "several files of the same columns, one for each patient it seems; an entry reads one file: join them"
EACH_SHEET = "several sheets of the same columns, one for each patient it seems: name them in `sheets`"
HIDDEN = "a patient's number stands in its path: `*` takes its place, and other files may match"
LISTS = {dictionaries.OPTIONS[0], dictionaries.CASTOR["name"], dictionaries.REDCAP["name"]}


def name_tables(tables: list[RawTable], numbers: frozenset[str]) -> list[RawTable]:
    """The tables under names for the map: paths as patterns, tables of one layout as one, no text of a patient in any name."""
    tables = _one_of_each_layout(tables, numbers)
    files = sorted({table.entry["path"] for table in tables if table.entry.get("format") not in SEVERAL})
    named = []
    for table in sorted(tables, key=lambda one: (one.entry["path"], one.entry.get("member", ""))):
        entry, notes = _as_patterns(table, files, tables, numbers)
        parts = [paths.stem_of(entry.get("member", entry["path"]))]
        alike = [one for one in tables if one.entry["path"] == table.entry["path"]]
        parts += [entry["sheet"]] if "sheet" in entry and len(alike) > 1 else []
        name = paths.entry_name(
            [table.entry["format"]] if entry.get("format") in SEVERAL else parts, [one.name for one in named]
        )
        named.append(table._replace(name=name, entry=entry, notes=(*table.notes, *notes)))
    return named


def _as_patterns(table: RawTable, files: list[str], tables: list[RawTable], numbers) -> tuple[dict, list[str]]:
    """The entry with patterns for path and member."""
    entry, notes = dict(table.entry), []
    if entry.get("format") in SEVERAL or "*" in entry["path"]:
        return entry, notes
    entry["path"], is_own = _pattern(entry["path"], files, numbers, in_archive=False)
    if "member" in entry:
        members = sorted({one.entry["member"] for one in tables if one.entry["path"] == table.entry["path"]})
        entry["member"], is_own_member = _pattern(entry["member"], members, numbers, in_archive=True)
        is_own &= is_own_member
    return entry, notes if is_own else [HIDDEN]


def _pattern(path: str, others: list[str], numbers: frozenset[str], *, in_archive: bool) -> tuple[str, bool]:
    """A pattern without texts of patients, and whether it is of this path alone."""
    own = paths.pattern_of(path, others, numbers, in_archive=in_archive)
    long = {number for number in numbers if len(number) >= SHORT}
    own = own or paths.pattern_of(path, others, long, in_archive=in_archive)
    return (own, True) if own else (paths.without(path, long), False)


def _one_of_each_layout(tables: list[RawTable], numbers: frozenset[str]) -> list[RawTable]:
    """Sheets of one workbook with the same columns as one table, and so files that hold one patient each."""
    tables = _merged(tables, lambda one: (one.entry["path"], one.entry.get("member")), _as_sheets, numbers)
    return _merged(
        tables,
        lambda one: (PurePosixPath(one.entry["path"]).parent, PurePosixPath(one.entry["path"]).suffix),
        _as_files,
        numbers,
    )


def _merged(tables: list[RawTable], place_of, merge, numbers: frozenset[str]) -> list[RawTable]:
    groups = {}
    for table in tables:
        settings = tuple(
            sorted(
                (key, str(value))
                for key, value in table.entry.items()
                if key in ("header_row", "delimiter", "encoding")
            )
        )
        alone = table.name if not len(table.frame.columns) or table.entry.get("format") in SEVERAL else ""
        groups.setdefault((place_of(table), settings, tuple(table.frame.columns), alone), []).append(table)
    return [one for group in groups.values() for one in (merge(group, numbers) if len(group) > 1 else group)]


def _as_sheets(group: list[RawTable], numbers: frozenset[str]) -> list[RawTable]:
    first = group[0]
    sheets = [table.entry["sheet"] for table in group if "sheet" in table.entry]
    if len(sheets) < len(group):
        return group
    entry = {name: value for table in group for name, value in table.entry.items() if name != "sheet"}
    is_private = all(_is_of_one_patient(table, numbers) for table in group) or any(sheet in numbers for sheet in sheets)
    notes = (EACH_SHEET,) if is_private else ()
    entry |= {} if is_private else {"sheets": sheets}
    return [_piled(group)._replace(entry=entry, notes=(*first.notes, *notes))]


def _as_files(group: list[RawTable], numbers: frozenset[str]) -> list[RawTable]:
    if not all(_is_of_one_patient(table, numbers) for table in group) or not all(len(table.frame) for table in group):
        return group
    entry = dict(group[0].entry)
    path = PurePosixPath(entry["path"])
    entry["path"] = str(path.parent / f"*{path.suffix}")
    if len({table.entry.get("sheet") for table in group}) > 1:
        entry.pop("sheet", None)
    return [_piled(group)._replace(entry=entry, place="", notes=(EACH_PATIENT,))]


def _is_of_one_patient(table: RawTable, numbers: frozenset[str]) -> bool:
    """Whether no column of a table holds the numbers of two patients; lists of options and variables are of none."""
    if LISTS & set(table.frame):
        return False
    return all(
        len(set(table.frame[column]) & numbers) <= 1 for column in table.frame if likeness(column, "patient_id") > 0.7
    )


def _piled(group: list[RawTable]) -> RawTable:
    frame = pd.concat([table.frame for table in group], ignore_index=True)
    cells = {
        column: Cells(
            pd.concat([table.cells[column].texts for table in group], ignore_index=True),
            pd.concat([table.cells[column].numbers for table in group], ignore_index=True),
            sum(table.cells[column].n_dates for table in group),
        )
        for column in frame
    }
    return group[0]._replace(frame=frame, cells=cells)


def fill_blocks(table: RawTable, patient: str | None) -> RawTable:
    """The table with the patients' numbers filled from the row above, where they look as if meant for the rows below too."""
    if patient is None or not looks_filled_down(table.frame[patient]):
        return table
    text = table.frame[patient]
    filled = text.mask(text == "").ffill().fillna("")
    entry = table.entry | {"fill_down": [patient]}
    cells = table.cells | {patient: table.cells[patient]._replace(texts=filled)}
    return table._replace(entry=entry, frame=table.frame.assign(**{patient: filled}), cells=cells)
