"""FES and FDG status and the contract's groups: worked lesions and patients for every rule and boundary."""

import numpy as np
import pandas as pd
import pytest
from sonimage import tables
from sonimage.imaging import fes_status, group_rules, heterogeneity, lesion_readings
from sonimage.linking import lesion_links, pet_baselines, visits
from worked_tables import table

RULES = {
    "suvmax_cut": 1.5, "small_below_mm": 10, "large_from_mm": 15, "background_organs": ["liver"],
    "physiologic_organs": ["bowel", "kidney"], "without_reading": "ne", "reading": "call, then suv",
    "liver_ratio_cuts": None, "fdg_suvmax_cut": None,
}  # fmt: skip
# One lesion each: organ, CT state, size, the reader's call, SUVmax, field of view -> status and reason. Rule by rule in
# their order, each rule once against the ones below it; then the boundaries.
LESIONS = """
    lesion_id  | organ      | state                | diameter_mm | visual        | suvmax | seen  | status | reason
    unread     | lung       | MEASURED             | 20          | -             | -      | -     | ne     | NO FES READING
    unread_liv | liver      | MEASURED             | 20          | -             | -      | -     | ne     | NO FES READING
    out_of_fov | lung       | MEASURED             | 20          | -             | -      | False | ne     | OUTSIDE FIELD OF VIEW
    fov_call   | lung       | MEASURED             | 20          | negative      | 0.2    | False | ne     | OUTSIDE FIELD OF VIEW
    liver      | liver      | MEASURED             | 30          | positive      | 9.0    | True  | ne     | LIVER
    liver_ne   | liver      | MEASURED             | 5           | not evaluable | 9.0    | -     | ne     | LIVER
    bowel      | bowel      | MEASURED             | 30          | positive      | 9.0    | -     | ne     | PHYSIOLOGIC
    kidney_low | kidney     | MEASURED             | 30          | -             | 0.5    | -     | ne     | PHYSIOLOGIC
    unsure     | lung       | MEASURED             | 30          | not evaluable | 2.0    | -     | ne     | READER
    unsure_low | lung       | MEASURED             | 6           | not evaluable | 0.5    | -     | ne     | READER
    low_call   | lung       | MEASURED             | 20          | positive      | 0.9    | -     | pos    | VISUAL POSITIVE
    small_pos  | lung       | MEASURED             | 6           | positive      | 1.6    | -     | pos    | VISUAL POSITIVE
    small      | lung       | MEASURED             | 9.99        | -             | 3.0    | -     | ne     | SMALL
    small_neg  | lung       | MEASURED             | 9.99        | negative      | 0.5    | -     | ne     | SMALL
    tiny       | lung       | TOO SMALL TO MEASURE | -           | negative      | 0.5    | -     | ne     | SMALL
    small_node | lymph node | MEASURED             | 9           | negative      | 0.5    | -     | ne     | SMALL
    small_bone | bone       | MEASURED             | 6           | negative      | 0.5    | -     | neg    | VISUAL NEGATIVE
    call_wins  | lung       | MEASURED             | 20          | negative      | 4.0    | -     | neg    | VISUAL NEGATIVE
    at_cut     | bone       | PRESENT              | -           | -             | 1.5    | -     | pos    | SUVMAX AT OR ABOVE CUT
    below      | bone       | PRESENT              | -           | -             | 1.4999 | -     | neg    | SUVMAX BELOW CUT
    not_small  | lung       | MEASURED             | 10          | -             | 3.0    | -     | pos    | SUVMAX AT OR ABOVE CUT
    ten_low    | lung       | MEASURED             | 10.0        | -             | 1.0    | -     | neg    | SUVMAX BELOW CUT
    no_size    | lung       | PRESENT              | -           | -             | 1.0    | -     | neg    | SUVMAX BELOW CUT
    zero       | bone       | PRESENT              | -           | -             | 0      | -     | neg    | SUVMAX BELOW CUT
"""
WORKED = table(LESIONS)


