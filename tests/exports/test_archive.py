"""Archives: members of a pattern, and what is refused before it is unpacked."""

import zipfile
from io import BytesIO

import pytest
from exports.raw_files import read
from sonimage.exports.formats import archive
from sonimage.faults import FaultError


def zipped(compression=zipfile.ZIP_DEFLATED, **members: bytes) -> BytesIO:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", compression) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return data


def test_an_archive_gives_the_members_of_a_pattern():
    data = zipped(**{"S/S_study_export_1.csv": b"a\n1\n", "S/S_study_Events_export_1.csv": b"a\n2\n"})
    found = list(archive.open_members(data, "s.zip", "*_study_export_*.csv"))
    assert [(label, content.read()) for label, content in found] == [("s.zip#S/S_study_export_1.csv", b"a\n1\n")]


@pytest.mark.parametrize(
    "member, words",
    [
        ("../../etc/passwd", "leaves the folder"),
        ("/etc/passwd", "leaves the folder"),
        ("C:\\x.csv", "leaves the folder"),
    ],
)
def test_a_path_that_leaves_the_folder_is_refused(member, words):
    with pytest.raises(FaultError, match=words):
        archive.check(zipped(**{member: b"x"}), "s.zip")


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(FaultError, match="200 times its size"):
        archive.check(zipped(**{"big.csv": b"0" * 20_000_000}), "s.zip")
    with pytest.raises(FaultError, match="not a readable archive"):
        read(b"PK nothing", "x.xlsx")
