"""A small study with slips, the workbook of its site, and the answers filled in."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
from project import PROJECT
from sonimage.checks import asked_deliveries, query_workbook
from sonimage.checks.answers import judging, returned_workbooks
from sonimage.checks.answers.changed_cells import Delivery
from sonimage.checks.asking import described_queries
from sonimage.cleaning import corrections
from sonimage.linking import query_list

SIGNED = ("A. Jansen", datetime(2026, 11, 3))


class Asked(NamedTuple):
    """A delivery with its query list and register of corrections."""

    delivery: Delivery
    queries: pd.DataFrame
    register: pd.DataFrame


def ask(folder: Path, plan: dict, register_path: Path | None = None) -> Asked:
    """Stages 1 to 3 of a folder and what it is asked, with a register of corrections that fits."""
    path = register_path or PROJECT / "config/corrections.csv"
    register = corrections.read_register(path)
    delivery, queries = asked_deliveries.ask(folder, plan, register=register)
    assert corrections.find_faults(delivery.imported, register, path.name, plan, delivery.options) == []
    return Asked(delivery, queries, register)


def send(asked: Asked, centre: str, path: Path) -> Path:
    """The workbook of a centre."""
    mine = asked.queries[(asked.queries["centre"] == centre) & asked.queries["answer"].isna()]
    one = asked.delivery
    described = described_queries.describe_queries(mine, one.texts, one.study, one.export_map, one.options, "en")
    counts = query_list.count_queries(asked.queries, one.study["patients"]["centre"])
    query_workbook.write_workbook(described, counts, centre, path)
    return path


def fill(path: Path, answers: dict[tuple[str, str], tuple]) -> None:
    """Write answers into a workbook: (rule, lesion or "") -> the four cells of the answer."""
    book = openpyxl.load_workbook(path)
    sheet = book["Queries"]
    header = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        cells = dict(zip(header, row, strict=True))
        said = answers.get((cells["rule_id"].value, cells["lesion_id"].value or ""))
        for name, value in zip(("answer", "new_value", "answered_by", "answered_on"), said or (), strict=False):
            cells[name].value = value
    book.save(path)


def judge(asked: Asked, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Proposed lines and what was not accepted of the workbooks in a folder."""
    answers, unread = returned_workbooks.read_workbooks(folder)
    lines, refused = judging.judge_answers(answers, asked.queries, asked.register, "corrections.csv", asked.delivery)
    return lines, pd.concat([part for part in (refused, unread) if len(part)] or [refused], ignore_index=True)


def enter(lines: pd.DataFrame, path: Path) -> Path:
    """The proposed lines as the register."""
    lines.to_csv(path, index=False)
    return path


def answered(folder: Path, place: Path, answers: dict, plan: dict) -> tuple[Asked, pd.DataFrame, pd.DataFrame]:
    """What becomes of the answers of centre UMCG about a study."""
    asked = ask(folder, plan)
    (place / "back").mkdir(exist_ok=True)
    fill(send(asked, "UMCG", place / "back/UMCG.xlsx"), answers)
    return asked, *judge(asked, place / "back")
