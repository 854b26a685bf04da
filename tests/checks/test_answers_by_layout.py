"""Answers about studies in layouts of their own: a composed scan number, a value from another column, a key table."""

from datetime import datetime

import openpyxl
import pytest
from answered_queries import SIGNED, answered, ask, enter, fill, judge, send

pytestmark = pytest.mark.slow  # every test runs stages 1 to 3 anew


def test_the_day_of_a_scan_moves_with_its_readings(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "ct.csv").write_text(
        "nr;datum;laesie;maat\nP1;05-01-2020;1;20\nP1;05-01-2020;2;30\nP1;05-04-2021;1;21\nP1;05-04-2021;2;31\n"
    )
    (folder / "p.csv").write_text("nr;centrum;rand;dood\nP1;UMCG;10-01-2020;01-06-2020\n")
    scan = {"scan_id": {"compose": ["patient_id", "modality", "scan_date"]}, "patient_id": {"column": "nr"},
            "modality": {"constant": "CT"}, "scan_date": {"column": "datum", "date": "%d-%m-%Y"}}  # fmt: skip
    size = {"lesion_id": {"column": "laesie"}, "diameter_mm": {"column": "maat"}, "state": {"constant": "MEASURED"}}
    day = {"date": "%d-%m-%Y"}
    plan = {
        "title": "t", "files": {"ct": {"path": "ct.csv", "delimiter": ";"}, "p": {"path": "p.csv", "delimiter": ";"}},
        "tables": {
            "patients": [{"file": "p", "columns": {"patient_id": {"column": "nr"}, "centre": {"column": "centrum"}, "randomisation_date": {"column": "rand"} | day, "death_date": {"column": "dood"} | day}}],
            "scans": [{"file": "ct", "distinct": True, "columns": scan}],
            "lesions": [{"file": "ct", "distinct": True, "columns": {"patient_id": {"column": "nr"}, "lesion_id": {"column": "laesie"}}}],
            "measurements": [{"file": "ct", "columns": scan | size}],
        },
    }  # fmt: skip
    answers = {("SCAN_AFTER_DEATH", ""): ("new value", datetime(2020, 4, 5), *SIGNED)}
    _, lines, refused = answered(folder, tmp_path, answers, plan)
    assert refused.empty and lines["table"].tolist() == ["scans", "measurements", "measurements"]
    assert set(lines["old"]) == {"05-04-2021"} and set(lines["new"]) == {"05-04-2020"}
    again = ask(folder, plan, enter(lines, tmp_path / "corrections.csv"))
    assert again.delivery.study["measurements"]["scan_id"].tolist() == ["P1 CT 2020-01-05", "P1 CT 2020-04-05"] * 2
    assert not again.queries["rule_id"].isin(["SCAN_AFTER_DEATH", "ORPHAN_SCAN"]).any()


def test_a_value_that_was_read_from_another_column_takes_the_text_of_its_own(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "ct.csv").write_text("nr;datum;laesie;maat;oordeel\nP1;05-01-2020;1;20;\nP1;05-04-2020;1;-;verdwenen\n")
    (folder / "p.csv").write_text("nr;centrum;rand\nP1;UMCG;10-01-2020\n")
    scan = {"scan_id": {"compose": ["patient_id", "modality", "scan_date"]}, "patient_id": {"column": "nr"},
            "modality": {"constant": "CT"}, "scan_date": {"column": "datum", "date": "%d-%m-%Y"}}  # fmt: skip
    see = {"column": "maat", "see": {"-": "oordeel"}}
    state = {**see, "codes": {"afwezig": "ABSENT"}, "otherwise": "MEASURED"}
    plan = {
        "title": "t", "files": {"ct": {"path": "ct.csv", "delimiter": ";"}, "p": {"path": "p.csv", "delimiter": ";"}},
        "tables": {
            "patients": [{"file": "p", "columns": {"patient_id": {"column": "nr"}, "centre": {"column": "centrum"}, "randomisation_date": {"column": "rand", "date": "%d-%m-%Y"}}}],
            "scans": [{"file": "ct", "distinct": True, "columns": scan}],
            "lesions": [{"file": "ct", "distinct": True, "columns": {"patient_id": {"column": "nr"}, "lesion_id": {"column": "laesie"}}}],
            "measurements": [{"file": "ct", "columns": scan | {"lesion_id": {"column": "laesie"}, "diameter_mm": see | {"missing": ["afwezig"]}, "state": state}}],
        },
    }  # fmt: skip
    asked = ask(folder, plan)
    (tmp_path / "back").mkdir()
    fill(send(asked, "UMCG", tmp_path / "back/UMCG.xlsx"), {("UNREADABLE", "1"): ("new value", "afwezig", *SIGNED)})
    lines, refused = judge(asked, tmp_path / "back")
    assert refused["why"].tolist() in ([], ["answered twice alike: the first row counts"])
    assert sorted(lines["column"]) == ["diameter_mm", "state"] and set(lines["new"]) == {"afwezig"}
    again = ask(folder, plan, enter(lines, tmp_path / "corrections.csv")).delivery.study["measurements"]
    assert again["state"].tolist() == ["MEASURED", "ABSENT"] and again["diameter_mm"].isna().tolist() == [False, True]
    size = ask(folder, plan, enter(lines.assign(new="22"), tmp_path / "corrections.csv")).delivery.study["measurements"]
    assert size["state"].tolist() == ["MEASURED"] * 2 and size["diameter_mm"].tolist() == [20, 22]


