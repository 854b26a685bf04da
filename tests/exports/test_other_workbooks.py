"""Old Excel workbooks (.xls) and OpenDocument spreadsheets (.ods), read as xlsx is."""

import datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
import xlwt
from delivered import clean, workbook
from exports.raw_files import cells, read
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import P, S
from sonimage.faults import FaultError

DAY, MOMENT, CLOCK = datetime.date(2020, 1, 20), datetime.datetime(2020, 1, 20, 10, 30), datetime.time(8, 56, 57)
ROWS = [
    ["d", "n", "t", "b"],
    [DAY, 40.5, "20,5", True],
    [MOMENT, 30, " x ", False],
    [None, None, None, None],
    [CLOCK, 1e-7, "-", None],
]
TEXTS = [
    ["2020-01-20", "40.5", "20,5", "True"],
    ["2020-01-20 10:30:00", "30", "x", "False"],
    ["08:56:57", "1e-07", "-", ""],
]
FORMATS = {datetime.date: "DD-MM-YYYY", datetime.datetime: "DD-MM-YYYY HH:MM", datetime.time: "HH:MM:SS"}


def xls(rows: list[list], change=None, dates_1904: bool = False) -> bytes:
    book = xlwt.Workbook()
    book.dates_1904 = dates_1904
    sheet = book.add_sheet("CT")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            style = xlwt.easyxf(num_format_str=FORMATS.get(type(cell), "General"))
            if cell is not None:
                sheet.write(number, column, cell, style)
    if change:
        change(book, sheet)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def ods_cell(value, **more) -> TableCell:
    match value:
        case bool():
            return TableCell(valuetype="boolean", booleanvalue=str(value).lower(), **more)
        case int() | float():
            return TableCell(valuetype="float", value=repr(value), **more)
        case datetime.date():
            return TableCell(valuetype="date", datevalue=value.isoformat(), **more)
        case datetime.time():
            return TableCell(valuetype="time", timevalue=value.strftime("PT%HH%MM%SS"), **more)
        case None:
            return TableCell(**more)
    cell = TableCell(valuetype="string", **more)
    cell.addElement(P(text=value))
    return cell


def ods(rows: list[list], change=None) -> bytes:
    book = OpenDocumentSpreadsheet()
    sheet = Table(name="CT")
    for row in rows:
        line = TableRow()
        for cell in row:
            line.addElement(cell if hasattr(cell, "qname") else ods_cell(cell))
        sheet.addElement(line)
    if change:
        change(book, sheet)
    book.spreadsheet.addElement(sheet)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize("kind, made", [("xls", xls), ("ods", ods)])
def test_typed_cells_are_read_as_from_xlsx(kind, made):
    frame = read(made(ROWS), f"ct.{kind}", sheet="CT")
    assert cells(frame) == TEXTS and frame["source_row"].tolist() == [2, 3, 5]
    assert set(frame["source_file"]) == {f"ct.{kind}#CT"}
    assert cells(read(workbook(*ROWS), "ct.xlsx")) == TEXTS


SIZES = """
title: sizes
files: {ct: {path: "ct.*"}}
tables:
  measurements:
    - file: ct
      columns:
        patient_id: nr
        lesion_id: les
        scan_id: {constant: S1}
        diameter_mm: {column: maat, decimal: ","}
        state: {constant: MEASURED}
"""


@pytest.mark.parametrize("kind, made", [("xls", xls), ("ods", ods)])
def test_number_cells_are_numbers_beside_texts_with_a_comma(tmp_path, kind, made):
    data = made([["nr", "les", "maat"], ["P1", 1, 40.5], ["P1", 2, "20,5"]])
    cleaned, _ = clean(tmp_path, SIZES, **{f"ct_{kind}": data})
    assert cleaned["measurements"].table["diameter_mm"].tolist() == [40.5, 20.5]


def test_an_old_workbook_that_counts_from_1904(tmp_path):
    text = (
        SIZES.replace("measurements:", "assessments:")
        .replace("les\n", "{constant: x}\n")
        .split("        patient_id")[0]
    )
    text += "        patient_id: nr\n        assessment_date: {column: dag, date: excel_serial}\n"
    data = xls([["nr", "dag"], ["P1", DAY], ["P2", 43850 - 1462]], dates_1904=True)
    cleaned, _ = clean(tmp_path, text, ct_xls=data)
    assert set(cleaned["assessments"].table["assessment_date"].dt.strftime("%Y-%m-%d")) == {"2020-01-20"}


