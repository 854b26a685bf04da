"""A first export map from a folder of raw files."""

from itertools import chain
from pathlib import Path, PurePosixPath

from sonimage.checks.drafting import file_names, numberings
from sonimage.checks.drafting.columns import dictionaries
from sonimage.checks.drafting.columns.contents import Content, describe
from sonimage.checks.drafting.columns.dictionaries import Dictionary
from sonimage.checks.drafting.columns.entries import Known
from sonimage.checks.drafting.columns.naming import is_never_ours
from sonimage.checks.drafting.delivery_sources import find_sources
from sonimage.checks.drafting.file_entries import write_files
from sonimage.checks.drafting.layouts import folder
from sonimage.checks.drafting.layouts.raw_tables import RawTable
from sonimage.checks.drafting.map_writing import key_lines, write_map
from sonimage.checks.drafting.numberings import Key, Numberings
from sonimage.checks.drafting.repeats import blocks_of
from sonimage.checks.drafting.sources import Source, Study, lines_of, pairs_of, study_of
from sonimage.checks.drafting.subsets import is_bookkeeping, parts_of
from sonimage.exports.chosen_texts import fold
from sonimage.exports.named_columns import raw_columns
from sonimage.faults import Fault, FaultError

MANY = 20  # distinct texts from which on a column of words is free text
CHECKED = ("birth_year", "sex", "randomisation_date", "centre")  # columns that a key table may repeat of a patient


def draft_map(raw_dir: str | Path) -> str:
    """Return the text of a first export map for the files of a folder.

    Raises FaultError if there is no such folder.
    """
    if not Path(raw_dir).is_dir():
        raise FaultError(
            [Fault(str(raw_dir), None, None, "no such folder", "Set raw_dir to the folder of the raw files")]
        )
    found = folder.read_folder(raw_dir)
    tables = file_names.name_tables(found.tables, numberings.find_numberings(found.tables).numbers)
    dictionary, data = dictionaries.gather(tables)
    columns = numberings.find_numberings(data).columns
    data = [file_names.fill_blocks(table, columns.get(table.name)) for table in data]
    numbers = numberings.find_numberings(data)
    studies = _studies(data, dictionary, numbers)
    sources, settings = find_sources(studies, {key.file for key in numbers.keys})
    keys = {key: _checks(key, studies, sources) for key in numbers.keys}
    options = [table for table in tables if table.name == dictionary.options_entry]
    files = write_files([*data, *options], sources, settings, keys, dictionary.options_entry)
    return write_map(
        files, [line for key, checks in keys.items() for line in key_lines(key, checks)], sources, found.unread
    )


def _studies(tables: list[RawTable], dictionary: Dictionary, numbers: Numberings) -> list[Study]:
    """Every table that has patient numbers, by its parts, with what is known of it."""
    contents = {table.name: _contents(table) for table in tables}
    private = frozenset(map(fold, numbers.numbers)).union(*(_own_texts(some) for some in contents.values()))
    found = []
    for table in tables:
        if table.name in numbers.columns:
            alike = [contents[one.name] for one in tables if _folder(one) == _folder(table)]
            known = Known(
                dictionary,
                private,
                _decisive_forms(contents[table.name]) or frozenset().union(*map(_decisive_forms, alike)),
            )
            for part in chain.from_iterable(map(blocks_of, parts_of(table))):
                parts = contents[table.name] if part is table else _contents(part)
                patient, key = numbers.columns[table.name], numbers.keys_of.get(table.name)
                if patient in part.frame:
                    study = study_of(part, parts, patient, key, known)
                    found.append(study._replace(doubt=numbers.doubts.get(table.name, "")))
    return found


def _contents(table: RawTable) -> dict[str, Content]:
    return {column: describe(column, table.cells[column]) for column in table.frame if not is_bookkeeping(column)}


def _folder(table: RawTable) -> str:
    return table.entry["path"] if "member" in table.entry else str(PurePosixPath(table.entry["path"]).parent)


def _own_texts(contents: dict[str, Content]) -> set[str]:
    """Texts of columns that patients' own words or names stand in: many different words, or a name that says so."""
    return {
        fold(text)
        for column, content in contents.items()
        if content.share_of_numbers < 0.5 and content.share_of_days < 0.5
        if is_never_ours(column) or len(content.texts) > MANY
        for text in content.texts.index
    }


def _decisive_forms(contents: dict[str, Content]) -> frozenset[str]:
    """Date forms of columns whose dates can be read in one way only."""
    return frozenset(
        content.days.forms[0] for content in contents.values() if content.days.forms and not content.days.other
    )


def _checks(key: Key, studies: list[Study], sources: list[Source]) -> dict:
    """Our column -> the key table's column that must agree with the patient's record; none where the table is that record."""
    if any(source.table == "patients" and source.raw.name == key.file for source in sources):
        return {}
    study = next(study for study in studies if study.raw.name == key.file)
    pairs = {
        ours: match
        for ours, match in pairs_of(study, "patients").items()
        if ours in CHECKED and match.raw not in (key.source, key.target)
    }
    found = [one for one in lines_of(study, "patients", pairs) if one.column in pairs and not one.is_doubtful]
    return {one.column: one.entry["column"] if set(one.entry) == {"column"} else one.entry for one in found}


def count_columns(drafted: dict) -> int:
    """Columns of ours that the sources of a map read from a raw column."""
    sources = [source for some in drafted["tables"].values() for source in some]
    return sum(bool(raw_columns(entry)) for source in sources for entry in source["columns"].values())
