"""Corrections of raw values: each replaces the value it names or stops the run."""

import pandas as pd
import pytest
from plain_study import PLAIN, replace
from sonimage.cleaning import corrections
from sonimage.exports import importing, maps
from sonimage.faults import FaultError

HEADER = "table,key,column,old,new,reason,authority,date,action,query_id"
SIZE = "measurements,patient_id=P1; scan_id=S1,diameter_mm,20.5,25,typing error,site,2024-01-01"


PLAN = maps.load(PLAIN)


def apply(folder, path):
    """The register of a file on the study in a folder."""
    imported = importing.import_exports(folder, PLAN)
    texts = imported.tables | {"patient_keys": imported.patient_keys}
    register = corrections.read_register(path)
    return corrections.apply_corrections(texts, register, path.name, PLAN, imported.field_options)


def write(folder, *lines, header=HEADER, encoding="utf-8"):
    path = folder / "corrections.csv"
    path.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
    return path


def faults_of(folder, path) -> list[str]:
    """The faults as row, column: rule."""
    with pytest.raises(FaultError) as stopped:
        apply(folder, path)
    return [f"{fault.row} {fault.column}: {fault.rule}" for fault in stopped.value.faults]


def test_a_correction_replaces_the_value_it_names(raw, tmp_path):
    corrected = apply(raw, write(tmp_path, SIZE + ",,"))
    assert corrected.tables["measurements"]["diameter_mm"].tolist() == ["25", "10", ""]
    assert corrected.set_aside.empty


def test_a_register_without_the_optional_columns_or_saved_by_a_dutch_excel_is_the_same(raw, tmp_path):
    short = HEADER.removesuffix(",action,query_id")
    for header, line, encoding in (
        (short, SIZE, "utf-8"),
        (short.replace(",", ";"), SIZE.replace("; ", "@").replace(",", ";").replace("patient_id=P1@scan_id=S1", '"patient_id=P1; scan_id=S1"'), "utf-8-sig"),
        (HEADER, SIZE + ",replace,", "utf-8"),
        (HEADER.title().replace(",", " , "), SIZE.replace("2024-01-01", "01-01-2024") + ",Replace,", "utf-8"),
    ):  # fmt: skip
        corrected = apply(
            raw, write(tmp_path, line, ";" * 7 if ";" in header else "", header=header, encoding=encoding)
        )
        assert corrected.tables["measurements"]["diameter_mm"].tolist() == ["25", "10", ""]


