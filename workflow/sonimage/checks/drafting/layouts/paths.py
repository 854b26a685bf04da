"""Paths of files in a map: without the date of an export, which is another one next time, and names of entries."""

import glob
import re
import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

STAMP = re.compile(r"\d{4}-\d{2}-\d{2}([T _-]?\d{4,6}(?!\d))?|\d{6,}")
MOST_LETTERS = 40


def pattern_of(path: str, paths: Iterable[str], private: Iterable[str] = (), *, in_archive: bool = False) -> str | None:
    """Return a pattern that matches this path alone among all paths: stamps of digits, and texts of patients, as `*`.

    None where texts of patients stand in the path and no pattern without them is its own.
    """
    matches = fnmatchcase if in_archive else _is_globbed
    hidden = _hidden(path, private)
    for pattern in (_escaped(STAMP.sub("\0", hidden)), _escaped(hidden)):
        if [other for other in paths if matches(other, pattern)] == [path]:
            return pattern
    return None


def _hidden(path: str, private: Iterable[str]) -> str:
    """The path with a mark for each text of a patient that stands in it as a word."""
    for text in sorted(private, key=lambda one: (-len(one), one)):
        path = re.sub(rf"(?<![^\W_]){re.escape(text)}(?![^\W_])", "\0", path)
    return path


def _escaped(path: str) -> str:
    return re.sub(r"\0[\0_-]*", "*", "".join(glob.escape(part) for part in re.split("(\0)", path)))


def _is_globbed(path: str, pattern: str) -> bool:
    """Whether a pattern finds a path as it does in a folder: `*` stays within one part."""
    return PurePosixPath(path).match(pattern) and pattern.count("/") == path.count("/")


def entry_name(parts: Iterable[str], taken: Iterable[str]) -> str:
    """A name for an entry of `files` from names of file and sheet: small letters, digits and underscores, not taken yet."""
    letters = unicodedata.normalize("NFKD", "_".join(parts)).encode("ascii", "ignore").decode("ascii")
    words = re.findall(r"[a-z0-9]+", letters.casefold())
    name = "_".join(word for word in words if not STAMP.fullmatch(word))[:MOST_LETTERS].strip("_") or "file"
    name = name if not name[0].isdigit() else f"file_{name}"
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def stem_of(pattern: str) -> str:
    """The name of a file without its ending and without what a pattern leaves open."""
    return Path(pattern).stem.replace("*", "_")


def without(path: str, private: Iterable[str]) -> str:
    """The path with `*` in place of texts of patients, whatever else it matches then."""
    return _escaped(_hidden(path, private))
