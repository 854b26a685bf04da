"""The CT worksheet as a reading room keeps it: title rows above the header, numbers as numbers, words between them."""

import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

TITLES = ("SONImage - RECIST 1.1 metingen CT (mm; klieren korte as)", "GESIMULEERDE DATA / SIMULATED DATA")
HEADER_ROW = 4


def write_worksheet(frame: pd.DataFrame, path: Path) -> None:
    """Write the sheet `CT metingen` with its header on line 4; the same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime.datetime(2025, 10, 1)})
    sheet = book.add_worksheet("CT metingen")
    for row, title in enumerate(TITLES):
        sheet.write_string(row, 0, title)
    sheet.write_row(HEADER_ROW - 1, 0, list(frame.columns))
    for row, cells in enumerate(frame.to_numpy().tolist(), start=HEADER_ROW):
        for column, cell in enumerate(cells):
            if frame.columns[column] == "Meting" and str(cell).replace(".", "", 1).isdigit():
                sheet.write_number(row, column, float(cell))
            else:
                sheet.write_string(row, column, str(cell))
    book.close()
