"""A delivery: the raw files that an export map names, found, read strictly and held against the map.

Snakemake finds them at every start, so the formats, with Excel's and DICOM's libraries, are imported when a file is read.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from sonimage.exports.blocks import fill_down
from sonimage.exports.named_columns import declared_forms
from sonimage.exports.sources import ORIGIN, pile, required_columns
from sonimage.faults import Fault, FaultError

SEVERAL = ("dicom", "dicom_sr")  # formats with one file per scan; of any other a pattern names one file


def raw_files(raw_dir: str | Path) -> list[Path]:
    """Every file below the raw folder, read by the map or not, sorted."""
    return sorted(path for path in Path(raw_dir).rglob("*") if path.is_file())


def find_files(raw_dir: str | Path, export_map: dict) -> tuple[dict[str, list[Path]], list[Fault]]:
    """Return the raw files of each entry of the map, sorted, and the faults: no folder, no file, several for one."""
    root = Path(raw_dir)
    if not root.is_dir():
        return {}, [Fault(str(raw_dir), None, None, "no such folder", "Set raw_dir to the folder of the export")]
    found, faults = {}, []
    for name, entry in export_map["files"].items():
        found[name] = sorted(path for path in root.glob(entry["path"]) if path.is_file())
        if not found[name] and entry.get("required", True):
            faults.append(_absent(entry["path"], root, export_map))
        outside = [path for path in found[name] if not path.resolve().is_relative_to(root.resolve())]
        faults += [
            Fault(path.relative_to(root).as_posix(), None, None, "a link that leaves the folder", "Copy the file")
            for path in outside
        ]
        if len(found[name]) > 1 and entry.get("format") not in SEVERAL:
            faults.append(Fault(entry["path"], None, None, f"matches {len(found[name])} files", "Leave one delivery"))
    return found, faults


def _absent(pattern: str, root: Path, export_map: dict) -> Fault:
    """An absent file; one of the delivery that no entry of the map names may be meant."""
    named = {path for entry in export_map["files"].values() for path in root.glob(entry["path"])}
    strangers = [path.name for path in raw_files(root) if path not in named]
    remedy = f"{_meant(Path(pattern).name, strangers)}Put it there, or declare `required: false` in the export map"
    return Fault(pattern, None, None, f"{Path(pattern).name} is not there: no such file below {root}", remedy)


def _meant(name: str, candidates: Iterable[str]) -> str:
    """Which of the candidates may be meant by a name, whatever its case, blanks and marks; "" for none."""
    plain = {re.sub(r"[\W_]+", "", candidate).casefold(): candidate for candidate in candidates}
    near = get_close_matches(re.sub(r"[\W_]+", "", name).casefold(), plain, n=1, cutoff=0.75)
    return f"Did you mean {plain[near[0]]!r}? " if near else ""


def read_files(
    raw_dir: str | Path, export_map: dict, files: dict[str, list[Path]]
) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Return the text of each entry that is readable, under the map's column names, and the faults of all others."""
    raw, faults = {}, []
    for name, paths in files.items():
        entry, parts = export_map["files"][name] | {"columns": columns_read(export_map, name)}, []
        for path in paths:
            label = path.relative_to(raw_dir).as_posix()
            with path.open("rb") as content:
                try:
                    parts += [_read_one(part, named, entry) for named, part in _parts(content, label, entry)]
                except FaultError as error:
                    faults += error.faults
        if parts:
            raw[name] = pile(parts)
    return raw, faults + _column_faults(export_map, raw)


def _parts(content: BinaryIO, label: str, entry: dict) -> Iterator[tuple[str, BinaryIO]]:
    """The file itself, or the members of the archive that the entry names."""
    from sonimage.exports.formats import archive

    if "member" not in entry:
        yield label, content
        return
    found = list(archive.open_members(content, label, entry["member"]))
    if not found and entry.get("required", True):
        raise FaultError([Fault(label, None, entry["member"], "no such file in the archive", "Mend the export map")])
    if len(found) > 1 and entry.get("format") not in SEVERAL:
        raise FaultError([Fault(label, None, entry["member"], f"matches {len(found)} files", "Name one of them")])
    yield from found


def _read_one(content: BinaryIO, label: str, entry: dict) -> pd.DataFrame:
    from sonimage.exports.formats import ADAPTERS, format_of, unknown_ending

    member = label.split("#")[-1]
    kind, unknown = format_of(member, entry), unknown_ending(member, entry)
    try:
        frame = ADAPTERS[kind](content, label, entry)
    except FaultError as error:
        raise FaultError(unknown or error.faults) from None
    called = {
        other: name
        for name, others in entry.get("also_called", {}).items()
        for other in others
        if other in frame and name not in frame
    }
    frame = frame.rename(columns=called)
    if unknown and not set(entry["columns"]) & set(frame.columns):
        raise FaultError(unknown)
    if "fill_down" in entry:
        return fill_down(frame, entry["fill_down"], blank_lines_are_left_out=kind == "worksheet")
    return frame


def columns_needed(export_map: dict, file: str) -> set[str]:
    """Raw columns of a file that the map cannot do without."""
    entry = export_map["files"][file]
    needed = {rule["column"] for rule in [*entry.get("set_aside", []), *entry.get("keep", [])]}
    needed |= set(entry.get("fill_down", []))
    needed |= {*entry["first_of"]["by"], *entry["first_of"]["order"]} if "first_of" in entry else set()
    for source in (source for sources in export_map["tables"].values() for source in sources):
        needed |= required_columns(source, file)
    return needed | _key_columns(export_map, file)


def columns_mapped(export_map: dict, file: str) -> list[str]:
    """Raw columns of a file that any table or key reads, in a stable order."""
    return sorted(set(declared_forms(export_map, file)) | _key_columns(export_map, file))


def columns_read(export_map: dict, file: str) -> dict[str, dict[str, set[str]]]:
    """Raw columns of a file that the map names anywhere -> the forms of their text (see declared_forms)."""
    named = columns_needed(export_map, file) | set(columns_mapped(export_map, file))
    return {column: {} for column in sorted(named)} | declared_forms(export_map, file)


def _key_columns(export_map: dict, file: str) -> set[str]:
    keys = [entry for entry in export_map.get("patient_keys", {}).values() if entry["file"] == file]
    checked = {check["column"] for key in keys for check in key.get("check", {}).values()}
    return {column for key in keys for column in (key["from"], key["to"])} | checked


def _column_faults(export_map: dict, raw: dict[str, pd.DataFrame]) -> list[Fault]:
    faults = []
    for name, frame in raw.items():
        for column in sorted(columns_needed(export_map, name) - set(frame.columns)):
            unused = set(frame.columns) - set(columns_mapped(export_map, name)) - {*ORIGIN}
            remedy = _meant(column, sorted(unused))
            file = frame["source_file"].iloc[0] if len(frame) else export_map["files"][name]["path"]
            row = export_map["files"][name].get("header_row", 1)
            remedy += "Add it to the file or mend the export map"
            faults.append(Fault(file, row, column, "column is missing", remedy))
    return faults