def study() -> dict[str, pd.DataFrame]:
    """One patient with all worked lesions, FES-PET and CT before treatment."""
    worked = WORKED.assign(patient_id="a", is_node=False, role="NON-TARGET")
    read = worked[worked["visual"].notna() | worked["suvmax"].notna() | worked["seen"].notna()]
    patients = table(
        "patient_id | sex | randomisation_date | first_treatment_date\na | F | 2020-02-01 | 2020-02-03", "patients"
    )
    scans = table(
        """
        scan_id | patient_id | modality | scan_date  | weight_kg | height_cm | injected_activity_mbq | injection_time | acquisition_time
        ct      | a          | CT       | 2020-01-20 | -         | -         | -                     | -              | -
        fes_old | a          | FES-PET  | 2020-01-10 | 70        | 165       | 200                   | 10:00:00       | 11:00:00
        fes     | a          | FES-PET  | 2020-01-25 | 70        | 165       | 200                   | 23:30:00       | 00:29:00
        fes_on  | a          | FES-PET  | 2020-02-20 | 70        | 165       | 200                   | 10:00:00       | 11:00:00
        """,
        "scans",
    )
    lesions = tables.conform(worked, "lesions")
    measurements = tables.conform(
        worked.assign(scan_id="ct", diameter_mm=pd.to_numeric(worked["diameter_mm"])), "measurements"
    )
    uptake = tables.conform(
        read.assign(scan_id="fes", suvmax=pd.to_numeric(read["suvmax"]), in_field_of_view=read["seen"]), "uptake"
    )
    grouped = visits.link_visits(patients, scans, measurements, pooling_days=7, late_baseline_days=28)
    baselines = pet_baselines.derive_pet_baselines(patients, scans, grouped, late_baseline_days=28)
    links = lesion_links.link_lesions(lesions, measurements, uptake, grouped, baselines)
    return {
        "patients": patients,
        "scans": scans,
        "lesions": lesions,
        "uptake": uptake,
        "pet_baselines": baselines,
        "lesion_links": links,
    }


STUDY = study()
READINGS = lesion_readings.read_lesions(**STUDY)
STATUS = fes_status.derive_fes_status(READINGS, **RULES)


@pytest.mark.parametrize("row", WORKED.to_dict("records"), ids=lambda row: row["lesion_id"])
def test_worked_lesion(row):
    found = STATUS.set_index("lesion_id").loc[row["lesion_id"]]
    assert (found["fes_status"], found["fes_reason"]) == (row["status"], row["reason"])


def test_baseline_pet_is_the_latest_before_treatment():
    row = STUDY["pet_baselines"].iloc[0]
    assert (row["fes_scan_id"], row["n_fes_candidates"], bool(row["fes_is_late"])) == ("fes", 2, False)
    assert row["treatment_to_fes_days"] == -9


def test_without_a_scan_before_treatment_the_first_after_it_is_the_baseline_and_marked():
    scans = STUDY["scans"][STUDY["scans"]["scan_id"] == "fes_on"]
    row = pet_baselines.derive_pet_baselines(
        STUDY["patients"], scans, tables.empty("visits"), late_baseline_days=28
    ).iloc[0]
    assert (row["fes_scan_id"], bool(row["fes_is_late"])) == ("fes_on", True)


def group(statuses: list[str], organs: list[str] | None = None, has_fes: bool = True) -> pd.Series:
    """The group of one patient with lesions of these FES statuses, all on CT."""
    n = len(statuses)
    lesions = tables.conform(
        pd.DataFrame(
            {
                "patient_id": "a", "lesion_id": [str(number) for number in range(n)], "organ": organs or ["bone"] * n,
                "fes_status": statuses, "fes_suvmax": 2.0, "in_d1": True, "in_d2": True,
            }
        ),
        "fes_status",
    )  # fmt: skip
    baselines = tables.conform(
        pd.DataFrame({"patient_id": ["a"], "fes_scan_id": ["fes" if has_fes else None]}), "pet_baselines"
    )
    rows = heterogeneity.derive_heterogeneity(
        STUDY["patients"], lesions, baselines,
        denominator="D1", fdg_sul_cut=2.2, fes_sul_cut=0.85, background_organs=["liver"],
    )  # fmt: skip
    return rows.iloc[0]


@pytest.mark.parametrize(
    "statuses, het3, het2, het4",
    [
        (["pos"], "all_pos", "all_pos", "A"),
        (["neg"], "all_neg", "any_neg", "D"),
        (["pos", "neg"], "mixed", "any_neg", "B"),
        (["pos", "neg", "neg"], "mixed", "any_neg", "C"),
        (["pos", "pos", "ne"], "all_pos", "all_pos", "A"),
    ],
)
def test_worked_groups(statuses, het3, het2, het4):
    row = group(statuses)
    assert (row["het3"], row["het2"], row["het4"]) == (het3, het2, het4)
    assert row["fes_suvmax_gmean"] == pytest.approx(2.0)


@pytest.mark.parametrize(
    "arguments, reason",
    [
        ({"statuses": ["ne"], "has_fes": False}, "NO FES SCAN"),
        ({"statuses": []}, "NO LESIONS"),
        ({"statuses": ["ne"], "organs": ["liver"]}, "LIVER ONLY"),
        ({"statuses": ["ne", "ne"], "organs": ["liver", "bone"]}, "NONE EVALUABLE"),
    ],
)
def test_a_patient_without_evaluable_lesion_has_no_group_but_a_reason(arguments, reason):
    row = group(**arguments)
    assert row["not_evaluable_reason"] == reason and pd.isna(row["het3"]) and row["fes_eval_n"] == 0


