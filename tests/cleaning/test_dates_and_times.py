"""Dates and times of one column in several declared forms."""

import pandas as pd
import pytest
from delivered import load_map
from sonimage.cleaning import parsing, typed_tables
from sonimage.faults import FaultError

THREE = ["%d-%m-%Y", "%m/%d/%Y", "excel_serial"]
# text, declared forms, day (None: unreadable)
DAYS = [
    ("20-01-2020", THREE, "2020-01-20"),
    ("01/20/2020", THREE, "2020-01-20"),
    ("05/06/2020", THREE, "2020-05-06"),
    ("43850", THREE, "2020-01-20"),
    ("43850.4375", THREE, "2020-01-20"),
    ("2020", THREE, None),
    ("73416", THREE, None),
    ("2020-01-20", THREE, "2020-01-20"),
    ("20-01-2020 10:30", THREE, "2020-01-20"),
    ("2020-01-20T10:30:00+01:00", THREE, "2020-01-20"),
    ("2020-01-20T23:30:00.123Z", ["%Y-%m-%d"], "2020-01-20"),
    ("2020-01-20 00:30:00 +0100", ["%d-%m-%Y"], "2020-01-20"),
    ("2020-01-20T25:30:00", ["%Y-%m-%d"], None),
    ("05-06-2020", ["%d-%m-%Y", "%m-%d-%Y"], None),
    ("06-06-2020", ["%d-%m-%Y", "%m-%d-%Y"], "2020-06-06"),
    ("20-06-2020", ["%d-%m-%Y", "%m-%d-%Y"], "2020-06-20"),
    ("20200120", "%Y%m%d", "2020-01-20"),
    ("2020120", "%Y%m%d", None),
    ("1012020", "%d%m%Y", "2020-01-01"),
    ("12020", "%d%m%Y", None),
    ("20-jan-2020", ["%d-%b-%Y"], "2020-01-20"),
]


@pytest.mark.parametrize("text, forms, day", DAYS)
def test_a_date_is_read_by_the_declared_forms_or_not_at_all(text, forms, day):
    found = parsing.read_dates(pd.Series([text]), forms).dt.strftime("%Y-%m-%d").iloc[0]
    assert found == day if day else pd.isna(found)


def test_a_partial_date_of_one_of_several_forms_is_completed():
    texts = pd.Series(["UK-03-2021", "20-01-2020", "UK-Mar-2021"])
    found = parsing.read_dates(texts, ["%d-%b-%Y", *THREE], "mid").dt.strftime("%Y-%m-%d")
    assert found[:2].tolist() == ["2021-03-15", "2020-01-20"] and pd.isna(found[2])
    assert parsing.is_partial(texts, THREE).tolist() == [True, False, False]


def test_a_date_that_two_forms_read_differently_is_asked_about_in_words():
    columns = {"patient_id": {"column": "p"}, "death_date": {"column": "d", "date": ["%d-%m-%Y", "%m-%d-%Y"]}}
    rows = pd.DataFrame({"patient_id": ["P1", "P2"], "death_date": ["05-06-2020", "31-31-2020"]})
    rows = rows.assign(source_no=0, source_file="raw.csv", source_row=[2, 3])
    found = typed_tables.clean_table(
        rows, "patients", [{"file": "raw", "columns": columns}], pd.DataFrame(columns=["group", "name", "value"])
    )
    assert found.queries["rule_id"].tolist() == ["UNREADABLE", "DATE_FORMS_DISAGREE"]
    assert found.queries["source_row"].tolist() == [3, 2] and "%d-%m-%Y, %m-%d-%Y" in found.queries["expected"].iloc[1]


TIMES = [
    ("085657.250000", (), "08:56:57"),
    ("132816", (), "13:28:16"),
    ("13:28", (), "13:28:00"),
    ("9:28:16.5", (), "09:28:16"),
    ("2020-01-20T10:30:00+01:00", (), "10:30:00"),
    ("2020-01-20 10:30:00", (), "10:30:00"),
    ("1328", (), None),
    ("1328", "%H%M", "13:28:00"),
    ("930", "%H%M", "09:30:00"),
    ("85657.25", "%H%M%S", "08:56:57"),
    ("1328", "%H%M%S", None),
    ("286000", (), None),
    ("10.30", "%H.%M", "10:30:00"),
    ("2:05 PM", ["%I:%M %p", "%H:%M"], "14:05:00"),
]


@pytest.mark.parametrize("text, forms, clock", TIMES)
def test_a_time_is_read_as_dicom_and_clocks_write_it(text, forms, clock):
    found = parsing.read_times(pd.Series([text]), forms).iloc[0]
    assert found == clock if clock else pd.isna(found)


def test_a_form_that_is_none_is_refused_with_what_is_allowed(tmp_path):
    text = "title: a\nfiles: {x: {path: x.csv}}\ntables: {patients: [{file: x, columns: {death_date: {column: d, date: dd-mm-yyyy}}}]}\n"
    with pytest.raises(FaultError, match=r"'dd-mm-yyyy' is no form. Day %d, month %m"):
        load_map(tmp_path, text)
