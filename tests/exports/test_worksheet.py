"""Worksheets, as Excel and Castor write them."""

from io import BytesIO

import openpyxl
import pytest
from exports.raw_files import cells, read
from sonimage.faults import FaultError


def workbook(*rows, sheet: str = "Study results", title: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in ([[title]] if title else []) + list(rows):
        page.append(row)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def test_a_castor_workbook_with_its_unnamed_last_column_and_numbers_as_text():
    data = workbook(["Record Id", "pat_age", ""], ["TES001", "53", ""], ["TES002", "43", None])
    frame = read(data, "castor.xlsx", sheet="Study results")
    assert cells(frame) == [["TES001", "53"], ["TES002", "43"]]
    assert set(frame["source_file"]) == {"castor.xlsx#Study results"}


def test_a_worksheet_mixes_dates_texts_and_numbers():
    import datetime

    data = workbook(["d", "n"], [datetime.datetime(2019, 12, 5), 14.0], ["05-12-2019", 4.53], title="CT metingen")
    frame = read(data, "ct.xlsx", header_row=2)
    assert cells(frame) == [["2019-12-05", "14"], ["05-12-2019", "4.53"]] and frame["source_row"].tolist() == [3, 4]


def test_a_formula_is_refused_and_an_equals_sign_that_is_text_is_not():
    book = openpyxl.Workbook()
    book.active.append(["operator", "value"])
    book.active.append(["x", 1])
    book.active["A2"].value, book.active["A2"].data_type = "=", "s"
    data = BytesIO()
    book.save(data)
    assert cells(read(data.getvalue(), "list.xlsx")) == [["=", "1"]]
    with pytest.raises(FaultError, match=r"row 2, column b: a formula"):
        read(workbook(["a", "b"], [1, "=A2*2"]), "sums.xlsx")


def test_a_value_outside_the_named_columns_and_an_absent_sheet_are_refused():
    with pytest.raises(FaultError, match="outside the named columns"):
        read(workbook(["a"], [1, "stray"]), "x.xlsx")
    with pytest.raises(FaultError, match=r"no sheet 'Blad2'. The workbook has Study results"):
        read(workbook(["a"]), "x.xlsx", sheet="Blad2")
