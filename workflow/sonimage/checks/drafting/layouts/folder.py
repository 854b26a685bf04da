"""Every file of a folder as the tables that it holds, and what is left unread."""

from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from sonimage.checks.drafting.layouts import images, text, workbook
from sonimage.checks.drafting.layouts.raw_tables import RawTable, of_frame
from sonimage.exports import delivery
from sonimage.exports.formats import ADAPTERS, TEXT_ENDINGS, archive, format_of
from sonimage.faults import FaultError

TABLES = (".csv", ".tsv", ".tab")  # of these a header alone is an empty table
HIDDEN = (".", "~$")  # how files begin that systems keep for themselves


class Found(NamedTuple):
    """The tables of a folder; files that no adapter reads, in words without their names."""

    tables: list[RawTable]
    unread: list[str]


def read_folder(raw_dir: str | Path) -> Found:
    """Read every file of the folder. `path` of an entry is the file's path below it, not yet a pattern."""
    root = Path(raw_dir)
    paths = [path for path in delivery.raw_files(root) if not path.name.startswith(HIDDEN) and _is_inside(path, root)]
    scans = [path for path in paths if images.is_image(path)]
    tables, unread = images.tables_of(scans, root)
    endings = Counter()
    for path in paths:
        if path not in set(scans):
            found = list(_read_file(path.read_bytes(), path.relative_to(root).as_posix()))
            tables += found
            endings[path.suffix.lower() or "no ending"] += not found
    unread += [
        f"{n} file(s) with {ending}: no table that an adapter reads" for ending, n in sorted(endings.items()) if n
    ]
    return Found([table._replace(name=str(number)) for number, table in enumerate(tables)], unread)


def _is_inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())


def _read_file(data: bytes, label: str) -> Iterator[RawTable]:
    """The tables of one file, of an archive those of its members."""
    entry = {"path": label}
    if not label.lower().endswith(".zip"):
        yield from _read_content(data, label, entry)
        return
    try:
        members = archive.check(BytesIO(data), label)
    except FaultError as error:
        yield of_frame("", entry, label, None, [error.faults[0].rule])
        return
    for member in sorted(one.filename for one in members):
        if not PurePosixPath(member).name.startswith(HIDDEN):
            content = next(archive.open_members(BytesIO(data), label, glob_free(member)))[1].read()
            yield from _read_content(content, member, entry | {"member": member})


def _read_content(data: bytes, label: str, entry: dict) -> Iterator[RawTable]:
    """The tables of one content by the format of its name, or by what it is where the name misleads."""
    kind, name = format_of(label, {}), PurePosixPath(label)
    is_text = b"\0" not in data[:4000] and not data.startswith(b"PK")
    if kind == "worksheet" and not is_text:
        try:
            yield from workbook.read(data, label, entry)
        except FaultError as error:
            yield of_frame("", entry, label, None, [error.faults[0].rule])
    elif (kind == "delimited" and name.suffix.lower() in TEXT_ENDINGS) or (kind == "worksheet" and is_text):
        yield from _read_text(data, label, entry | ({"format": "delimited"} if kind == "worksheet" else {}))
    elif kind not in ("delimited", "dicom"):
        try:
            yield of_frame("", entry, label, ADAPTERS[kind](BytesIO(data), label, entry), [])
        except FaultError:
            return


def _read_text(data: bytes, label: str, entry: dict) -> Iterator[RawTable]:
    if not data.strip():
        return
    if b"\0" in data:
        yield of_frame("", entry, label, None, ["a NUL byte: the file is damaged or UTF-16; export it as UTF-8"])
        return
    settings = text.layout_of(data, is_prose_likely=not label.lower().endswith(TABLES))
    if settings is not None:
        frame, faults = text.read(data, label, entry | settings)
        notes = [f"row {fault.row}: {fault.rule}" for fault in faults[:3]]
        yield of_frame("", entry | settings, label, frame, notes)


def glob_free(name: str) -> str:
    """A pattern that matches this name alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
