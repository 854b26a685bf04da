"""Typed cells of a worksheet: a number cell is a number and a date cell a date, whatever the map says of texts."""

from datetime import datetime

import pytest
from delivered import clean, values, workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from sonimage.faults import FaultError

SIZES = """
title: sizes
files: {{ct: {{path: ct.xlsx}}}}
tables:
  measurements:
    - file: ct
      columns:
        patient_id: nr
        lesion_id: les
        scan_id: {{constant: S1}}
        diameter_mm: {{column: maat, {size}}}
        state: {{constant: MEASURED}}
"""


@pytest.mark.parametrize("mark, text", [(",", "20,5"), (".", "20.5")])
def test_number_cells_are_numbers_whatever_mark_the_texts_have(tmp_path, mark, text):
    data = workbook(["nr", "les", "maat"], ["P1", 1, 40.5], ["P1", 2, text], ["P1", 3, 30], ["P1", 4, 1e-7])
    cleaned, imported = clean(tmp_path, SIZES.format(size=f"decimal: '{mark}'"), ct_xlsx=data)
    found = cleaned["measurements"]
    assert found.table["diameter_mm"].tolist() == [40.5, 20.5, 30, 1e-7] and found.queries.empty
    assert imported.tables["measurements"]["diameter_mm"].tolist()[:3] == [f"40{mark}5", text, "30"]


def test_a_text_with_the_other_mark_stays_unreadable(tmp_path):
    data = workbook(["nr", "les", "maat"], ["P1", 1, 40.5], ["P1", 2, "2.500"])
    found = clean(tmp_path, SIZES.format(size="decimal: ','"), ct_xlsx=data)[0]["measurements"]
    assert values(found.table, "diameter_mm") == [[40.5], [None]]
    assert found.queries["rule_id"].tolist() == ["UNREADABLE"]


def test_a_number_cell_that_the_map_reads_by_both_marks_is_a_fault(tmp_path):
    twice = SIZES + """
  uptake:
    - file: ct
      columns: {{patient_id: nr, lesion_id: les, scan_id: {{constant: S2}}, suvmax: maat}}
"""  # fmt: skip
    data = workbook(["nr", "les", "maat"], ["P1", 1, 40], ["P1", 2, 40.5])
    with pytest.raises(FaultError, match=r"row 3, column maat: a number in a column read with `,` and with `.`"):
        clean(tmp_path, twice.format(size="decimal: ','"), ct_xlsx=data)


DAYS = """
title: days
files: {{ct: {{path: ct.xlsx}}}}
tables:
  scans:
    - file: ct
      columns:
        scan_id: {{compose: [patient_id, scan_date]}}
        patient_id: nr
        modality: {{constant: CT}}
        scan_date: {{column: dag, {form}}}
"""


@pytest.mark.parametrize(
    "form, cell, day",
    [
        ("date: '%d-%m-%Y'", datetime(2020, 2, 3), "2020-02-03"),
        ("date: '%d-%m-%Y'", datetime(2020, 2, 3, 10, 30), "2020-02-03"),
        ("date: '%d-%m-%Y %H:%M'", datetime(2020, 2, 3), "2020-02-03"),
        ("date: '%Y-%d-%m'", datetime(2020, 2, 3), "2020-02-03"),
        ("date: '%Y-%d-%m'", "2020-02-03", "2020-03-02"),
        ("origin: '2000-01-01'", datetime(2020, 2, 3), "2020-02-03"),
        ("origin: '2000-01-01'", 31, "2000-02-01"),
        ("date: '%Y%m%d'", 20200203, "2020-02-03"),
        ("date: ['%d-%m-%Y', excel_serial]", 43864, "2020-02-03"),
        ("date: ['%d-%m-%Y', excel_serial]", 43864.5, "2020-02-03"),
        ("date: '%d-%m-%Y'", 43864, None),
    ],
)
def test_a_date_cell_is_its_day_whatever_form_the_texts_have(tmp_path, form, cell, day):
    cleaned, _ = clean(tmp_path, DAYS.format(form=form), ct_xlsx=workbook(["nr", "dag"], ["P1", cell]))
    found = values(cleaned["scans"].table, "scan_date")
    assert found == ([[day]] if day else []) and cleaned["scans"].queries.empty == bool(day)


def test_a_workbook_that_counts_from_1904_gives_its_own_days(tmp_path):
    data = workbook(["nr", "dag"], ["P1", datetime(2020, 2, 3)], ["P2", 43864 - 1462], epoch=CALENDAR_MAC_1904)
    cleaned, _ = clean(tmp_path, DAYS.format(form="date: excel_serial"), ct_xlsx=data)
    assert values(cleaned["scans"].table, "scan_date") == [["2020-02-03"], ["2020-02-03"]]
