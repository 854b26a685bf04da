"""The text of a map: values as written, lines of faults, what is allowed; one source for many."""

import pytest
from delivered import clean, load_map, values
from sonimage.exports import maps
from sonimage.faults import FaultError

PLACE = "title: a\nfiles: {x: {path: x.csv}}\ntables:\n  patients:\n    - {file: x, columns: {sex: %s}}\n"
FAULTS = {
    "unknown key": ("title: a\nfiles:\n  x:\n    path: x.csv\n    delimitr: ';'\ntables: {}\n",
                    ["row 5", "files/x/delimitr", "unknown key 'delimitr'", "Did you mean 'delimiter'?"]),
    "value not allowed": ("title: a\nfiles: {x: {path: x.csv, format: excel}}\ntables: {}\n",
                          ["row 2", "files/x/format", "'excel' is not allowed", "worksheet"]),
    "wrong kind": ("title: a\nfiles: {x: {path: x.csv, header_row: four}}\ntables: {}\n",
                   ["header_row", "'four' is not a whole number"]),
    "key missing": ("title: a\nfiles: {x: {format: dicom}}\ntables: {}\n", ["files/x", "the key 'path' is missing"]),
    "no such table": ("title: a\nfiles: {}\ntables: {patient: []}\n", ["'patient' is not allowed", "Did you mean 'patients'?"]),
    "key of a column": (PLACE % "{column: s, decimals: ','}", ["row 5", "sex/decimals", "unknown key 'decimals'", "'decimal'"]),
    "value of a column": (PLACE % "{column: s, decimal: ';'}", ["sex/decimal", "';' is not allowed", "Allowed: ,, ."]),
    "a list for a column": (PLACE % "[a, b]", ["columns/sex", "a list is not allowed", "Allowed: a text or keys with values"]),
    "an empty list": (PLACE % "{columns: []}", ["sex/columns", "too short", "At least 1"]),
    "an empty file": ("", ["an empty value is not keys with values"]),
    "too small": ("title: a\nfiles: {x: {path: x.csv, header_row: 0}}\ntables: {}\n", ["header_row", "0 is less than the minimum of 1"]),
    "repeat without use": ("title: a\nfiles: {x: {path: x.csv}}\ntables: {uptake: [{file: x, repeat: {L: [1]}, columns: {suvmax: s}}]}\n",
                           ["`{L}` of `repeat` stands nowhere"]),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_of_a_map_names_the_line_the_key_the_value_and_what_is_allowed(tmp_path, case):
    text, words = FAULTS[case]
    with pytest.raises(FaultError) as stopped:
        load_map(tmp_path, text)
    for word in words:
        assert word in str(stopped.value), str(stopped.value)


def test_all_faults_of_a_map_are_told_at_once(tmp_path):
    with pytest.raises(FaultError) as stopped:
        load_map(tmp_path, "title: a\nfile: {}\nfiles: {x: {path: x.csv, sep: a, format: b}}\n")
    assert len(stopped.value.faults) == 4


def test_a_code_written_twice_is_refused_and_equal_numbers_written_otherwise_are_two(tmp_path):
    with pytest.raises(FaultError, match="written twice: 1"):
        load_map(tmp_path, PLACE % "{column: s, codes: {1: F, '1': M}}")
    found = load_map(tmp_path, PLACE % "{column: s, codes: {1: F, 1.0: F, true: M, yes: M}}")
    assert found["tables"]["patients"][0]["columns"]["sex"]["codes"] == {"1": "F", "1.0": "F", "true": "M", "yes": "M"}


def test_no_such_map_and_no_yaml_are_told(tmp_path):
    with pytest.raises(FaultError, match="no such export map"):
        maps.load(tmp_path / "absent.yaml")
    with pytest.raises(FaultError, match="not readable as YAML"):
        load_map(tmp_path, "title: [")


WIDE = """
title: a wide table
files: {w: {path: w.csv}}
tables:
  uptake:
    - file: w
      repeat: {L: [1, 2], T: [FES, FDG]}
      skip_if_empty: ["L{L}_{T}_suv"]
      columns:
        patient_id: id
        lesion_id: {constant: "L{L}"}
        scan_id: {constant: "{T}"}
        suvmax: "L{L}_{T}_suv"
        visual: {column: "L{L}_{T}_call", codes: {1: positive, 0: negative}}
"""


def test_repeated_blocks_of_columns_are_one_source(tmp_path):
    data = (
        "id,L1_FES_suv,L1_FES_call,L1_FDG_suv,L1_FDG_call,L2_FES_suv,L2_FES_call,L2_FDG_suv,L2_FDG_call\n"
        "P1,1.5,1,2.5,0,3.5,1,,\nP2,4.5,0,,,,,5.5,1\n"
    )
    cleaned, imported = clean(tmp_path, WIDE, w_csv=data)
    assert values(cleaned["uptake"].table, "patient_id", "lesion_id", "scan_id", "suvmax", "visual") == [
        ["P1", "L1", "FES", 1.5, "positive"], ["P2", "L1", "FES", 4.5, "negative"], ["P1", "L1", "FDG", 2.5, "negative"],
        ["P1", "L2", "FES", 3.5, "positive"], ["P2", "L2", "FDG", 5.5, "positive"],
    ]  # fmt: skip
    assert imported.tables["uptake"]["source_no"].tolist() == [0, 0, 1, 2, 3]


def test_a_column_that_a_repeat_names_and_the_file_lacks_is_a_fault(tmp_path):
    with pytest.raises(FaultError, match="column L2_FDG_call: column is missing"):
        clean(
            tmp_path, WIDE, w_csv="id,L1_FES_suv,L1_FES_call,L1_FDG_suv,L1_FDG_call,L2_FES_suv,L2_FES_call,L2_FDG_suv\n"
        )


def test_braces_that_are_no_name_of_the_repeat_stay(tmp_path):
    text = WIDE.replace("suvmax: \"L{L}_{T}_suv\"", "suvmax: \"SUV [{SUVbw}g/ml] {L}\"")  # fmt: skip
    sources = load_map(tmp_path, text)["tables"]["uptake"]
    assert [source["columns"]["suvmax"]["column"] for source in sources] == ["SUV [{SUVbw}g/ml] 1"] * 2 + [
        "SUV [{SUVbw}g/ml] 2"
    ] * 2
