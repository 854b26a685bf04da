"""Merged and blank-below cells: the patient's number stands in the first row of its block."""

import pytest
from delivered import clean, values, workbook

MAP = """
title: blocks
files: {{ct: {{path: "ct.*", {extra}}}}}
tables:
  lesions:
    - file: ct
      columns: {{patient_id: nr, lesion_id: les, organ: plaats}}
"""
ROWS = [
    ["nr", "les", "plaats"],
    ["P1", 1, "bot"],
    [None, 2, "long"],
    [],
    [None, 3, "lever"],
    ["P2", 1, "bot"],
    [None, 2, "long"],
]
FILLED = [["P1", "1"], ["P1", "2"], ["P2", "1"], ["P2", "2"]]


def as_text(rows: list[list]) -> str:
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row or [None] * 3) for row in rows) + "\n"


@pytest.mark.parametrize("kind", ["worksheet", "text"])
def test_a_column_is_filled_down_to_the_next_number_or_blank_line(tmp_path, kind):
    files = {"ct_xlsx": workbook(*ROWS)} if kind == "worksheet" else {"ct_csv": as_text(ROWS)}
    cleaned, _ = clean(tmp_path, MAP.format(extra="fill_down: [nr]"), **files)
    assert values(cleaned["lesions"].table, "patient_id", "lesion_id") == FILLED
    assert 5 in cleaned["lesions"].set_aside["source_row"].tolist()


def test_each_sheet_begins_anew(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for name, rows in {"A": ROWS[:3], "B": [ROWS[0], ["", 7, "bot"], *ROWS[5:]]}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    (tmp_path / "book.xlsx").parent.mkdir(exist_ok=True)
    book.save(tmp_path / "book.xlsx")
    cleaned, _ = clean(
        tmp_path, MAP.format(extra="fill_down: [nr], sheets: [A, B]"), ct_xlsx=(tmp_path / "book.xlsx").read_bytes()
    )
    assert values(cleaned["lesions"].table, "patient_id", "lesion_id") == FILLED
    assert cleaned["lesions"].set_aside["source_file"].tolist() == ["ct.xlsx#B"]


def test_without_it_the_note_says_that_the_column_looks_filled_downwards(tmp_path):
    cleaned, _ = clean(tmp_path, MAP.format(extra=""), ct_xlsx=workbook(*ROWS))
    found = cleaned["lesions"]
    assert values(found.table, "patient_id", "lesion_id") == [["P1", "1"], ["P2", "1"]]
    assert (
        found.set_aside["reason"]
        .str.contains("patient_id is empty or unreadable; it looks filled downwards: declare `fill_down`")
        .all()
    )


def test_a_forgotten_number_in_a_long_table_is_no_block(tmp_path):
    data = as_text([ROWS[0], *[[f"P{row % 4}" if row not in (5, 6, 9) else None, row, "bot"] for row in range(12)]])
    found = clean(tmp_path, MAP.format(extra=""), ct_csv=data)[0]["lesions"]
    assert len(found.set_aside) == 3 and not found.set_aside["reason"].str.contains("filled downwards").any()
