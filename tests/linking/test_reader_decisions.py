"""Readers' decisions on lesion links: two numbers become one, and a decision that does not fit stops the run."""

import pandas as pd
import pytest
from plain_study import PLAIN, replace
from sonimage import tables
from sonimage.cleaning import typed_tables
from sonimage.exports import importing, maps
from sonimage.faults import FaultError
from sonimage.linking import cross_checks, one_study, reader_decisions
from worked_tables import table


def study_with_pet_lesion(raw):
    replace(raw, "lesions", "P2,NT01", "P1,L07,liver,,False,\nP2,NT01")
    replace(raw, "uptake", "P1,T01,S3", "P1,L07,S3")


def decide(tmp_path, **changes):
    line = {"patient_id": "P1", "lesion_id": "L07", "decision": "same as", "partner_id": "T01"}
    line |= {"reader": "AB", "date": "2026-01-01", "reason": "seen side by side"} | changes
    pd.DataFrame([line]).to_csv(tmp_path / "decisions.csv", index=False)
    return reader_decisions.read_register(tmp_path / "decisions.csv")


def link(raw, decisions):
    plan = maps.load(PLAIN)
    imported = importing.import_exports(raw, plan)
    cleaned = {
        name: typed_tables.clean_table(imported.tables[name], name, plan["tables"][name], imported.field_options).table
        for name in maps.TABLES
    }
    return one_study.link_patients(
        cleaned, plan, imported.patient_keys, decisions=decisions, decisions_path="decisions.csv"
    )


def test_a_readers_decision_brings_two_numbers_together(raw, tmp_path):
    study_with_pet_lesion(raw)
    linked = link(raw, decide(tmp_path))
    assert linked.tables["uptake"]["lesion_id"].tolist() == ["T01"]
    assert linked.tables["lesions"]["lesion_id"].tolist() == ["T01", "NT01"]
    assert linked.set_aside["reason"].tolist() == ["same lesion as T01: reader's decision"]


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"lesion_id": "L99"}, "no such lesion"),
        ({"partner_id": "L99"}, "no such lesion"),
        ({"decision": "perhaps"}, "no decision"),
        ({"partner_id": ""}, "no decision"),
        ({"reader": ""}, "an incomplete line"),
    ],
)
def test_a_decision_that_does_not_fit_stops_the_run(raw, tmp_path, changes, words):
    study_with_pet_lesion(raw)
    with pytest.raises(FaultError, match=words):
        link(raw, decide(tmp_path, **changes))


def test_two_numbers_read_on_one_scan_cannot_be_one_lesion(raw, tmp_path):
    replace(raw, "lesions", "P2,NT01", "P1,L07,liver,,False,\nP2,NT01")
    replace(raw, "uptake", "P1,T01,S3,2.5", "P1,T01,S3,2.5\nP1,L07,S3,3.5")
    with pytest.raises(FaultError, match="both numbers were read on one scan"):
        link(raw, decide(tmp_path))


def test_a_decided_link_waits_for_nobody(tmp_path):
    review = table("""
        patient_id | lesion_id | pair | finding | needs_review
        P1         | L07       | x    | agrees  | True
        P1         | L08       | x    | agrees  | True
    """, "link_review")  # fmt: skip
    noted = reader_decisions.note_decisions(review, decide(tmp_path, decision="stands", partner_id=""))
    assert noted["decision"].notna().tolist() == [True, False]
    lesions = tables.conform(review[["patient_id", "lesion_id"]].assign(source_file="f", source_row=2), "lesions")
    assert cross_checks.query_reviews(noted, lesions)["record"].tolist() == ["P1"]
