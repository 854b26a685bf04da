"""Cleaning one table: the traps of real exports, value by value."""

import pandas as pd
import pytest
from sonimage.cleaning import typed_tables
from worked_tables import table


def clean(name: str, text: str, columns: dict, options: str = "group | name | value") -> typed_tables.Cleaned:
    """Clean one table written as text, by the columns of a map."""
    rows = table(text).fillna("").assign(source_no=0, source_file="raw.csv")
    rows = rows.assign(source_row=range(2, len(rows) + 2))
    entries = {column: {"column": column} | entry for column, entry in columns.items()}
    return typed_tables.clean_table(rows, name, [{"file": "raw", "columns": entries}], table(options))


PATIENT = {"patient_id": {}}

# column, delivered text, entry of the map, value expected (None: unreadable or missing)
VALUES = [
    ("er_percent", ".87", {}, 0.87),
    ("er_percent", "14.00000", {}, 14.0),
    ("er_percent", "-98", {"missing": ["-98"]}, None),
    ("er_percent", "-98.0", {"missing_codes": "castor"}, None),
    ("er_percent", "Missing (asked but unknown)", {"missing_codes": "castor"}, None),
    ("er_percent", "##USER_MISSING_95##", {"missing_codes": "castor"}, None),
    ("er_percent", "2.500", {"decimal": ","}, None),
    ("er_percent", "0,9", {"decimal": ",", "unit": "fraction"}, 90.0),
    ("death_date", "01-01-2996", {"date": "%d-%m-%Y", "missing_codes": "castor"}, None),
    ("death_date", "31-12-2998", {"date": "%d-%m-%Y", "missing_codes": "castor"}, None),
    ("death_date", "2996-01-01", {"missing_codes": "castor"}, None),
    ("death_date", "05-12-2019", {"date": "%d-%m-%Y"}, "2019-12-05"),
    ("death_date", "2019-12-05", {"date": "%d-%m-%Y"}, "2019-12-05"),
    ("death_date", "2019-12-05 00:00:00", {"date": "%d-%m-%Y"}, "2019-12-05"),
    ("death_date", "11-11-1111", {"date": "%d-%m-%Y"}, None),
    ("death_date", "19-03-0202", {"date": "%d-%m-%Y"}, None),
    ("death_date", "01-02-2939", {"date": "%d-%m-%Y"}, None),
    ("death_date", "UK-03-2021", {"date": "%d-%m-%Y"}, None),
    ("death_date", "UK-03-2021", {"date": "%d-%m-%Y", "partial": "mid"}, "2021-03-15"),
    ("death_date", "UK-UK-2021", {"date": "%d-%m-%Y", "partial": "last"}, "2021-12-31"),
    ("death_date", "2021-02", {"partial": "last"}, "2021-02-28"),
    ("death_date", "19726", {"origin": "1960-01-01"}, "2014-01-03"),
    ("death_date", "0001-01-01", {"missing": ["0001-01-01"]}, None),
    ("bone_only", "1", {"codes": {"1": "true", "0": "false"}}, True),
    ("centre", "NA", {}, "NA"),
    ("centre", "'Groningen", {"strip": "'"}, "Groningen"),
]


@pytest.mark.parametrize("column, text, entry, expected", VALUES, ids=lambda value: str(value))
def test_a_value_of_a_real_export_is_read_or_asked_about(column, text, entry, expected):
    found = clean("patients", f"patient_id | {column}\np | {text}", PATIENT | {column: entry})
    value = found.table[column].iloc[0]
    if expected is None:
        assert pd.isna(value)
        declared = "missing" in entry or "missing_codes" in entry
        assert declared == found.queries.empty
    else:
        assert value == (pd.Timestamp(expected) if column == "death_date" else expected)


def test_a_code_that_means_missing_in_one_column_is_a_value_in_another():
    found = clean("uptake", "patient_id | lesion_id | scan_id | x_mm | y_mm\np | L | S | -98 | -98",
                  {"patient_id": {}, "lesion_id": {}, "scan_id": {}, "x_mm": {}, "y_mm": {"missing_codes": "castor"}})  # fmt: skip
    assert found.table["x_mm"].tolist() == [-98] and found.table["y_mm"].isna().all()


OPTIONS = """
    group | name | value
    Arm   | 2    | 1
    Arm   | 1    | 2
    YesNo | Yes  | 1
    YesNo | No   | 0
"""
ARMS = PATIENT | {
    "allocation": {"options": "Arm", "codes": {"1": "A", "2": "B"}},
    "bone_only": {"options": "YesNo", "codes": {"1": "true", "0": "false"}},
}


@pytest.mark.parametrize("shown, arm", [("1", "A"), ("Yes", "B")])
def test_values_or_names_are_told_by_the_whole_file_since_one_text_may_be_both(shown, arm):
    found = clean("patients", f"patient_id | allocation | bone_only\np | 1 | {shown}", ARMS, OPTIONS)
    assert found.table["allocation"].tolist() == [arm] and found.table["bone_only"].tolist() == [True]


def test_unmapped_words_are_counted_as_they_came():
    found = clean("lesions", "patient_id | lesion_id | organ\np | A | heupkop\np | B | heupkop\np | C | bot",
                  {"patient_id": {}, "lesion_id": {}, "organ": {}})  # fmt: skip
    assert found.unmapped[["column", "word", "n_rows"]].to_numpy().tolist() == [["organ", "heupkop", 2]]
    assert found.table["organ"].tolist() == ["other", "other", "bone"]
