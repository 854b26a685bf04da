"""DICOM files: PET headers and structured reports, each kind as one table."""

from collections.abc import Iterator
from pathlib import Path

import pydicom
from pydicom.errors import InvalidDicomError

from sonimage.checks.drafting.layouts.raw_tables import RawTable, of_frame
from sonimage.exports.formats import ADAPTERS, BY_ENDING, TEXT_ENDINGS
from sonimage.exports.sources import pile
from sonimage.faults import FaultError

KINDS = {"PT": "dicom", "SR": "dicom_sr"}  # Modality -> format
MOST_READ = 1000  # headers that are read: all of them have the same columns
NOT_IMAGES = ({*BY_ENDING, *TEXT_ENDINGS, ".zip"}) - {".dcm", ""}


def is_image(path: Path) -> bool:
    """Whether a file is DICOM, by its ending or its preamble."""
    if path.suffix.lower() == ".dcm":
        return True
    if path.suffix.lower() in NOT_IMAGES:
        return False
    with path.open("rb") as content:
        return content.read(132)[128:] == b"DICM"


def tables_of(paths: list[Path], root: Path) -> tuple[list[RawTable], list[str]]:
    """A table of the PET headers and one of the structured reports; what could not be read, in words."""
    kinds, tables, unread = {}, [], []
    for path in paths:
        kinds.setdefault(_kind(path), []).append(path)
    for kind, found in sorted(kinds.items()):
        if not kind:
            unread.append(f"{len(found)} DICOM file(s) that are neither PET nor a structured report")
            continue
        frames, refused = _read(found[:MOST_READ], root, kind)
        notes = [f"{len(refused)} file(s) are refused: {refused[0]}"] if refused else []
        if len(found) > MOST_READ:
            notes.append(f"the first {MOST_READ} of {len(found)} files were looked at")
        entry = {"path": _pattern(found, paths, root), "format": kind}
        tables.append(of_frame("", entry, kind, pile(frames) if frames else None, notes))
    return tables, unread


def _kind(path: Path) -> str:
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["Modality"])
    except (InvalidDicomError, OSError):
        return ""
    return KINDS.get(header.get("Modality"), "")


def _read(paths: list[Path], root: Path, kind: str) -> tuple[list, list[str]]:
    frames, refused = [], []
    for path in paths:
        with path.open("rb") as content:
            try:
                frames.append(ADAPTERS[kind](content, path.relative_to(root).as_posix(), {}))
            except FaultError as error:
                refused.append(error.faults[0].rule)
    return frames, refused


def _pattern(found: list[Path], paths: list[Path], root: Path) -> str:
    """The narrowest pattern that finds these files: one depth, any depth, with the ending where all have one."""
    return next((one for one in _patterns(found, root) if _finds(one, root, found)), "**/*.dcm")


def _patterns(found: list[Path], root: Path) -> Iterator[str]:
    parts = [path.relative_to(root).parts for path in found]
    endings = {path.suffix for path in found}
    last = f"*{endings.pop()}" if len(endings) == 1 else "*"
    first = parts[0][0] if len({one[0] for one in parts}) == 1 and len(parts[0]) > 1 else None
    depths = {len(one) for one in parts}
    if len(depths) == 1:
        depth = depths.pop() - 1 - (first is not None)
        yield "/".join(([first] if first else []) + ["*"] * depth + [last])
    yield "/".join(([first] if first else []) + ["**", last])


def _finds(pattern: str, root: Path, found: list[Path]) -> bool:
    return sorted(path for path in root.glob(pattern) if path.is_file()) == sorted(found)
