"""Best response, confirmation, lesion change: RECIST's table 3, admiralonco's cases, worked patients."""

from pathlib import Path

import pandas as pd
import pytest
from sonimage import tables
from sonimage.endpoints import best_response, lesion_change
from sonimage.endpoints.best_response import confirm_best
from sonimage.endpoints.lesion_sizes import size_lesions
from sonimage.endpoints.targets import follow_target_lesions, sum_targets
from worked_tables import table

CASES = Path(__file__).parent / "cases"
TABLE_3 = pd.read_csv(CASES / "recist11_table3_confirmed_best_response.csv", keep_default_na=False)
CONFIRMATION = {"confirmation_days": 28, "confirmation_max_ne": 1, "confirmation_accept_sd": False}
SETTINGS = {"sd_min_days": 42, "clinical_benefit_days": 168, "confirmation": CONFIRMATION}


@pytest.mark.parametrize("first_day, column", [(100, "best_if_min_SD_duration_met"), (5, "best_if_not_met")])
def test_confirmed_best_response_is_recist_table_3(first_day, column):
    start = pd.Timestamp("2020-01-01")
    rows = [
        {
            "patient": number,
            "assessment_date": start + pd.Timedelta(days=day),
            "day": day,
            "response": response,
        }
        for number, entry in TABLE_3.iterrows()
        for day, response in ((first_day, entry["first"]), (first_day + 30, entry["second"]))
    ]
    best = confirm_best(pd.DataFrame(rows), sd_min_days=42, **CONFIRMATION)
    assert list(best["response"]) == list(TABLE_3[column])


PATIENTS = table(
    """
    patient_id | randomisation_date
    benefit    | 2020-01-01
    early_sd   | 2020-01-01
    late_pr    | 2020-01-01
    after_agent| 2020-01-01
    unseen     | 2020-01-01
    """,
    "patients",
)
RESPONSES = table(
    """
    patient_id  | assessment_date | overall_response | overall_response_strict
    benefit     | 2020-03-25      | SD               | SD
    benefit     | 2020-06-17      | SD               | SD
    early_sd    | 2020-02-11      | SD               | SD
    late_pr     | 2020-03-25      | PD               | PD
    late_pr     | 2020-06-17      | PR               | PR
    after_agent | 2020-03-25      | SD               | SD
    after_agent | 2020-06-17      | PR               | PR
    """,
    "visit_response",
)
EVENTS = table(
    """
    patient_id  | event                 | event_date
    after_agent | NEW THERAPEUTIC AGENT | 2020-06-16
    """,
    "events",
)


def test_worked_best_responses():
    best = best_response.derive_best_response(PATIENTS, RESPONSES, tables.empty("target_sums"), EVENTS, **SETTINGS)
    best = best.set_index("patient_id")
    answers = {"benefit": "SD", "early_sd": "NE", "late_pr": "PD", "after_agent": "SD"}
    assert {name: best.loc[name, "best_response"] for name in answers} == answers
    assert pd.isna(best.loc["unseen", "best_response"]) and best.loc["unseen", "reason"].startswith("no ")
    assert list(best["clinical_benefit"]) == [name == "benefit" for name in best.index]


def test_a_new_agent_before_randomisation_is_of_an_earlier_line():
    earlier = table(
        """
        patient_id  | event                 | event_date
        after_agent | NEW THERAPEUTIC AGENT | 2019-05-01
        benefit     | NEW THERAPEUTIC AGENT | 2019-05-01
        benefit     | NEW THERAPEUTIC AGENT | 2020-03-25
        """,
        "events",
    )
    best = best_response.derive_best_response(PATIENTS, RESPONSES, tables.empty("target_sums"), earlier, **SETTINGS)
    best = best.set_index("patient_id")
    assert best.loc["after_agent", "best_response"] == "PR"
    assert best.loc["benefit", "n_assessments"] == 1 and not best.loc["benefit", "clinical_benefit"]


def test_stable_disease_counts_from_day_42_and_benefit_from_day_168():
    on_the_day = RESPONSES.assign(
        assessment_date=RESPONSES["assessment_date"].where(RESPONSES["patient_id"] != "early_sd", "2020-02-12")
    )
    best = best_response.derive_best_response(PATIENTS, on_the_day, tables.empty("target_sums"), EVENTS, **SETTINGS)
    assert best.set_index("patient_id").loc["early_sd", "best_response"] == "SD"
    assert (pd.Timestamp("2020-06-17") - pd.Timestamp("2020-01-01")).days == 168


LESIONS = table(
    """
    patient_id | lesion_id | organ      | is_node | role
    a          | T1        | lung       | False   | TARGET
    a          | T2        | lymph node | True    | TARGET
    a          | X1        | skin       | False   | NON-TARGET
    """,
    "lesions",
)
MEASUREMENTS = table(
    """
    patient_id | lesion_id | scan_id | diameter_mm | state
    a          | T1        | s0      | 20          | MEASURED
    a          | T2        | s0      | 16          | MEASURED
    a          | X1        | s0      | 12          | MEASURED
    a          | T1        | s1      | -           | TOO SMALL TO MEASURE
    a          | T2        | s1      | 9           | MEASURED
    a          | X1        | s1      | 18          | MEASURED
    a          | T1        | s2      | 30          | MEASURED
    a          | T2        | s2      | 9           | MEASURED
    a          | X1        | s2      | 11          | MEASURED
    a          | T1        | s3      | 0           | ABSENT
    a          | T2        | s3      | 1           | MEASURED
    """,
    "measurements",
)
VISITS = table(
    """
    patient_id | scan_id | scan_date  | assessment_date | visit_role
    a          | s0      | 2020-01-01 | 2020-01-01      | BASELINE
    a          | s1      | 2020-03-01 | 2020-03-01      | FOLLOW-UP
    a          | s2      | 2020-05-01 | 2020-05-01      | FOLLOW-UP
    a          | s3      | 2020-07-01 | 2020-07-01      | FOLLOW-UP
    """,
    "visits",
)
PROGRESSION = table(
    """
    patient_id | assessment_date | overall_response
    a          | 2020-05-01      | PD
    """,
    "visit_response",
)


def test_lesion_change_is_each_lesions_own_best_up_to_progression():
    sizes = size_lesions(LESIONS, MEASUREMENTS, VISITS)
    sums = sum_targets(follow_target_lesions(sizes), sizes)
    rows = lesion_change.derive_lesion_change(
        sizes, sums, PROGRESSION, tables.empty("patients"), tables.empty("events")
    )
    rows = rows.set_index("lesion_id")
    assert list(rows["best_mm"]) == [5, 9, 11]
    assert list(rows["category"]) == ["responding", "gone", "growing"]
    assert list(rows["is_floor"]) == [True, False, False]
    assert rows.loc["X1", "change_at_patient_nadir_percent"] == 50


def test_trajectory_ends_with_the_ct_at_progression():
    sizes = size_lesions(LESIONS, MEASUREMENTS, VISITS)
    followed = follow_target_lesions(sizes)
    rows = lesion_change.derive_trajectory(sizes, followed, sum_targets(followed, sizes), PROGRESSION)
    assert set(rows["lesion_id"]) == {"T1", "T2"} and rows["assessment_date"].max() == pd.Timestamp("2020-05-01")
    assert rows.loc[rows["is_progression"], "assessment_date"].eq("2020-05-01").all()