WRONG_LINES = {
    "an old value that has changed": (SIZE.replace("20.5", "21") + ",,", "2 old: the old value is no longer there"),
    "no such record": (SIZE.replace("P1", "P9") + ",,", "2 key: names no records"),
    "several records": (SIZE.replace("; scan_id=S1", "") .replace("20.5", "20") + ",,", "2 key: names 2 records"),
    "a key in words": (SIZE.replace("patient_id=P1; scan_id=S1", "patient P1") + ",,", "2 key: names no records"),
    "a key by a column that is not there": (SIZE.replace("scan_id", "scan") + ",,", "2 key: no column scan in measurements"),
    "no such table": (SIZE.replace("measurements", "sizes") + ",,", "2 table: no such table"),
    "no such column": (SIZE.replace("diameter_mm", "diameter") + ",,", "2 diameter: no such column"),
    "no such action": (SIZE + ",change,", "2 action: no such action"),
    "a date that is none": (SIZE.replace("2024-01-01", "31/31/2026") + ",,", "2 date: not a date"),
    "a day that is none": (SIZE.replace("2024-01-01", "31-04-2026") + ",,", "2 date: not a date"),
    "nobody answers for it": (SIZE.replace("site", "") + ",,", "2 authority: an incomplete line"),
    "no reason": (SIZE.replace("typing error", "") + ",,", "2 reason: an incomplete line"),
    "no new value": (SIZE.replace(",25,", ",20.5,") + ",,", "2 new: the old value again"),
    "a new value that is no number": (SIZE.replace(",25,", ",25 mm,") + ",,", "2 new: the new diameter_mm cannot be read by the export map"),
    "a new value out of range": (SIZE.replace(",25,", ",-25,") + ",,", "2 new: the new diameter_mm cannot be read by the export map"),
    "a code that is none": ("patients,patient_id=P1,allocation,A,C,why,site,2024-01-01,,", "2 new: the new allocation cannot be read by the export map"),
    "a date as no map reads it": ("scans,scan_id=S1,scan_date,2020-01-05,05/01/20,why,site,2024-01-01,,", "2 new: the new scan_date cannot be read by the export map"),
    "a value that has to be there": ("scans,scan_id=S1,scan_date,2020-01-05,,why,site,2024-01-01,,", "2 new: scan_date cannot be empty"),
    "a new value for a row to drop": (SIZE + ",drop row,", "2 new: a new value beside another action"),
    "a row kept that stands alone": ("measurements,patient_id=P1; scan_id=S1,diameter_mm,20.5,,why,site,2024-01-01,keep row,", "2 key: the only row of its record: there is nothing to decide"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG_LINES)
def test_a_line_that_does_not_fit_stops_the_run(raw, tmp_path, what):
    line, fault = WRONG_LINES[what]
    assert faults_of(raw, write(tmp_path, line)) == [fault]


def test_all_faults_are_told_at_once_and_show_no_value(raw, tmp_path):
    path = write(tmp_path, *(line for line, _ in WRONG_LINES.values()))
    found = faults_of(raw, path)
    for number, (_, fault) in enumerate(WRONG_LINES.values(), start=2):
        assert fault.replace("2 ", f"{number} ", 1) in found
    with pytest.raises(FaultError) as stopped:
        apply(raw, path)
    assert not [value for value in ("20.5", "P1", "25 mm", "31/31") if value in str(stopped.value)]


WRONG_PAIRS = {
    "two values for one cell": ([SIZE + ",,", SIZE.replace(",25,", ",26,") + ",,"], "3 key: a second line for one cell"),
    "corrected and dropped": ([SIZE + ",,", SIZE.replace(",25,", ",,") + ",drop row,"], "2 key: line 3 sets this row aside"),
    "dropped twice": ([SIZE.replace(",25,", ",,") + ",drop row,"] * 2, "3 key: line 2 sets this row aside"),
    "right once and corrected": ([SIZE + ",,", SIZE.replace(",25,", ",,") + ",right,Q1"], "3 old: the old value is no longer there"),
    "called right twice": ([SIZE.replace(",25,", ",,") + ",right,Q1"] * 2, "3 key: a second line for one cell"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG_PAIRS)
def test_two_lines_that_decide_on_one_value_stop_the_run(raw, tmp_path, what):
    lines, fault = WRONG_PAIRS[what]
    assert fault in faults_of(raw, write(tmp_path, *lines))


WRONG_FILES = {
    "another delimiter": (HEADER.replace(",", "|"), [], "1 None: no header line of this register"),
    "a column lacks": (HEADER.replace("authority,", ""), [], "1 authority: column is missing"),
    "an optional column misspelt": (HEADER.replace("action", "acton"), [], "1 acton: unknown column"),
    "a column twice": (HEADER + ",key", [], "1 key: column name occurs twice"),
    "a cell too many": (HEADER, [SIZE + ",,,more"], "2 None: 11 fields where the header has 10"),
    "a cell too few": (HEADER, [SIZE], "2 None: 8 fields where the header has 10"),
    "a quote never closed": (HEADER, ['"' + SIZE], "2 None: unreadable quoting (unexpected end of data)"),
}


@pytest.mark.parametrize("what", WRONG_FILES)
def test_a_file_that_is_no_register_stops_the_run(raw, tmp_path, what):
    header, lines, fault = WRONG_FILES[what]
    assert faults_of(raw, write(tmp_path, *lines, header=header)) == [fault]


def test_a_register_in_another_encoding_or_nowhere_is_told_in_one_fault(raw, tmp_path):
    assert faults_of(raw, write(tmp_path, SIZE.replace("site", "René") + ",,", encoding="cp1252")) == [
        "2 None: not UTF-8"
    ]
    assert faults_of(raw, tmp_path / "nowhere.csv") == ["None None: no such register"]


def test_a_row_is_dropped_and_stands_in_the_listing_with_its_reason(raw, tmp_path):
    corrected = apply(raw, write(tmp_path, SIZE.replace(",25,", ",,") + ",drop row,"))
    assert corrected.tables["measurements"]["scan_id"].tolist() == ["S2", "S4"]
    aside = corrected.set_aside[["stage", "table", "source_file", "source_row", "reason"]]
    assert aside.to_numpy().tolist() == [
        ["2_clean", "measurements", "measurements.csv", 2, "dropped by the register of corrections: typing error"]
    ]


def test_of_contradicting_rows_the_kept_one_stays(raw, tmp_path):
    replace(
        raw,
        "measurements",
        "P1,T01,S2,10,MEASURED",
        "P1,T01,S1,21,MEASURED\nP1,T01,S1,22,MEASURED\nP1,T01,S2,10,MEASURED",
    )
    key = "patient_id=P1; lesion_id=T01; scan_id=S1"
    by_value = f"measurements,{key},diameter_mm,21,,read again,site,2024-01-01,keep row,"
    by_row = "measurements,source_file=measurements.csv; source_row=3,,,,read again,site,2024-01-01,keep row,"
    for line in (by_value, by_row):
        corrected = apply(raw, write(tmp_path, line))
        assert corrected.tables["measurements"]["diameter_mm"].tolist() == ["21", "10", ""]
        assert corrected.set_aside["source_row"].tolist() == [2, 4]
    both = [by_value, by_value.replace(",21,", ",22,")]
    assert "2 key: line 3 sets this row aside" in faults_of(raw, write(tmp_path, *both))


def test_what_is_called_right_changes_nothing_and_is_guarded_all_the_same(raw, tmp_path):
    right = SIZE.replace(",25,", ",,") + ",right,Q1"
    corrected = apply(raw, write(tmp_path, right))
    assert corrected.tables["measurements"]["diameter_mm"].tolist() == ["20.5", "10", ""] and corrected.set_aside.empty
    assert faults_of(raw, write(tmp_path, right.replace("20.5", "20"))) == ["2 old: the old value is no longer there"]
    corrected_first = [SIZE + ",,", right.replace("20.5", "25")]
    assert apply(raw, write(tmp_path, *corrected_first)).tables["measurements"]["diameter_mm"].iloc[0] == "25"


def test_the_key_table_is_corrected_like_a_table():
    keys = pd.DataFrame(
        [["sonia", "01", "P1", "keys.csv", 2, "1960"], ["sonia", "01", "P2", "keys.csv", 3, "1970"], ["sonia", "03", "P4", "keys.csv", 4, ""]],
        columns=["key", "source_patient_id", "patient_id", "source_file", "source_row", "check_birth_year"],
    )  # fmt: skip
    line = {"table": "patient_keys", "column": "patient_id", "reason": "r", "authority": "a", "date": "2024-01-01"}
    lines = [
        line | {"key": "key=sonia; source_patient_id=01", "old": "P2", "new": "", "action": "drop row"},
        line | {"key": "source_patient_id=03", "old": "P4", "new": "P3", "action": "replace"},
    ]
    plan = {"tables": {}, "patient_keys": {"sonia": {"check": {"birth_year": {"column": "Birth year"}}}}}
    options = pd.DataFrame(columns=["group", "name", "value"])
    arguments = ({"patient_keys": keys}, pd.DataFrame(lines), "corrections.csv", plan, options)
    corrected = corrections.apply_corrections(*arguments)
    assert corrected.tables["patient_keys"]["patient_id"].tolist() == ["P1", "P3"]
    assert corrected.set_aside[["table", "source_row"]].to_numpy().tolist() == [["patient_keys", 3]]
    lines[0] |= {"action": "keep row"}
    corrected = corrections.apply_corrections(arguments[0], pd.DataFrame(lines), *arguments[2:])
    assert corrected.tables["patient_keys"]["patient_id"].tolist() == ["P2", "P3"]
    lines[1] |= {"column": "check_birth_year", "old": "", "new": "sixty"}
    with pytest.raises(FaultError, match="row 3, column new: the new birth_year cannot be read"):
        corrections.apply_corrections(arguments[0], pd.DataFrame(lines), *arguments[2:])
