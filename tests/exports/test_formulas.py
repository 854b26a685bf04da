"""Formulas of a worksheet, and what it hides."""

from io import BytesIO

import pytest
import xlsxwriter
from delivered import clean, values
from exports.raw_files import cells, read
from sonimage.faults import FaultError

MAP = """
title: sums
files: {ct: {path: ct.xlsx, formulas: FORMULAS}}
tables:
  measurements:
    - file: ct
      columns: {patient_id: nr, lesion_id: les, scan_id: {constant: S1}, diameter_mm: maat, state: {constant: MEASURED}}
"""


def written(*rows: list, hide=None) -> bytes:
    """A workbook as Excel saves it; a pair is a formula with its stored result."""
    data = BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet("CT")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, tuple):
                    sheet.write_formula(number, column, cell[0], None, cell[1])
                elif cell is not None:
                    sheet.write(number, column, cell)
        if hide:
            hide(sheet)
    return data.getvalue()


HEADER = ["nr", "les", "maat", "som"]


@pytest.mark.parametrize("cell", [("=C2*2", 40), ("=1/0", "#DIV/0!")])
def test_a_formula_in_a_column_that_the_map_does_not_name_is_nobodys_business(tmp_path, cell):
    data = written(HEADER, ["P1", 1, 20, cell], [None, None, None, cell])
    cleaned, imported = clean(tmp_path, MAP.replace("FORMULAS", "fault"), ct_xlsx=data)
    assert values(cleaned["measurements"].table, "patient_id", "diameter_mm") == [["P1", 20]]
    assert imported.raw_files["n_rows"].tolist() == [1]


def test_a_formula_in_a_column_that_the_map_names_is_a_fault_unless_its_results_are_asked_for(tmp_path):
    data = written(HEADER, ["P1", 1, ("=20*2", 40)], ["P1", 2, ("=41/2", 20.5)], ["P1", 3, ("=A1", "20.5")])
    with pytest.raises(FaultError, match=r"row 2, column maat: a formula. .*formulas: values"):
        clean(tmp_path, MAP.replace("FORMULAS", "fault"), ct_xlsx=data)
    (tmp_path / "raw/ct.xlsx").unlink(), (tmp_path / "raw").rmdir()
    cleaned, _ = clean(tmp_path, MAP.replace("FORMULAS", "values"), ct_xlsx=data)
    assert cleaned["measurements"].table["diameter_mm"].tolist() == [40, 20.5, 20.5]


def test_a_stored_error_and_no_stored_result_are_faults(tmp_path):
    data = written(HEADER, ["P1", 1, ("=1/0", "#DIV/0!")], ["P1", 2, ("=B2", "")])
    with pytest.raises(FaultError) as stopped:
        clean(tmp_path, MAP.replace("FORMULAS", "values"), ct_xlsx=data)
    rules = [(fault.row, fault.rule) for fault in stopped.value.faults]
    assert rules == [(2, "an error of Excel"), (3, "a formula without a stored result")]


def test_an_empty_text_that_excel_stored_is_a_result():
    from zipfile import ZipFile

    data, changed = written(["a", "b"], ["x", ("=T(A1)", "text")]), BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>text</v>", b"<v></v>"))
    assert cells(read(changed.getvalue(), "ct.xlsx", formulas="values")) == [["x", ""]]


def test_hidden_rows_and_columns_are_read_and_noted(tmp_path):
    def hide(sheet):
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(3, 4, None, None, {"hidden": True})

    data = written(HEADER, ["P1", 1, 20], ["P1", 2, 30], ["P1", 3, 40], hide=hide)
    cleaned, imported = clean(tmp_path, MAP.replace("FORMULAS", "fault"), ct_xlsx=data)
    assert cleaned["measurements"].table["diameter_mm"].tolist() == [20, 30, 40]
    assert imported.raw_files["note"].tolist() == ["read, hidden parts too: rows 2 and 3, column D"]


def test_a_hidden_sheet_is_read_and_noted():
    data = BytesIO()
    with xlsxwriter.Workbook(data) as book:
        book.add_worksheet("shown").write(0, 0, "a")
        hidden = book.add_worksheet("CT")
        hidden.write(0, 0, "a"), hidden.write(1, 0, "x"), hidden.hide()
    frame = read(data.getvalue(), "ct.xlsx", sheets=["CT", "shown"])
    assert cells(frame) == [["x"]] and frame.attrs["notes"] == {"ct.xlsx#CT": "read, hidden parts too: the sheet"}
