"""Query rules: a clean study raises none, and each worked oddity raises its own."""

import csv
import re

import pandas as pd
import pytest
from plausible_study import CALLED_LIVER, CLEAN, IN_LIVER, add, both, cts_exchanged, put, study, ten, third_ct, without
from project import PROJECT
from sonimage import tables
from sonimage.cleaning import typed_tables
from sonimage.cleaning.plausibility import RULES, check_tables, dictionary, prepare
from sonimage.linking import one_study

NEW = add("lesions", {"lesion_id": "N1", "role": "NEW", "organ": "bone"})
ODD = {
    "DEATH_BEFORE_RANDOMISATION": put("patients", 0, death_date="2020-01-30"),
    "CONTACT_AFTER_DEATH": put("patients", 0, last_contact_date="2022-01-01"),
    "CONTACT_LONG_BEFORE_DEATH": put("patients", 0, last_contact_date="2020-05-30"),
    "CONTACT_BEFORE_RANDOMISATION": put("patients", 0, last_contact_date="2020-01-30"),
    "NO_CONTACT": put("patients", 0, last_contact_date=None, death_date=None),
    "SCAN_AFTER_DEATH": put("scans", 1, scan_date="2021-06-02"),
    "EVENT_AFTER_DEATH": put("events", 0, event_date="2021-06-02"),
    "ASSESSMENT_AFTER_DEATH": put("assessments", 0, assessment_date="2021-06-02"),
    "SCAN_AFTER_CONTACT": put("scans", 1, scan_date="2031-04-25"),
    "EVENT_AFTER_CONTACT": put("events", 0, event_date="2031-04-25"),
    "ASSESSMENT_AFTER_CONTACT": put("assessments", 0, assessment_date="2031-04-25"),
    "WITHDRAWAL_AFTER_DEATH": put("patients", 0, withdrawal_date="2021-06-02"),
    "WITHDRAWAL_BEFORE_RANDOMISATION": put("patients", 0, withdrawal_date="2020-01-31"),
    "TREATMENT_AFTER_WITHDRAWAL": put("patients", 0, withdrawal_date="2020-02-02"),
    "EVENT_AFTER_WITHDRAWAL": put("patients", 0, withdrawal_date="2020-05-24"),
    "SCAN_AFTER_WITHDRAWAL": put("patients", 0, withdrawal_date="2020-04-24"),
    "NO_RANDOMISATION_DATE": put("patients", 0, randomisation_date=None),
    "NO_ALLOCATION": put("patients", 0, allocation=None),
    "ALLOCATION_WITHOUT_DATE": put("patients", 0, randomisation_date=None),
    "NO_CONSENT": put("patients", 0, consent_date=None),
    "CONSENT_AFTER_TREATMENT": put("patients", 0, consent_date="2020-03-01"),
    "NO_FIRST_TREATMENT": put("patients", 0, first_treatment_date=None),
    "TREATMENT_LONG_BEFORE": put("patients", 0, first_treatment_date="2019-12-01"),
    "TREATMENT_LATE": put("patients", 0, first_treatment_date="2020-04-10"),
    "TREATMENT_AFTER_DEATH": put("patients", 0, first_treatment_date="2021-06-02"),
    "NO_BIRTH_YEAR": put("patients", 0, birth_year=None),
    "AGE": put("patients", 0, birth_year=2006),
    "ER_FRACTION": put("patients", 0, er_percent=0.9),
    "TARGETS": add("lesions", *({"lesion_id": f"X{n}", "organ": organ} for n, organ in enumerate(["bone", "skin", "liver", "brain"]))),
    "TARGETS_PER_ORGAN": add("lesions", {"lesion_id": "T3"}),
    "IRRADIATED_TARGET": put("lesions", 0, is_irradiated=True),
    "BONE_TARGET": put("lesions", 0, organ="bone"),
    "ROLE_WITHOUT_CT": without("measurements", 2, 3),
    "LESION_WITHOUT_READING": add("lesions", {"lesion_id": "L9", "role": None}),
    "NO_ORGAN": put("lesions", 0, organ=None),
    "NODE_ORGAN": put("lesions", 0, is_node=True),
    "PAIRED_MIDLINE": put("lesions", 0, laterality="midline"),
    "MERGED_NOWHERE": put("lesions", 0, merged_into="T1"),
    "TARGET_TOO_SMALL": put("measurements", 2, diameter_mm=9.99),
    "TARGET_NOT_MEASURED": put("measurements", 2, diameter_mm=None, state="NOT EVALUABLE"),
    "TARGET_WITHOUT_SIZE": put("measurements", 3, diameter_mm=None, state="PRESENT"),
    "TARGET_LEFT_OUT": without("measurements", 3),
    "NEW_ON_FIRST_CT": both(NEW, add("measurements", {"lesion_id": "N1"})),
    "ROLE_AFTER_BASELINE": without("measurements", 2),
    "NEW_WITHOUT_PD": both(NEW, add("measurements", {"lesion_id": "N1"}, like=1), put("assessments", 0, overall_response="SD")),
    "LESION_COMES_BACK": both(
        add("scans", {"scan_id": "ct2", "scan_date": "2020-07-25"}, like=1),
        add("measurements", {"scan_id": "ct1", "lesion_id": "N1", "state": "ABSENT", "diameter_mm": None}, {"scan_id": "ct2", "lesion_id": "N1"}, like=1),
        NEW,
    ),
    "FINER_THAN_HUNDREDTHS": put("measurements", 1, diameter_mm=15.255),
    "SIZE_JUMP": put("measurements", 1, diameter_mm=2.0),
    "SIZE_BEYOND_BODY": put("measurements", 1, diameter_mm=301),
    "NO_SIZE": put("measurements", 1, diameter_mm=None),
    "SIZE_ZERO": put("measurements", 1, diameter_mm=0),
    "ABSENT_WITH_SIZE": put("measurements", 1, state="ABSENT"),
    "SAME_SIZES": add("measurements", *({"lesion_id": f"N{n}", "scan_id": "ct9"} for n in range(3))),
    "TWO_CTS_A_WEEK": both(add("scans", {"scan_id": "ct2", "scan_date": "2020-04-30"}, like=1), add("measurements", {"scan_id": "ct2"}, like=1)),
    "REPEATED_ASSESSMENT": add("assessments", {}),
    "TWO_ANSWERS_A_DAY": add("assessments", {"overall_response": "SD"}),
    "BETTER_AFTER_PD": add("assessments", {"assessment_date": "2020-05-20", "overall_response": "SD"}),
    "ASSESSMENT_WITHOUT_CT": put("assessments", 0, assessment_date="2020-05-24"),
    "PARTS_AGAINST_OVERALL": put("assessments", 0, overall_response="SD"),
    "CR_WITH_TARGET": put("assessments", 0, overall_response="CR"),
    "ASSESSMENT_BEFORE_RANDOMISATION": put("assessments", 0, assessment_date="2020-01-25"),
    "NEVER_ASSESSED": put("assessments", 0, patient_id="another"),
    "REPEATED_EVENT": add("events", {}),
    "EVENT_TWICE": add("events", {"event_date": "2020-09-01"}),
    "EVENT_BEFORE_RANDOMISATION": put("events", 0, event_date="2020-01-01"),
    "EVENT_BEFORE_TREATMENT": put("events", 0, event_date="2020-02-02"),
    "NEW_AGENT_SAME_DAY": put("events", 0, event_date="2020-04-25"),
    "RESUMED_WITHOUT_BREAK": put("events", 0, event="THERAPY RESUMED"),
    "BREAK_IN_BREAK": add("events", {"event": "BREAK START"}, {"event": "BREAK START", "event_date": "2020-06-25"}),
    "NO_SCAN": without("scans", 0, 1, 2, 3),
    "NO_FES": both(put("scans", 2, patient_id="another")),
    "NO_BASELINE_CT": put("scans", 0, scan_date="2020-02-10"),
    "BASELINE_CT_EARLY": put("scans", 0, scan_date="2020-01-05"),
    "SCAN_LONG_BEFORE": put("scans", 0, scan_date="2019-10-01"),
    "FES_LATE": put("scans", 2, scan_date="2020-03-10"),
    "CONSENT_AFTER_FES": put("patients", 0, consent_date="2020-01-27"),
    "LIGAND_WASHOUT": put("patients", 0, last_er_ligand_date="2020-01-10"),
    "TWO_SCANS_A_DAY": add("scans", {"scan_id": "fes2"}, like=2),
    "WEIGHT": put("scans", 2, weight_kg=70000),
    "HEIGHT": put("scans", 2, height_cm=1.65),
    "ACTIVITY": put("scans", 2, injected_activity_mbq=0.2),
    "GLUCOSE": put("scans", 3, glucose_mmol_l=99),
    "HALF_LIFE": put("scans", 2, half_life_s=109.8),
    "UPTAKE_TIME": put("scans", 2, acquisition_time="13:00:00"),
    "NO_WEIGHT": put("scans", 2, weight_kg=None),
    "NO_ACTIVITY": put("scans", 2, injected_activity_mbq=None),
    "NO_TIMES": put("scans", 2, injection_time=None),
    "NO_DECAY_CORRECTION": put("scans", 2, decay_correction="NONE"),
    "UNITS": put("scans", 2, units="PROPCNTS"),
    "WEIGHTS_DIFFER": put("scans", 2, weight_kg=80),
    "HEIGHTS_DIFFER": put("scans", 2, height_cm=168),
    "PET_WITHOUT_READING": without("uptake", 0, 1),
    "EMPTY_READING": put("uptake", 0, suvmax=None, visual=None),
    "SUV": put("uptake", 0, suvmax=0),
    "SUV_ORDER": put("uptake", 0, suvmean=3.0),
    "VOLUME": put("uptake", 0, volume_ml=4000),
    "SAME_SUVS": add("uptake", *({"lesion_id": f"L{n}", "scan_id": "fes9"} for n in range(3))),
    "SAME_ON_BOTH_TRACERS": both(put("uptake", 0, suvmax=6.5), lambda: study() | {"uptake": study()["uptake"].assign(suvmax=[6.5, 7.5, 6.5, 7.5])}),
    "CALL_AGAINST_SUV": put("uptake", 0, suvmax=0.5),
    "CT_A_YEAR_OFF": put("scans", 1, scan_date="2021-04-25"),
    "SCAN_OUT_OF_ORDER": ten(cts_exchanged),
    "DIGITS_TURNED": third_ct(15, 41, 14),
    "SIZES_PEAK": third_ct(20, 26, 20),
    "PROGRESSION_TAKEN_BACK": third_ct(20, 15, 14, states=("MEASURED", "UNEQUIVOCAL PROGRESSION", "MEASURED")),
    "UNEQUIVOCAL_WITHOUT_PD": both(put("measurements", 1, state="UNEQUIVOCAL PROGRESSION"), put("assessments", 0, overall_response="SD")),
    "SUV_FAR_ABOVE": ten(put("uptake", 0, suvmax=25)),
    "SUV_PROPORTION": ten(put("uptake", 0, suvmax=25)),
    "ONE_TRACER": ten(without("uptake", 0)),
    "ORGAN_AGAINST_PATIENT": both(CALLED_LIVER, put("patients", 0, visceral_disease=False)),
    "ORGAN_WITH_SIDE": ten(CALLED_LIVER, IN_LIVER),
    "ORGAN_WITH_CALL": ten(CALLED_LIVER, IN_LIVER),
    "ORGAN_UPTAKE": ten(CALLED_LIVER, IN_LIVER),
}  # fmt: skip


