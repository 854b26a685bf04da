"""The queries of one centre as a workbook that is sent to it, and comes back with the answers."""

import re
from datetime import datetime
from pathlib import Path

import pandas as pd

from sonimage.checks.asking.described_queries import ANSWERED, ANSWERS, COLUMNS, MISSING
from sonimage.checks.asking.questions.how_to_answer import HOW
from sonimage.faults import Fault, FaultError

SHEET = "Queries"
MADE = datetime(2000, 1, 1)  # a workbook carries the time it was made; a fixed one gives the same bytes
FIRST_DAY = datetime(2000, 1, 1)  # of an answer
LONGEST_LIST = 255  # characters of a drop-down list in Excel
WIDTHS = {
    "question": 50, "value": 18, "beside": 45, "column_in_file": 20, "source_file": 30, "visit": 22, "new_value": 24,
    "column": 20, "answered_by": 18, "unit": 9, "lesion_id": 10, "source_row": 9, "severity": 10, "rule_id": 22,
}  # fmt: skip
ALLOWED = {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True}


def find_centre(name: str, counts: pd.DataFrame) -> str:
    """The centre that a file is named after (blanks and signs as _); raises FaultError with those that there are."""
    centres = {re.sub(r"[^A-Za-z0-9_-]", "_", centre): centre for centre in counts["centre"].unique()}
    found = centres.get(name) or (name if name in centres.values() else None)
    if found is None:
        remedy = f"The centres of this study are {', '.join(centres)}"
        raise FaultError([Fault(f"checks/queries/{name}.xlsx", None, None, f"there is no centre {name}", remedy)])
    return found


def write_workbook(
    described: pd.DataFrame, counts: pd.DataFrame, centre: str, path: str | Path, language: str = "en"
) -> None:
    """Write the queries of one centre for its data manager: text cells only, no formulas, no links.

    `described`: its open queries (`describe_queries`). Cells are protected but for the answer, with lists to choose from.
    """
    import xlsxwriter

    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, settings) as book:
        book.set_properties({"created": MADE, "title": f"SONImage: queries of {centre}"})
        text = {"num_format": "@", "text_wrap": True, "valign": "top"}
        head = text | {"bold": True, "bottom": 1}
        open_ = {"bg_color": "#FFF9DB", "border": 1, "border_color": "#BFBFBF", "locked": False}
        style = {name: book.add_format(entry) for name, entry in {
            "text": text, "head": head, "open": text | open_, "open head": head | {"bg_color": "#FFE680"},
            "day": text | open_ | {"num_format": "dd-mm-yyyy"},
        }.items()}  # fmt: skip
        _write_queries(book.add_worksheet(SHEET), described, style)
        _write_help(book.add_worksheet(HOW[language][0]), HOW[language][1:], style["text"])
        number = counts[counts["centre"] == centre].drop(columns=["centre"])
        _write_counts(book.add_worksheet("Counts"), number, style)


def _write_queries(sheet, described: pd.DataFrame, style: dict) -> None:
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(described), 1), len(COLUMNS) - 1)
    for column, name in enumerate(COLUMNS):
        is_open = name in ANSWERED
        sheet.set_column(column, column, WIDTHS.get(name, 15))
        sheet.write_string(0, column, name, style["open head" if is_open else "head"])
        cell = style["day" if name == "answered_on" else "open" if is_open else "text"]
        for row, value in enumerate(described[name].astype(object), start=1):
            if is_open:
                sheet.write_blank(row, column, None, cell)
            else:
                sheet.write_string(row, column, "" if pd.isna(value) else str(value), cell)
    _offer_choices(sheet, described["levels"])
    sheet.protect("", ALLOWED)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _offer_choices(sheet, levels: pd.Series) -> None:
    """Lists for the answer and for coded values, and a day for the signature."""
    answer, new_value, _, answered_on = (COLUMNS.index(name) for name in ANSWERED)
    if not len(levels):
        return
    sheet.data_validation(1, answer, len(levels), answer, {"validate": "list", "source": list(ANSWERS)})
    day = {"validate": "date", "criteria": ">=", "value": FIRST_DAY, "error_message": "A date, as 31-12-2026"}
    sheet.data_validation(1, answered_on, len(levels), answered_on, day)
    for row, words in enumerate(levels, start=1):
        choices = [*words.split("\n"), MISSING] if isinstance(words, str) and words else []
        if choices and len(",".join(choices)) <= LONGEST_LIST:
            sheet.data_validation(
                row, new_value, row, new_value, {"validate": "list", "source": choices, "error_type": "warning"}
            )


def _write_help(sheet, lines: tuple[str, ...], text) -> None:
    sheet.set_column(0, 0, 110, text)
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, text)
    sheet.protect()


def _write_counts(sheet, counts: pd.DataFrame, style: dict) -> None:
    """How many findings each rule raised, zero included: answered ones too."""
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(counts.columns):
        sheet.set_column(column, column, 30 if name == "rule_id" else 16)
        sheet.write_string(0, column, name, style["head"])
        for row, value in enumerate(counts[name].astype(object), start=1):
            sheet.write_string(row, column, "" if pd.isna(value) else str(value), style["text"])
    sheet.protect()
