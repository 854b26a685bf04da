"""The text of a draft: the files with their settings, and the sources of each table."""

from sonimage import schemas
from sonimage.checks.drafting.columns.entries import Line
from sonimage.checks.drafting.columns.naming import MARK
from sonimage.checks.drafting.numberings import Key
from sonimage.checks.drafting.sources import Source
from sonimage.checks.drafting.yaml_lines import block, coded, line, scalar
from sonimage.exports.map_rules import TABLES

HEAD = """\
# A first export map, drafted from the files of a folder by `snakemake draft_map`. No value of a patient stands in it.
#
# 1. Copy it to config/exports/ under a name of its own: the next draft is written over this file.
# 2. Read it from top to bottom. A line says how sure it is: sure (name and values agree), likely, or doubtful. What is
#    doubtful has a # before it, with the reason above: mend it and take the # away, or remove it. `?` stands for what you know.
# 3. snakemake check_exports --config raw_dir=DIR export_map=config/exports/YOURS.yaml
#    says what is left. All settings are in config/README.md.
title: "?: what this export is"
"""
EMPTY = "take the braces away when you name one"
MOST_NAMED = 15  # columns without a pair that are named


def write_map(files: list[str], keys: list[str], sources: list[Source], unread: list[str]) -> str:
    """Return the text of a map from the lines of its files and keys, and its sources."""
    text = [HEAD.rstrip("\n")]
    text += ["patient_keys:", *keys] if keys else []
    is_filled = any(not one.lstrip().startswith("#") for one in files)
    text += ["files:" if is_filled else f"files: {{}}  # {EMPTY}", *files]
    text += [f"  # not read: {one}" for one in unread]
    written = [(table, [one for one in sources if one.table == table]) for table in TABLES]
    active = [(table, some) for table, some in written if some]
    text.append("tables:" if active else f"tables: {{}}  # {EMPTY}")
    for table, some in written:
        text += [f"  {table}:"] if some else [f"  # {table}: no file of the folder looks like a source"]
        text += not_found(table, some)
        for source in some:
            text += source_lines(source)
    return "\n".join(text) + "\n"


def not_found(table: str, sources: list[Source]) -> list[str]:
    """A comment that names the columns of a table that no source has."""
    there = {one.column for source in sources for one in source.lines}
    absent = [name for name in schemas.columns(table) if name not in there and not name.startswith("source_")]
    return [f"    # not found: {', '.join(absent)}"] if sources and absent else []


def key_lines(key: Key, checks: dict) -> list[str]:
    """One entry of `patient_keys`."""
    entry = {"file": key.file, "from": key.source, "to": key.target} | ({"check": checks} if checks else {})
    return line(key.name, entry, 2, "likely: the two numberings stand side by side there")


def source_lines(source: Source) -> list[str]:
    """One source: remarks, file and settings, then its columns."""
    lines = [f"    - file: {scalar(source.raw.name)}"]
    is_repeated = MARK in str([one.entry for one in source.lines])
    settings = {name: value for name, value in source.settings.items() if name != "repeat" or is_repeated}
    lines += [one for name, value in settings.items() for one in line(name, value, 6)]
    lines += [f"      # {remark}" for remark in source.remarks]
    lines.append("      columns:")
    for one in source.lines:
        lines += column_lines(one)
    return lines


def column_lines(one: Line) -> list[str]:
    """One column: in a line, or over several where words of it are open."""
    entry = one.entry["column"] if set(one.entry) == {"column"} else one.entry
    if one.open_words:
        lines = coded(one.column, one.entry, one.open_words, is_doubtful=one.is_doubtful)
        return block(lines, 8, one.comment, is_doubtful=one.is_doubtful)
    return line(one.column, entry, 8, one.comment, is_doubtful=one.is_doubtful)


def file_lines(name: str, entry: dict, notes: list[str], unpaired: list[str], *, is_doubtful: bool) -> list[str]:
    """One entry of `files`, with what a reader should know of it above and the columns that no table takes below.

    `is_doubtful`: no table takes the file, so that its entry is commented out.
    """
    lines = [f"  # {scalar(name)}: {note}" for note in notes]
    reason = "no table takes this file" if is_doubtful else ""
    lines += line(name, entry, 2, reason, is_doubtful=is_doubtful)
    if unpaired:
        more = f" and {len(unpaired) - MOST_NAMED} more" if len(unpaired) > MOST_NAMED else ""
        named = ", ".join(" ".join(column.split()) for column in unpaired[:MOST_NAMED])
        lines.append(f"    # columns without a pair: {named}{more}")
    return lines
