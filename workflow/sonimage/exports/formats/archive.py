"""ZIP archives: Castor's deliveries, and the container of every xlsx. Checked before anything is unpacked."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from sonimage.faults import Fault, FaultError

MOST_BYTES = 2**31
MOST_TIMES = 200  # a worksheet of text shrinks tenfold; a zip bomb a thousandfold
SMALL_BYTES = 2**20


def check(content: BinaryIO, name: str) -> list[ZipInfo]:
    """Return the members of an archive; the position in `content` is put back to its start.

    Raises FaultError with all faults: no archive, a member whose path leaves the folder, a locked one, a zip bomb.
    """
    try:
        with ZipFile(content) as container:
            members = [member for member in container.infolist() if not member.is_dir()]
    except (BadZipFile, OSError, ValueError):
        raise FaultError([Fault(name, None, None, "not a readable archive (zip, xlsx)", "Export it again")]) from None
    finally:
        content.seek(0)
    faults = [
        Fault(name, None, member.filename[-80:], *fault) for member in members for fault in _member_faults(member)
    ]
    if sum(member.file_size for member in members) > MOST_BYTES:
        faults.append(Fault(name, None, None, "unpacks to more than 2 GiB", "Is it the right file?"))
    if faults:
        raise FaultError(faults)
    return members


def _member_faults(member: ZipInfo) -> Iterator[tuple[str, str]]:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        yield "a path that leaves the folder", "Do not open this archive; ask where it comes from"
    if member.flag_bits & 1:
        yield "locked with a password", "Deliver it unlocked through a safe channel"
    if member.file_size > max(SMALL_BYTES, member.compress_size * MOST_TIMES):
        yield "unpacks to more than 200 times its size", "Do not open this archive; ask where it comes from"


def open_members(content: BinaryIO, name: str, pattern: str) -> Iterator[tuple[str, BinaryIO]]:
    """Yield name (`delivery.zip#study.csv`) and content of each member whose path matches `pattern`."""
    found = [member for member in check(content, name) if fnmatchcase(member.filename, pattern)]
    with ZipFile(content) as container:
        for member in sorted(found, key=lambda one: one.filename):
            yield f"{name}#{member.filename}", BytesIO(container.read(member))
