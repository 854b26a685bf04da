"""What became of each query from one delivery to the next."""

import pandas as pd
import pytest
from plain_study import PLAIN, replace, write_study
from sonimage.checks import asked_deliveries, query_states
from sonimage.exports import maps

PLAN = maps.load(PLAIN)


def register(*lines) -> pd.DataFrame:
    columns = ["table", "key", "column", "old", "new", "action", "query_id"]
    rows = pd.DataFrame([dict(zip(columns, line, strict=True)) for line in lines], columns=columns)
    return rows.assign(reason="answered", authority="A. Jansen", date="2026-11-03")


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A delivery with five slips, and its query list."""
    folder = write_study(tmp_path_factory.mktemp("earlier") / "raw")
    replace(folder, "measurements", "P1,T01,S1,20.5,", "P1,T01,S1,20.5 mm,")
    replace(folder, "measurements", "P2,NT01,S4,,PRESENT", "P2,NT01,S4,1o,MEASURED")
    replace(folder, "patients", "P1,UMCG,F,2020-01-10,A,2020-01-12,", "P1,UMCG,F,2020-01-10,A,2020-01-12,2020-03-15")
    replace(folder, "uptake", "P1,T01,S3,2.5", "P1,T01,S3,2.5 g")
    return folder, asked_deliveries.ask(folder, PLAN)[1]


@pytest.fixture
def later(tmp_path):
    """The next delivery: another order of rows, one value mended at the source, one slip more."""
    folder = write_study(tmp_path / "next")
    lines = (folder / "measurements.csv").read_text().splitlines()
    (folder / "measurements.csv").write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n")
    replace(folder, "measurements", "P1,T01,S1,20.5,", "P1,T01,S1,20.5 mm,")
    replace(folder, "measurements", "P2,NT01,S4,,PRESENT", "P2,NT01,S4,1o,MEASURED")
    replace(folder, "patients", "P1,UMCG,F,2020-01-10,A,2020-01-12,", "P1,UMCG,F,2020-01-10,A,2020-01-12,2020-03-15")
    replace(folder, "lesions", "P2,NT01,bone,", "P2,NT01,bonne,")
    return folder


@pytest.mark.slow
def test_a_query_keeps_its_number_and_says_what_became_of_it(earlier, later):
    before = earlier[1]
    delivered = asked_deliveries.ask(later, PLAN)[1]
    dead = delivered.loc[delivered["rule_id"] == "SCAN_AFTER_DEATH", "query_id"].iloc[0]
    settled = asked_deliveries.ask(later, PLAN, register=register(
        ("measurements", "patient_id=P1; scan_id=S1", "diameter_mm", "20.5 mm", "20.5", "replace", ""),
        ("scans", "scan_id=S2", "scan_date", "2020-04-05", "", "right", dead),
        ("measurements", "patient_id=P1; scan_id=S1", "state", "gone", "MEASURED", "replace", ""),
    ))[1]  # fmt: skip
    states = query_states.list_states(before, delivered, settled)
    assert list(states.columns[:3]) == ["query_id", "centre", "state"] and states["query_id"].is_unique
    said = states.set_index("rule_id")["state"]
    assert said["SCAN_AFTER_DEATH"] == "answered" and said["UNMAPPED_ORGAN"] == "new"
    unreadable = states[states["rule_id"] == "UNREADABLE"].set_index(["patient_id", "column"])["state"]
    assert unreadable.to_dict() == {
        ("P1", "diameter_mm"): "answered", ("P1", "suvmax"): "gone", ("P2", "diameter_mm"): "open",
    }  # fmt: skip


@pytest.mark.slow
def test_the_number_of_a_query_is_of_its_record_not_of_its_patient_file_or_row(raw, tmp_path):
    replace(raw, "lesions", "P2,NT01", "P1,T02,liver,,False,TARGET\nP2,NT01")
    replace(raw, "measurements", "P2,NT01", "P1,T02,S1,2l,MEASURED\nP2,NT01")
    replace(raw, "measurements", "P1,T01,S1,20.5,", "P1,T01,S1,2o,")
    numbers = asked_deliveries.ask(raw, PLAN)[1].set_index(["rule_id", "lesion_id"])["query_id"].sort_index()
    one, two = numbers["UNREADABLE", "T01"], numbers["UNREADABLE", "T02"]
    assert one.tolist() != two.tolist()
    plan = maps.load(PLAIN)
    plan["files"]["measurements"] = {"path": "sizes_of_november.csv", "delimiter": ";"}
    text = (raw / "measurements.csv").read_text().replace(",", ";").splitlines()
    (raw / "sizes_of_november.csv").write_text("\n".join([text[0], *text[:0:-1]]) + "\n")
    (raw / "measurements.csv").unlink()
    again = asked_deliveries.ask(raw, plan)[1].set_index(["rule_id", "lesion_id"])["query_id"]
    assert again.sort_index().equals(numbers)


def test_what_is_asked_twice_of_one_record_has_two_numbers(raw):
    replace(
        raw,
        "events",
        "P1,BREAK START,2020-03-01",
        "P1,BREAK START,2020-03-01\nP1,BREAK START,2020-03-01\nP1,BREAK START,2020-03-01",
    )
    queries = asked_deliveries.ask(raw, PLAN)[1]
    assert queries["query_id"].is_unique