def found(changed: dict[str, pd.DataFrame]) -> set[str]:
    return set(check_tables(changed)["rule_id"])


def test_a_clean_study_raises_no_query():
    assert found(study()) == set()


def test_a_query_names_the_record_and_shows_no_value():
    queries = check_tables(put("scans", 2, weight_kg=70000)())
    assert queries[["rule_id", "record", "source_row"]].to_numpy().tolist() == [
        ["WEIGHT", "a", 4],
        ["WEIGHTS_DIFFER", "a", 4],
    ]
    assert set(queries["observed"]) == {"implausible"}


def test_empty_tables_raise_no_query():
    assert found({name: tables.empty(name) for name in CLEAN}) == set()


def prepared(changed: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return prepare(changed, ct_interval_days=84, organs_without_status=["liver"])


@pytest.fixture(scope="module")
def clean_study() -> dict[str, pd.DataFrame]:
    return prepared(study())


@pytest.mark.parametrize("rule", ODD)
def test_an_oddity_raises_its_query(clean_study, rule):
    broken = {one.rule_id: one.broken for one in RULES}[rule]
    rows = broken(prepared(ODD[rule]()))
    assert len(rows) and rows["source_row"].notna().all() and broken(clean_study).empty


def test_every_rule_is_tried_here_and_has_a_name_of_its_own():
    assert list(ODD) == [rule.rule_id for rule in RULES]


def test_what_sdtmchecks_asks_is_answered_or_said_to_be_outside_our_tables():
    """tests/cleaning/cases/sdtmchecks.csv: pharmaverse/sdtmchecks 1.0, TU, TR, RS, DD, DM, DS, SS and deaths in AE."""
    known = {rule.rule_id for rule in RULES} | {*typed_tables.FINDINGS, *one_study.FINDINGS}
    with (PROJECT / "tests/cleaning/cases/sdtmchecks.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 33 and len({row["check"] for row in rows}) == len(rows)
    for row in rows:
        if not row["answered_by"].startswith(("fault:", "set aside:", "outside:")):
            assert set(re.split(r"; ", row["answered_by"])) <= known, row


def test_the_list_of_query_rules_is_generated_from_them():
    assert (PROJECT / "docs/query_rules.md").read_text(encoding="utf-8") == dictionary()