@pytest.mark.parametrize(
    "changed, lesion, status, reason",
    [
        ({"suvmax_cut": 3.0}, "not_small", "pos", "SUVMAX AT OR ABOVE CUT"),
        ({"suvmax_cut": 3.01}, "not_small", "neg", "SUVMAX BELOW CUT"),
        ({"without_reading": "neg"}, "unread", "neg", "NO FES READING"),
        ({"small_below_mm": 0}, "small", "pos", "SUVMAX AT OR ABOVE CUT"),
        ({"reading": "suv"}, "call_wins", "pos", "SUVMAX AT OR ABOVE CUT"),
        ({"reading": "suv"}, "low_call", "neg", "SUVMAX BELOW CUT"),
        ({"reading": "suv"}, "small_pos", "ne", "SMALL"),
        ({"reading": "call"}, "call_wins", "neg", "VISUAL NEGATIVE"),
        ({"reading": "call"}, "at_cut", "ne", "NO CALL"),
        ({"background_organs": []}, "liver", "pos", "VISUAL POSITIVE"),
        ({"physiologic_organs": []}, "kidney_low", "neg", "SUVMAX BELOW CUT"),
    ],
)
def test_rules_can_be_set(changed, lesion, status, reason):
    found = fes_status.derive_fes_status(READINGS, **(RULES | changed)).set_index("lesion_id").loc[lesion]
    assert (found["fes_status"], found["fes_reason"]) == (status, reason)


@pytest.mark.parametrize(
    "background, status, reason",
    [
        (12.32, "pos", "RATIO AT OR ABOVE CUT"),  # 9.0 / 12.32 = 0.7305
        (12.40, "ne", "LIVER"),  # 0.7258: equivocal
        (27.2, "ne", "LIVER"),  # 0.3309
        (27.4, "neg", "RATIO BELOW CUT"),  # 0.3285
        (np.nan, "ne", "LIVER"),
    ],
)
def test_liver_by_its_ratio_to_the_background_where_asked_for(background, status, reason):
    rows = READINGS[READINGS["lesion_id"] == "liver"].assign(fes_background_suvmean=background)
    found = fes_status.derive_fes_status(rows, **(RULES | {"liver_ratio_cuts": [0.33, 0.73]})).iloc[0]
    assert (found["fes_status"], found["fes_reason"]) == (status, reason)
    assert fes_status.derive_fes_status(rows, **RULES)["fes_reason"].tolist() == ["LIVER"]


def test_without_a_usable_fes_scan_no_lesion_is_evaluable():
    rows = fes_status.derive_fes_status(READINGS.assign(has_fes_scan=False), **RULES)
    assert set(rows["fes_status"]) == {"ne"} and set(rows["fes_reason"]) == {"NO FES SCAN"}


def test_ct_days_are_pooled_within_a_week_unless_a_lesion_is_measured_on_both():
    patients = table("patient_id | first_treatment_date\na | 2020-01-01\nb | 2020-01-01", "patients")
    scans = table(
        """
        scan_id | patient_id | modality | scan_date
        a1      | a          | CT       | 2020-03-01
        a2      | a          | CT       | 2020-03-08
        a3      | a          | CT       | 2020-03-09
        b1      | b          | CT       | 2020-03-01
        b2      | b          | CT       | 2020-03-05
        """,
        "scans",
    )
    measured = table(
        """
        patient_id | lesion_id | scan_id | state
        b          | T1        | b1      | PRESENT
        b          | T1        | b2      | PRESENT
        """,
        "measurements",
    )
    rows = visits.link_visits(patients, scans, measured, pooling_days=7, late_baseline_days=28).set_index("scan_id")
    days = rows["assessment_date"].dt.day
    assert dict(days) == {"a1": 1, "a2": 1, "a3": 9, "b1": 1, "b2": 5}


def test_shuffled_rows_change_nothing():
    shuffled = {name: frame.sample(frac=1, random_state=4) for name, frame in STUDY.items()}
    again = fes_status.derive_fes_status(lesion_readings.read_lesions(**shuffled), **RULES)
    pd.testing.assert_frame_equal(again, STATUS)


def test_geometric_mean_skips_zero():
    assert group_rules.geometric_mean(pd.Series([1.0, 4.0, 0.0, np.nan]), pd.Series(["a"] * 4))["a"] == pytest.approx(
        2.0
    )
