"""From the workbook of a site to lines of the register of corrections, and back to a query that is no longer asked."""

import shutil
from pathlib import Path

import openpyxl
import pytest
from answered_queries import SIGNED, answered, ask, enter, fill, judge, send
from plain_study import PLAIN, replace, write_study
from project import PROJECT
from sonimage.exports import maps
from sonimage.faults import FaultError

pytestmark = pytest.mark.slow  # every test runs stages 1 to 3 anew

PLAN = maps.load(PLAIN)


def write_slips(folder):
    """A size in cm, a size that is no number, a death before the last scan, an arm of no code."""
    replace(folder, "measurements", "P1,T01,S2,10,", "P1,T01,S2,2.1,")
    replace(folder, "measurements", "P1,T01,S1,20.5,", "P1,T01,S1,20.5 mm,")
    replace(folder, "patients", ",A,2020-01-12,", ",C,2020-01-12,2020-03-01")
    return folder


@pytest.fixture(scope="module")
def slips(tmp_path_factory):
    """The study with slips in its folder, as it is asked, and the workbook of UMCG as it was sent."""
    folder = tmp_path_factory.mktemp("slips")
    asked = ask(write_slips(write_study(folder / "raw")), PLAN)
    return folder / "raw", asked, send(asked, "UMCG", folder / "UMCG.xlsx")


def returned(slips, tmp_path, answers):
    """What becomes of answers about the study with slips."""
    _, asked, workbook = slips
    (tmp_path / "back").mkdir(exist_ok=True)
    fill(Path(shutil.copy(workbook, tmp_path / "back")), answers)
    return judge(asked, tmp_path / "back")


def test_a_query_is_answered_corrected_and_no_longer_asked(slips, tmp_path):
    answers = {("UNREADABLE", "T01"): ("new value", 20.5, *SIGNED), ("SCAN_AFTER_DEATH", ""): ("right", None, *SIGNED)}
    folder, asked, _ = slips
    lines, refused = returned(slips, tmp_path, answers)
    assert refused.empty and lines["action"].tolist() == ["right", "replace"]
    size = lines.iloc[1]
    assert size[["table", "key", "column", "old", "new", "authority", "date"]].tolist() == [
        "measurements", "patient_id=P1; lesion_id=T01; scan_id=S1", "diameter_mm", "20.5 mm", "20.5", "A. Jansen", "2026-11-03",
    ]  # fmt: skip
    again = ask(folder, PLAN, enter(lines, tmp_path / "corrections.csv"))
    assert again.delivery.study["measurements"]["diameter_mm"].tolist()[0] == 20.5
    before, after = (one.queries.set_index("query_id") for one in (asked, again))
    assert size["query_id"] in before.index and size["query_id"] not in after.index
    closed = after.loc[lines.iloc[0]["query_id"]]
    assert closed["answer"] == "right: A. Jansen, 2026-11-03"
    sheet = openpyxl.load_workbook(send(again, "UMCG", tmp_path / "next.xlsx"))["Queries"]
    assert closed.name not in [row[0].value for row in sheet.iter_rows()]


def test_a_level_becomes_the_code_of_the_hospital_and_a_value_beside_can_be_the_wrong_one(tmp_path):
    plan = maps.load(PROJECT / "config/exports/sonimage.yaml")
    answers = {
        ("CALL_AGAINST_SUV", "L17"): ("new value", "visual=positive", *SIGNED),
        ("EVENT_AFTER_CONTACT", ""): ("new value", "last_contact_date=01-07-2021", *SIGNED),
        ("PARTIAL_DATE", ""): ("new value", "12-10-2021", *SIGNED),
        ("UNMAPPED_ORGAN", "L05"): ("new value", "bone", *SIGNED),
        ("SIZE_JUMP", "L03"): ("new value", "23,5", *SIGNED),
    }
    _, lines, refused = answered(PROJECT / "data/example", tmp_path, answers, plan)
    found = lines.set_index("column")
    assert found.loc["visual", ["old", "new"]].tolist() == ["0", "1"]
    assert found.loc["last_contact_date", ["table", "new"]].tolist() == ["patients", "01-07-2021"]
    assert found.loc["death_date", ["old", "new"]].tolist() == ["UK-10-2021", "12-10-2021"]
    assert found.loc["organ", ["key", "new"]].tolist() == ["patient_id=UMCG-036; lesion_id=L05", "bone"]
    assert found.loc[["diameter_mm", "state"], ["old", "new"]].to_numpy().tolist() == [["2.35", "23.5"]] * 2
    assert refused["why"].tolist() == ["new_value is the value that was asked about: answer right"]


