"""The workbook of queries that a site gets."""

from functools import cache

import openpyxl
import pandas as pd
import pytest
from first_stages import example_stages
from listed_queries import queries_of_two_centres
from project import PROJECT
from sonimage.checks import query_workbook
from sonimage.checks.asking import described_queries
from sonimage.checks.asking.questions import QUESTIONS, ask
from sonimage.cleaning import plausibility, query_records
from sonimage.cleaning.plausibility import RULES
from sonimage.cleaning.queries import collect
from sonimage.exports import maps
from sonimage.faults import FaultError
from sonimage.linking import query_list


@cache
def example_queries():
    """The query list of the example study, the texts it asks about, and its linked tables."""
    stages, plan = example_stages(), maps.load(PROJECT / "config/exports/sonimage.yaml")
    cleaned = {name: one.table for name, one in stages.cleaned.items()}
    clean = collect([one.queries for one in stages.cleaned.values()])
    clean = query_records.name_records(clean, cleaned, stages.imported.tables, plan)
    link = collect([stages.linked.queries, plausibility.check_tables(stages.linked.tables)])
    link = query_records.name_records(link, cleaned)
    patients = stages.linked.tables["patients"]
    listed = query_list.list_queries(clean, link, patients, stages.linked.patient_links)
    texts = stages.imported.tables | {"patient_keys": stages.imported.patient_keys}
    return listed, texts, stages.linked.tables, plan, stages.imported.field_options


def workbook_of(centre: str, folder, language: str = "en"):
    """The workbook of a centre of the example, read back."""
    listed, texts, study, plan, options = example_queries()
    asked = listed[listed["centre"] == centre]
    described = described_queries.describe_queries(asked, texts, study, plan, options, language)
    counts = query_list.count_queries(listed, study["patients"]["centre"])
    query_workbook.write_workbook(described, counts, centre, folder / "book.xlsx", language)
    return openpyxl.load_workbook(folder / "book.xlsx")


def rows_of(sheet) -> pd.DataFrame:
    header, *rows = sheet.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=header).fillna("")


def test_a_query_names_patient_scan_lesion_value_what_stands_beside_and_the_question(tmp_path):
    rows = rows_of(workbook_of("UMCG", tmp_path)["Queries"]).set_index(["patient_id", "rule_id"]).sort_index()
    jump = rows.loc[("UMCG-034", "SIZE_JUMP")].iloc[0]
    assert jump[["visit", "lesion_id", "column", "column_in_file", "value", "unit"]].tolist() == [
        "CT 2021-10-05", "L01", "diameter_mm", "Meting", "2.25", "mm",
    ]  # fmt: skip
    assert jump["question"].startswith("The size changed fivefold or more between two consecutive CTs.")
    assert "2021-07-23 22.5 mm MEASURED; 2021-10-05 2.25 mm MEASURED; 2022-01-03 22.5 mm" in jump["beside"]
    call = rows.loc[("UMCG-003", "CALL_AGAINST_SUV")].iloc[0]
    assert call["value"] == "visual=0; suvmax=8,46" and "in the analysis: visual negative" in call["beside"]
    source = rows.loc[("UMCG-044", "SOURCES_DISAGREE")].iloc[0]
    assert source["value"] == "bot" and "pet/UMCG_pet_lesions.csv row 501: organ=acetabulum" in source["beside"]


def test_a_workbook_holds_the_rows_of_its_centre_alone_in_its_language(tmp_path):
    listed = example_queries()[0]
    book = workbook_of("VUMC", tmp_path, "nl")
    rows = rows_of(book["Queries"])
    assert set(rows["query_id"]) == set(listed.loc[listed["centre"] == "VUMC", "query_id"])
    assert rows["patient_id"].str.startswith("VUMC").all() and "Uitleg" in book.sheetnames
    weight = rows[rows["rule_id"] == "WEIGHT"].iloc[0]
    assert weight["value"] == "72600.0" and weight["question"].startswith("Het lichaamsgewicht is lager dan 30")


def test_only_the_answer_can_be_written_and_coded_values_are_chosen_from_a_list(tmp_path):
    sheet = workbook_of("UMCG", tmp_path)["Queries"]
    header = [cell.value for cell in sheet[1]]
    assert header[0] == "query_id" and header[-4:] == ["answer", "new_value", "answered_by", "answered_on"]
    assert sheet.protection.sheet and sheet.freeze_panes == "C2"
    for row in sheet.iter_rows(min_row=2):
        assert [cell.protection.locked for cell in row] == [True] * (len(header) - 4) + [False] * 4
    lists = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation if one.type == "list"}
    answers = f"{sheet.cell(2, len(header) - 3).coordinate}:{sheet.cell(sheet.max_row, len(header) - 3).coordinate}"
    assert lists[answers] == '"right,new value,drop row"'
    organ = next(row for row in sheet.iter_rows(min_row=2) if row[header.index("rule_id")].value == "UNMAPPED_ORGAN")
    assert lists[organ[-3].coordinate].startswith('"bone,lymph node,') and lists[organ[-3].coordinate].endswith(
        ',missing"'
    )
    jump = next(row for row in sheet.iter_rows(min_row=2) if row[header.index("rule_id")].value == "SIZE_JUMP")
    assert jump[-3].coordinate not in lists


def test_cells_are_text_and_the_same_queries_give_the_same_bytes(tmp_path):
    listed, patients = queries_of_two_centres()
    counts = query_list.count_queries(listed, patients["centre"])
    asked = listed[listed["centre"] == "UMCG"].assign(
        question="=9+9", value="@x", levels="", **dict.fromkeys(["beside"], "")
    )
    asked = asked.reindex(columns=[*described_queries.COLUMNS, "levels"])
    for name in ("one.xlsx", "two.xlsx"):
        query_workbook.write_workbook(asked, counts, "UMCG", tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    cells = [cell for row in book["Queries"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"} and {"=9+9", "@x"} <= {cell.value for cell in cells}
    assert book["Queries"].max_row == 2 and "VUMC" not in {cell.value for cell in cells}


def test_a_centre_that_does_not_exist_is_told_with_those_that_do():
    counts = pd.DataFrame({"centre": ["UMC Groningen", "VUMC", "no centre"]})
    assert query_workbook.find_centre("UMC_Groningen", counts) == "UMC Groningen"
    assert query_workbook.find_centre("UMC Groningen", counts) == "UMC Groningen"
    with pytest.raises(
        FaultError, match=r"there is no centre UMCG\. The centres of this study are UMC_Groningen, VUMC, no_centre"
    ):
        query_workbook.find_centre("UMCG", counts)


def test_every_rule_has_a_question_in_two_languages_and_a_new_one_is_asked_all_the_same():
    assert {rule.rule_id for rule in RULES} <= set(QUESTIONS)
    for question in QUESTIONS.values():
        assert question.english.count("?") >= 1 and question.dutch.count("?") >= 1
        assert question.english != question.dutch
    assert ask("NEW_RULE", "a size", "Measure it", "nl") == "Verwacht: a size. Measure it. Klopt de waarde?"


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_centre_without_open_queries_gets_its_header(tmp_path, language):
    assert workbook_of("nowhere", tmp_path, language)["Queries"].max_row == 1
