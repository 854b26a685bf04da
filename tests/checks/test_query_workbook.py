"""The workbook of queries that a site gets."""

import openpyxl
from listed_queries import queries_of_two_centres
from sonimage.checks import query_workbook
from sonimage.linking import query_list


def test_the_workbook_of_a_site_has_text_cells_only_its_own_rows_and_the_same_bytes(tmp_path):
    listed, patients = queries_of_two_centres()
    counts = query_list.count_queries(listed, patients["centre"])
    for name in ("one.xlsx", "two.xlsx"):
        query_workbook.write_workbook(listed, counts, "UMCG", tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    cells = [cell for row in book["Queries"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"} and "=9+9" in {cell.value for cell in cells}
    assert book["Queries"].max_row == 2 and "VUMC" not in {cell.value for cell in cells}
