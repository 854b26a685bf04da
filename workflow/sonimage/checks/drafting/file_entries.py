"""The entries of `files`: settings of each file, rows that are no study data, columns that nothing takes."""

import re

from sonimage.checks.drafting.columns.naming import MARK, likeness
from sonimage.checks.drafting.layouts.raw_tables import RawTable
from sonimage.checks.drafting.map_writing import file_lines
from sonimage.checks.drafting.numberings import Key
from sonimage.checks.drafting.sources import Source
from sonimage.checks.drafting.subsets import is_bookkeeping
from sonimage.exports.named_columns import raw_columns

STATUS, ARCHIVED = ("participant status", "record status"), "archived"
TEST = re.compile(r"(?i)test([ _-]?(institute|centre|center|site|instituut|centrum|ziekenhuis))?")


def write_files(
    tables: list[RawTable], sources: list[Source], settings: dict[str, dict], keys: dict[Key, dict], options: str | None
) -> list[str]:
    """Return the lines of `files`.

    `settings`: further settings by name of a table; `keys`: the keys with what they check; `options`: the table that is
    Castor's option list, if there is one.
    """
    used = _columns_used(sources, keys)
    coded = {source.raw.name for source in sources for one in source.lines if "options" in one.entry}
    lines = []
    for table in sorted(tables, key=lambda one: one.name):
        entry = table.entry | settings.get(table.name, {})
        aside = _rows_aside(table)
        entry |= {"set_aside": aside} if aside else {}
        entry |= {"field_options": options} if table.name in coded else {}
        there = used.get(table.name, set())
        left = [column for column in table.frame if column not in there and not is_bookkeeping(column)]
        is_list = table.name == options
        is_doubtful = table.name not in used and not is_list
        lines += file_lines(table.name, entry, table.notes, [] if is_list else left, is_doubtful=is_doubtful)
    return lines


def _columns_used(sources: list[Source], keys: dict[Key, dict]) -> dict[str, set[str]]:
    """Name of a table -> raw columns that sources and keys name, commented out or not."""
    used = {}
    for source in sources:
        join = source.settings.get("join", {"file": "", "by": {}, "take": [], "where": []})
        of_file = used.setdefault(source.raw.name, set())
        named = {column for one in source.lines for column in raw_columns(one.entry)} | set(join["by"])
        of_file |= named | {column.replace(MARK, number) for column in named for number in source.raw.repeat}
        of_file |= {rule["column"] for rule in source.settings.get("where", [])}
        used.setdefault(join["file"], set()).update(
            join["by"].values(), join["take"], (rule["column"] for rule in join.get("where", []))
        )
    for key, checks in keys.items():
        checked = (check if isinstance(check, str) else check["column"] for check in checks.values())
        used.setdefault(key.file, set()).update((key.source, key.target), checked)
    return used


def _rows_aside(table: RawTable) -> list[dict]:
    """Rows of archived records and of test institutes."""
    found = []
    for column in table.frame:
        texts = table.frame[column].unique()
        name = column.casefold().replace("_", " ")
        if name in STATUS:
            found += [
                {"column": column, "values": [text], "reason": "archived record"}
                for text in texts
                if text.casefold() == ARCHIVED
            ]
        if name == ARCHIVED:
            found += [
                {"column": column, "values": [text], "reason": "archived record"}
                for text in texts
                if text.casefold() in ("true", "1")
            ]
        if likeness(column, "centre") >= 0.9:
            values = sorted(text for text in texts if TEST.fullmatch(text))
            found += [{"column": column, "values": values, "reason": "test institute"}] if values else []
    return found