def test_formulas_errors_and_hidden_parts_of_an_old_workbook():
    def change(book, sheet):
        sheet.write(1, 1, xlwt.Formula("1+1"))
        sheet.row(1).hidden = True
        sheet.col(2).hidden = True

    data = xls([["a", "b", "c"], ["x", None, "y"]], change)
    with pytest.raises(FaultError, match="row 2, column b: a formula"):
        read(data, "ct.xls")
    frame = read(data, "ct.xls", formulas="values")
    assert len(cells(frame)) == 1 and frame.attrs["notes"] == {"ct.xls": "read, hidden parts too: row 2, column C"}
    assert cells(read(data, "ct.xls", columns={"a": {}})) == [["x", "", "y"]]
    data = xls([["a", "b"], ["x", None]], lambda book, sheet: sheet.row(1).set_cell_error(1, "#DIV/0!"))
    with pytest.raises(FaultError, match="row 2, column b: an error of Excel"):
        read(data, "ct.xls")


def test_formulas_errors_and_hidden_parts_of_an_open_document():
    text = ods_cell("", formula="of:=T([.A2])")
    error = ods_cell("#DIV/0!", formula="of:=1/0")
    none = TableCell(formula="of:=[.A2]")

    def change(book, sheet):
        style = Style(name="hidden", family="table")
        style.addElement(TableProperties(display="false"))
        book.automaticstyles.addElement(style)
        sheet.setAttribute("stylename", style)
        sheet.insertBefore(TableColumn(numbercolumnsrepeated="2"), sheet.firstChild)
        sheet.insertBefore(TableColumn(visibility="collapse", numbercolumnsrepeated="1000"), sheet.childNodes[1])

    data = ods([["a", "b", "c"], ["x", ods_cell(40.5, formula="of:=81/2"), text]], change)
    with pytest.raises(FaultError, match="row 2, column b: a formula"):
        read(data, "ct.ods")
    frame = read(data, "ct.ods", formulas="values")
    assert cells(frame) == [["x", "40.5", ""]]
    assert frame.attrs["notes"] == {"ct.ods": "read, hidden parts too: the sheet, column C"}
    with pytest.raises(FaultError) as stopped:
        read(ods([["a", "b"], [error, none]]), "ct.ods", formulas="values")
    assert [fault.rule for fault in stopped.value.faults] == ["an error of Excel", "a formula without a stored result"]


def test_repeated_cells_blanks_and_notes_of_an_open_document():
    spaced = TableCell(valuetype="string")
    paragraph = P(text="a")
    paragraph.addElement(S(c=2))
    paragraph.addText("b")
    spaced.addElement(paragraph)
    data = ods(
        [["a", "b", "c"], [ods_cell(7, numbercolumnsrepeated="2"), spaced], [TableCell(numbercolumnsrepeated="16384")]]
    )
    assert cells(read(data, "ct.ods")) == [["7", "7", "a  b"]]
    with pytest.raises(FaultError, match="more cells than a sheet can have"):
        read(ods([["a"], [ods_cell(7, numbercolumnsrepeated="99999999")]]), "ct.ods")


def test_an_open_document_with_entities_or_a_password_is_refused():
    bomb, locked = BytesIO(), BytesIO()
    with ZipFile(bomb, "w") as container:
        container.writestr("content.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    with ZipFile(locked, "w") as container:
        container.writestr("content.xml", b"\x8f\x00encrypted")
    for data in (bomb, locked):
        with pytest.raises(FaultError, match=r"not a readable spreadsheet \(.ods\)"):
            read(data.getvalue(), "ct.ods")


def test_a_workbook_is_told_by_what_it_is_not_by_its_name():
    assert cells(read(workbook(*ROWS), "ct.xls")) == TEXTS
    assert cells(read(xls(ROWS), "ct.xlsx")) == TEXTS
    with pytest.raises(FaultError, match=r"the file is text\. Save it as \.xlsx, or declare its `format`"):
        read(b"<html><table><tr><td>nr</td></tr></table></html>", "ct.xls")
    with pytest.raises(
        FaultError, match=r"not a readable Excel workbook \(.xls\). Save it as .xlsx without a password"
    ):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "ct.xls")