def test_of_contradicting_rows_the_answer_keeps_or_drops_one(raw, tmp_path):
    replace(raw, "uptake", "P1,T01,S3,2.5", "P1,T01,S3,2.5\nP1,T01,S3,5.2")
    for said, value in ((("right", None), 2.5), (("drop row", None), 5.2), (("new value", "5.2"), 5.2)):
        _, lines, refused = answered(raw, tmp_path, {("READINGS_CONTRADICT", "T01"): (*said, *SIGNED)}, PLAN)
        assert refused.empty
        again = ask(raw, PLAN, enter(lines, tmp_path / "corrections.csv"))
        assert again.delivery.study["uptake"]["suvmax"].tolist() == [value]
        assert "READINGS_CONTRADICT" not in set(again.queries["rule_id"])


NOT_ACCEPTED = {
    "no such answer": (("maybe", None, *SIGNED), "answer is none of right, new value, drop row"),
    "a value without an answer": ((None, "20.5", *SIGNED), "answer is none of right, new value, drop row"),
    "nobody signed": (("right", None, " ", SIGNED[1]), "answered_by is empty: nobody signed"),
    "no day": (("right", None, SIGNED[0], None), "answered_on is no date"),
    "a day that is none": (("right", None, SIGNED[0], "31-31-2026"), "answered_on is no date"),
    "no new value": (("new value", " ", *SIGNED), "new_value is empty"),
    "right and another value": (("right", "20.5", *SIGNED), "a new_value beside another answer"),
    "the same value": (("new value", "20.5 mm", *SIGNED), "new_value is the value that was asked about: answer right"),
    "no number": (("new value", "big", *SIGNED), "the new diameter_mm cannot be read by the export map. Expected: number mm"),
    "a thousand?": (("new value", "1,234", *SIGNED), "the new diameter_mm cannot be read by the export map. Expected: number mm"),
    "out of range": (("new value", -3, *SIGNED), "the new diameter_mm cannot be read by the export map. Expected: 0 to  mm"),
    "a formula": (("new value", "=1+1", *SIGNED), "new_value is a formula"),
    "another column": (("new value", "weight=80", *SIGNED), "new_value names a column that neither this row nor the patient has"),
}  # fmt: skip


@pytest.mark.parametrize("what", NOT_ACCEPTED)
def test_an_answer_that_cannot_be_accepted_is_listed_with_the_reason(slips, tmp_path, what):
    cells, why = NOT_ACCEPTED[what]
    lines, refused = returned(slips, tmp_path, {("UNREADABLE", "T01"): cells})
    assert lines.empty and refused[["file", "why"]].to_numpy().tolist() == [["UMCG.xlsx", why]]
    assert refused["row"].notna().all() and refused["query_id"].str.startswith("Q").all()


ACCEPTED = {
    "a number cell": (("new value", 20.5, *SIGNED), "20.5"),
    "a decimal comma": (("new value", "20,5", *SIGNED), "20.5"),
    "blanks and capitals": ((" New  Value ", " 20.5 ", *SIGNED), "20.5"),
    "a day in text": (("new value", "20.5", "AJ", "3-11-2026"), "20.5"),
    "not known": (("new value", "Missing", *SIGNED), ""),
    "by the name of the column": (("new value", "diameter_mm = 20.5", *SIGNED), "20.5"),
}


