"""Delimited text, as its producers write it; the traps are those that real exports and public issues show."""

import pytest
from exports.raw_files import cells, read
from sonimage.faults import FaultError

# delimited: data, entry of the map, cells expected, rows of the file expected
DELIMITED = {
    "one delimiter too many in data lines": (
        b"a;b\n1;2;\n3;4;\n", {"delimiter": ";", "trailing_empty_column": True}, [["1", "2"], ["3", "4"]], [2, 3],
    ),
    "an empty last name in the header": (
        b"a;b;\n1;2;\n", {"delimiter": ";", "trailing_empty_column": True}, [["1", "2"]], [2],
    ),
    "byte order mark of Excel": (b"\xef\xbb\xbfa,b\n1,2\n", {}, [["1", "2"]], [2]),
    "cp1252 as declared": ("a,b\nRené,2\n".encode("cp1252"), {"encoding": "cp1252"}, [["René", "2"]], [2]),
    "words that pandas takes for missing, numbers with zeros": (
        b"a,b\nNA,001\nNone,null\n", {}, [["NA", "001"], ["None", "null"]], [2, 3],
    ),
    "a line break and a delimiter within quotes": (b'a,b\n"x,\ny",1\nz,2\n', {}, [["x,\ny", "1"], ["z", "2"]], [2, 4]),
    "a line break within a name": (b'x\n\n"a\n(mm)",b\n1,2\n3,4\n', {"header_row": 3}, [["1", "2"], ["3", "4"]], [5, 6]),
    "doubled quotes": (b'a,b\n"say ""no""",1\n', {}, [['say "no"', "1"]], [2]),
    "blank lines count as lines": (b"a,b\n\n1,2\n\n3,4\n", {}, [["1", "2"], ["3", "4"]], [3, 5]),
    "line ends of Windows": (b"a,b\r\n1,2\r\n", {}, [["1", "2"]], [2]),
    "titles above the header (OpenClinica)": (b"Dataset,x\nDate,y\n\na,b\n1,2\n", {"header_row": 4}, [["1", "2"]], [5]),
    "comments of PMOD": (
        b"# PMOD\n//VoiName(Region) [string]\tMax [SUV]\n# units\nL1\t4.5\n",
        {"delimiter": "\t", "comment": "#"}, [["L1", "4.5"]], [4],
    ),
    "trailing comma of 3D Slicer": (
        b"Label_Value,Mean,Peak,\n1,2.5,3.5,\n", {"trailing_empty_column": True}, [["1", "2.5", "3.5"]], [2],
    ),
    "blanks around cells": (b"a , b\n 1 ,2 \n", {}, [["1", "2"]], [2]),
}  # fmt: skip


@pytest.mark.parametrize("case", DELIMITED)
def test_delimited_text_is_read_as_it_stands(case):
    data, entry, expected, rows = DELIMITED[case]
    frame = read(data, **entry)
    assert cells(frame) == expected and frame["source_row"].tolist() == rows


# data, entry, words of the message
REFUSED = {
    "one field too many, not declared": (b"a,b\n1,2,\n", {}, ["row 2", "3 fields where the header has 2"]),
    "declared trailing cell that holds something": (
        b"a,b\n1,2,x\n", {"trailing_empty_column": True}, ["row 2", "3 fields"],
    ),
    "one field too few": (b"a,b,c\n1,2,3\n1,2\n", {}, ["row 3", "2 fields where the header has 3"]),
    "cut off within quotes": (b'a,b\n1,"abc', {}, ["row 2", "unreadable quoting"]),
    "a last name that is empty, not declared": (b"a;b;\n1;2;\n", {"delimiter": ";"}, ["trailing_empty_column: true"]),
    "a name twice": (b"a,a\n1,2\n", {}, ["row 1", "column a", "twice"]),
    "wrong delimiter": (b"a;b\n1;2\n", {}, ["wrong delimiter", "declare `delimiter: ';'"]),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), {}, ["NUL byte", "UTF-16"]),
    "cp1252, not declared": (b"a\nRen\xe9\n", {}, ["row 2", "not utf-8", "cp1252"]),
    "nothing": (b" \n", {}, ["the file is empty"]),
    "a line of blanks in a table of one column": (b"a\n1\n   \n2\n", {}, ["lines of blanks"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_damaged_text_is_refused_in_words(case):
    data, entry, words = REFUSED[case]
    with pytest.raises(FaultError) as stopped:
        read(data, **entry)
    for word in words:
        assert word in str(stopped.value)


def test_a_file_of_another_width_names_the_first_lines_and_counts_the_rest():
    with pytest.raises(FaultError) as stopped:
        read(b"a,b\n" + b"1,2,3\n" * 1000)
    assert len(stopped.value.faults) == 21 and "980 more lines" in str(stopped.value)
