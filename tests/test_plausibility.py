"""Plausibility rules: a clean study raises none, and each worked oddity raises its own."""

import pandas as pd
import pytest
from conftest import table
from sonimage import tables
from sonimage.plausibility import RULES, check_tables

CLEAN = {
    "patients": """
        patient_id | randomisation_date | first_treatment_date | consent_date | death_date | last_contact_date | source_row
        a          | 2020-02-01         | 2020-02-03           | 2020-01-20   | 2021-06-01 | 2021-06-01        | 2
    """,
    "scans": """
        scan_id | patient_id | modality | scan_date  | weight_kg | height_cm | injected_activity_mbq | source_row
        ct0     | a          | CT       | 2020-01-25 | -         | -         | -                     | 2
        ct1     | a          | CT       | 2020-04-25 | -         | -         | -                     | 3
        fes     | a          | FES-PET  | 2020-01-26 | 70        | 165       | 200                   | 4
    """,
    "lesions": """
        patient_id | lesion_id | organ | is_node | role   | source_row
        a          | T1        | lung  | False   | TARGET | 2
        a          | T2        | lung  | False   | TARGET | 3
    """,
    "measurements": """
        patient_id | lesion_id | scan_id | diameter_mm | state    | source_row
        a          | T1        | ct0     | 20          | MEASURED | 2
        a          | T1        | ct1     | 15.25       | MEASURED | 3
        a          | T2        | ct0     | 12          | MEASURED | 4
    """,
    "uptake": """
        patient_id | lesion_id | scan_id | suvmax | suvmean | visual   | source_row
        a          | T1        | fes     | 2.5    | 1.5     | positive | 2
    """,
    "assessments": """
        patient_id | assessment_date | overall_response | source_row
        a          | 2020-04-25      | PD               | 2
    """,
    "events": """
        patient_id | event                 | event_date | source_row
        a          | NEW THERAPEUTIC AGENT | 2020-05-25 | 2
    """,
}  # fmt: skip


def study() -> dict[str, pd.DataFrame]:
    return {name: table(text, name) for name, text in CLEAN.items()}


def found(changed: dict[str, pd.DataFrame]) -> set[str]:
    return set(check_tables(changed)["rule_id"])


def test_a_clean_study_raises_no_query():
    assert found(study()) == set()


def test_empty_tables_raise_no_query():
    assert found({name: tables.empty(name) for name in CLEAN}) == set()


ODD = {
    "DEATH_BEFORE_RANDOMISATION": ("patients", 0, "death_date", "2020-01-30"),
    "CONTACT_AFTER_DEATH": ("patients", 0, "last_contact_date", "2022-01-01"),
    "SCAN_AFTER_DEATH": ("scans", 1, "scan_date", "2021-06-02"),
    "EVENT_AFTER_DEATH": ("events", 0, "event_date", "2021-06-02"),
    "ASSESSMENT_AFTER_DEATH": ("assessments", 0, "assessment_date", "2021-06-02"),
    "SCAN_LONG_BEFORE": ("scans", 0, "scan_date", "2019-10-01"),
    "CONSENT_AFTER_TREATMENT": ("patients", 0, "consent_date", "2020-03-01"),
    "TREATMENT_LONG_BEFORE": ("patients", 0, "first_treatment_date", "2019-12-01"),
    "NO_RANDOMISATION_DATE": ("patients", 0, "randomisation_date", None),
    "WEIGHT": ("scans", 2, "weight_kg", 70000),
    "HEIGHT": ("scans", 2, "height_cm", 1.65),
    "ACTIVITY": ("scans", 2, "injected_activity_mbq", 0.2),
    "NODE_ORGAN": ("lesions", 0, "is_node", True),
    "IRRADIATED_TARGET": ("lesions", 0, "is_irradiated", True),
    "TARGET_TOO_SMALL": ("measurements", 2, "diameter_mm", 9.99),
    "FINER_THAN_HUNDREDTHS": ("measurements", 1, "diameter_mm", 15.255),
    "SIZE_JUMP": ("measurements", 1, "diameter_mm", 2.0),
    "SIZE_BEYOND_BODY": ("measurements", 1, "diameter_mm", 301),
    "NO_SIZE": ("measurements", 1, "diameter_mm", None),
    "ABSENT_WITH_SIZE": ("measurements", 1, "state", "ABSENT"),
    "SUV": ("uptake", 0, "suvmax", 0),
    "SUV_ORDER": ("uptake", 0, "suvmean", 3.0),
    "CALL_AGAINST_SUV": ("uptake", 0, "suvmax", 0.5),
    "EVENT_BEFORE_RANDOMISATION": ("events", 0, "event_date", "2020-01-01"),
    "LIGAND_WASHOUT": ("patients", 0, "last_er_ligand_date", "2020-01-10"),
    "NEW_AGENT_SAME_DAY": ("events", 0, "event_date", "2020-04-25"),
    "RESUMED_WITHOUT_BREAK": ("events", 0, "event", "THERAPY RESUMED"),
    "ROLE_WITHOUT_CT": ("measurements", 2, "lesion_id", "T1"),
}


@pytest.mark.parametrize("rule", ODD)
def test_an_oddity_raises_its_query(rule):
    name, row, column, value = ODD[rule]
    changed = study()
    frame = changed[name]
    frame.loc[row, column] = pd.Timestamp(value) if frame[column].dtype.kind == "M" and value else value
    assert rule in found(changed)


def again(name: str, **changes) -> dict[str, pd.DataFrame]:
    """The study with the first row of a table once more, changed."""
    changed = study()
    row = changed[name].iloc[[0]].assign(**changes)
    return changed | {name: tables.conform(pd.concat([changed[name], row]), name)}


def test_repeats_and_too_many_targets_raise_theirs():
    assert "REPEATED_EVENT" in found(again("events"))
    assert "REPEATED_ASSESSMENT" in found(again("assessments"))
    assert "TARGETS_PER_ORGAN" in found(again("lesions", lesion_id="T3"))
    fes = study()["scans"].iloc[[2]].assign(scan_id="fes2")
    assert "TWO_SCANS_A_DAY" in found(study() | {"scans": pd.concat([study()["scans"], fes], ignore_index=True)})
    organs = [
        study()["lesions"].iloc[[0]].assign(lesion_id=f"X{n}", organ=organ)
        for n, organ in enumerate(["bone", "skin", "liver", "brain"])
    ]
    assert "TARGETS" in found(study() | {"lesions": pd.concat([study()["lesions"], *organs], ignore_index=True)})


def test_every_rule_is_tried_here():
    tried = {*ODD, "REPEATED_EVENT", "REPEATED_ASSESSMENT", "TARGETS_PER_ORGAN", "TWO_SCANS_A_DAY", "TARGETS"}
    assert tried == {rule.rule_id for rule in RULES}