@pytest.mark.parametrize("what", ACCEPTED)
def test_an_answer_is_understood_as_it_was_meant(slips, tmp_path, what):
    cells, new = ACCEPTED[what]
    lines, refused = returned(slips, tmp_path, {("UNREADABLE", "T01"): cells})
    assert refused.empty and lines[["new", "date"]].to_numpy().tolist() == [[new, "2026-11-03"]]


def test_a_value_that_has_changed_since_is_not_corrected(slips, raw, tmp_path):
    (tmp_path / "back").mkdir()
    fill(Path(shutil.copy(slips[2], tmp_path / "back")), {("UNREADABLE", "T01"): ("new value", "20.5", *SIGNED)})
    write_slips(raw)
    replace(raw, "measurements", "20.5 mm", "25 mm")
    lines, refused = judge(ask(raw, PLAN), tmp_path / "back")
    assert lines.empty and refused["why"].tolist() == ["the value is no longer the one that was asked about"]
    replace(raw, "measurements", "25 mm", "20.5")
    lines, refused = judge(ask(raw, PLAN), tmp_path / "back")
    assert lines.empty and "no such query" in refused["why"].iloc[0]


def test_answers_that_contradict_each_other_or_the_register_are_not_accepted(slips, tmp_path):
    folder, asked, workbook = slips
    lines, _ = returned(slips, tmp_path, {("UNREADABLE", "T01"): ("new value", "20.5", *SIGNED)})
    again = Path(shutil.copy(workbook, tmp_path / "back/again.xlsx"))
    fill(again, {("UNREADABLE", "T01"): ("new value", "25", *SIGNED)})
    none, refused = judge(asked, tmp_path / "back")
    assert none.empty and set(refused["why"]) == {"answered twice, each time otherwise"} and len(refused) == 2
    fill(again, {("UNREADABLE", "T01"): ("new value", "20.5", *SIGNED)})
    alike, refused = judge(asked, tmp_path / "back")
    assert alike.equals(lines) and refused["why"].tolist() == ["answered twice alike: the first row counts"]
    stands = lines.assign(key="scan_id=S1", column="state", old="measured", new="PRESENT")
    asked = ask(folder, PLAN, enter(stands, tmp_path / "corrections.csv"))
    again.unlink()
    fill(tmp_path / "back/UMCG.xlsx", {("UNREADABLE", "T01"): ("drop row", "", *SIGNED)})
    none, refused = judge(asked, tmp_path / "back")
    assert none.empty and refused["why"].str.contains("the register decides on this row already").all()


def test_workbooks_come_back_with_other_columns_other_rows_and_other_files(slips, tmp_path):
    lines, _ = returned(slips, tmp_path, {("UNREADABLE", "T01"): ("new value", "20.5", *SIGNED)})
    book = openpyxl.load_workbook(tmp_path / "back/UMCG.xlsx")
    old, new = book["Queries"], book.create_sheet("sorted")
    for row in [old[1], *list(old.iter_rows(min_row=2))[::-1]]:
        new.append([*(cell.value for cell in row[::-1]), None, "a remark"])
    del book["Queries"]
    new.title = "Queries"
    book.save(tmp_path / "back/UMCG.xlsx")
    (tmp_path / "back/notes.txt").write_text("no workbook")
    (tmp_path / "back/broken.xlsx").write_text("no workbook")
    openpyxl.Workbook().save(tmp_path / "back/empty.xlsx")
    again, refused = judge(slips[1], tmp_path / "back")
    assert again.equals(lines)
    assert refused["file"].tolist() == ["broken.xlsx", "empty.xlsx", "notes.txt"]
    assert refused["why"].str.contains("archive|no sheet Queries|not an .xlsx workbook").all()


def test_no_folder_and_an_empty_folder_are_told(slips, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder, words in (
        (None, "--config answers=DIR"),
        (tmp_path / "nowhere", "no such folder"),
        (tmp_path / "empty", "no workbook"),
    ):
        with pytest.raises(FaultError, match=words):
            judge(slips[1], folder)