@pytest.fixture
def keyed(tmp_path):
    """A study whose patients bear other numbers, with a key table that disagrees on one and names one too many."""
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "p.csv").write_text("nr,centre,birth,rand\n01,UMCG,1960,2020-01-10\n02,UMCG,1970,2020-01-10\n")
    (folder / "keys.csv").write_text("other,study,birth\n01,P1,1961\n02,P2,1970\n03,P3,1980\n")
    columns = {"patient_id": {"column": "nr", "key": "k"}, "centre": {"column": "centre"},
               "birth_year": {"column": "birth"}, "randomisation_date": {"column": "rand"}}  # fmt: skip
    key = {"file": "keys", "from": "other", "to": "study", "check": {"birth_year": {"column": "birth"}}}
    files = {"p": {"path": "p.csv"}, "keys": {"path": "keys.csv"}}
    return folder, {
        "title": "t",
        "files": files,
        "patient_keys": {"k": key},
        "tables": {"patients": [{"file": "p", "columns": columns}]},
    }


def test_a_query_about_the_key_table_is_asked_with_both_values_and_answered(keyed, tmp_path):
    folder, plan = keyed
    asked = ask(folder, plan)
    sheet = openpyxl.load_workbook(send(asked, "UMCG", tmp_path / "UMCG.xlsx"))["Queries"]
    rows = [
        dict(zip((cell.value for cell in sheet[1]), row, strict=True))
        for row in sheet.iter_rows(min_row=2, values_only=True)
    ]
    link = next(row for row in rows if row["rule_id"] == "LINK_DISAGREES")
    assert (
        link["value"] == "1960"
        and link["beside"] == "keys.csv row 2: check_birth_year=1961"
        and link["source_file"] == "p.csv"
    )
    _, lines, refused = answered(folder, tmp_path, {("LINK_DISAGREES", ""): ("new value", 1961, *SIGNED)}, plan)
    assert refused.empty and lines[["table", "key", "new"]].to_numpy().tolist() == [
        ["patients", "patient_id=01", "1961"]
    ]
    again = ask(folder, plan, enter(lines, tmp_path / "corrections.csv"))
    assert "LINK_DISAGREES" not in set(again.queries["rule_id"])


def test_a_key_without_a_patient_is_dropped_or_called_right(keyed, tmp_path):
    folder, plan = keyed
    asked = ask(folder, plan)
    (tmp_path / "back").mkdir()
    for said, gone in (("drop row", True), ("right", False)):
        workbook = send(asked, "no centre", tmp_path / "back/no_centre.xlsx")
        fill(workbook, {("KEY_WITHOUT_PATIENT", ""): (said, None, *SIGNED)})
        lines, refused = judge(asked, tmp_path / "back")
        assert refused.empty and lines["key"].tolist() == ["key=k; source_patient_id=03; patient_id=P3"]
        queries = ask(folder, plan, enter(lines, tmp_path / "corrections.csv")).queries.set_index("rule_id")["answer"]
        assert ("KEY_WITHOUT_PATIENT" not in queries) == gone and (
            gone or queries["KEY_WITHOUT_PATIENT"].startswith("right")
        )


def test_the_number_of_a_patient_is_not_changed_by_an_answer(keyed, tmp_path):
    folder, plan = keyed
    answers = {("NO_SCAN", ""): ("new value", "04", *SIGNED)}
    _, lines, refused = answered(folder, tmp_path, answers, plan)
    assert lines.empty and refused["why"].str.contains("see the key table").all() and len(refused) == 2
