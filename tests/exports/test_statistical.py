"""Files of SPSS and Stata with labels of values: what a colleague hands on who has opened the export elsewhere."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from delivered import clean, values
from exports.raw_files import cells, read
from sonimage.faults import FaultError

ROWS = pd.DataFrame({
    "id": ["P1 ", "P2"],
    "arm": [1.0, 2.0],
    "suv": [4.5, 9999.0],
    "day": [datetime.date(2020, 1, 20), None],
    "moment": [datetime.datetime(2020, 1, 20, 10, 30), datetime.datetime(2020, 1, 21)],
    "clock": [datetime.time(8, 56, 57), None],
    "empty": [np.nan, np.nan],
})  # fmt: skip
LABELS = {"arm": {1: "Arm A", 2: "Arm B"}, "suv": {9999: "not measured"}}


ENDING = "title: a\nfiles: {p: {path: 'p.*'}}\ntables: {patients: [{file: p, columns: {patient_id: id, sex: {constant: F}}}]}\n"


@pytest.mark.parametrize(
    "name, content", [("p_rds", b"\x1f\x8b\0"), ("p_html", b"<html>\n<td>id</td>\n"), ("p_xlsm", b"PK\0")]
)
def test_an_ending_that_no_adapter_knows_is_told_with_those_that_are(tmp_path, name, content):
    ending = name.split("_")[1]
    with pytest.raises(
        FaultError, match=rf"no format is known for the ending .{ending}\. Known are \.csv, .*\.xlsx, .*\.sas7bdat"
    ) as stopped:
        clean(tmp_path, ENDING, **{name: content})
    assert len(stopped.value.faults) == 1


def test_text_with_an_ending_of_its_own_is_read(tmp_path):
    assert values(clean(tmp_path, ENDING, p_export="id\nP1\n")[0]["patients"].table, "patient_id") == [["P1"]]


def written(folder: Path, kind: str, rows: pd.DataFrame = ROWS, labels: dict = LABELS, **more) -> bytes:
    path = folder / f"file.{kind}"
    if kind == "sav":
        pyreadstat.write_sav(rows, path, variable_value_labels=labels, **more)
    else:
        whole = {name: some for name, some in labels.items() if name == "arm"}  # Stata labels whole numbers alone
        pyreadstat.write_dta(rows, path, variable_value_labels=whole, **more)
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_values_dates_and_labels_are_read_as_text(tmp_path, kind):
    frame = read(written(tmp_path, kind), f"file.{kind}")
    suv = "not measured" if kind == "sav" else "9999"
    assert cells(frame) == [
        ["P1", "Arm A", "4.5", "2020-01-20", "2020-01-20 10:30:00", "08:56:57", ""],
        ["P2", "Arm B", suv, "", "2020-01-21", "", ""],
    ]
    assert frame["source_row"].tolist() == [2, 3]


MAP = """
title: from SPSS
files: {{p: {{path: "p.*"{extra}}}}}
tables:
  patients:
    - file: p
      columns: {{patient_id: id, allocation: {{column: arm, codes: {codes}}}, er_percent: {{column: suv, decimal: ",", missing: {missing}}}}}
"""


@pytest.mark.parametrize(
    "codes, missing, extra, arms, share",
    [
        ("{arm a: A, arm b: B}", "[not measured]", "", ["A", "B"], [4.5, None]),
        ("{1: A, 2: B}", "[9999]", "", ["A", "B"], [4.5, None]),
        ("{1: A, Arm B: B}", "[]", "", ["A", "B"], [4.5, None]),
        ("{1: A, 2: B}", "[]", ", value_labels: values", ["A", "B"], [4.5, None]),
        ("{Arm A: A, 2: B}", "[]", ", value_labels: labels", ["A", None], [4.5, None]),
    ],
)
def test_the_map_names_stored_values_or_their_labels(tmp_path, codes, missing, extra, arms, share):
    cleaned, _ = clean(tmp_path, MAP.format(codes=codes, missing=missing, extra=extra), p_sav=written(tmp_path, "sav"))
    found = cleaned["patients"]
    assert values(found.table, "allocation", "er_percent") == [list(pair) for pair in zip(arms, share, strict=True)]
    rules = {"[]": "OUT_OF_RANGE" if "values" in extra else "UNREADABLE"}.get(missing)
    assert (rules in found.queries["rule_id"].tolist()) if rules else found.queries.empty


def test_user_missing_values_are_kept_for_the_map_to_say(tmp_path):
    data = written(tmp_path, "sav", missing_ranges={"suv": [9999]}, labels={})
    assert [row[2] for row in cells(read(data, "p.sav"))] == ["4.5", "9999"]
    rows = pd.DataFrame({"x": [1.0, "a", np.nan]})
    data = written(tmp_path, "dta", rows, {}, missing_user_values={"x": ["a"]})
    assert cells(read(data, "p.dta")) == [["1"], [".a"], [""]]


def test_numbers_of_seven_digits_are_those_that_were_entered(tmp_path):
    pd.DataFrame({"x": np.array([5.1, 20.35, 1e-7], dtype="float32")}).to_stata(tmp_path / "p.dta", write_index=False)
    assert cells(read((tmp_path / "p.dta").read_bytes(), "p.dta")) == [["5.1"], ["20.35"], ["1e-07"]]


@pytest.mark.parametrize("kind", ["sav", "dta", "sas7bdat"])
def test_a_file_that_is_none_is_refused(kind):
    with pytest.raises(FaultError, match=rf"not readable as .*\(.{kind}\)"):
        read(b"nothing at all", f"file.{kind}")


def test_a_file_that_claims_too_many_rows_is_refused(tmp_path, monkeypatch):
    from sonimage.exports.formats import statistical

    monkeypatch.setattr(statistical, "MOST_CELLS", 10)
    with pytest.raises(FaultError, match="more than"):
        read(written(tmp_path, "sav"), "file.sav")
