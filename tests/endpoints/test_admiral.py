"""Dates and times to event: the answers of admiral's own tests (Apache-2.0), and which of them are no question of ours."""

from pathlib import Path

import pandas as pd
import pytest
from sonimage import tables
from sonimage.cleaning import parsing
from sonimage.endpoints.pfs1 import derive_pfs1
from sonimage.endpoints.pfs1_definitions import derive_pfs1_definitions
from sonimage.endpoints.response_duration import derive_response_duration
from worked_tables import table

DATES = pd.read_csv(Path(__file__).parent / "cases/admiral_date_imputation.csv", dtype=str, keep_default_na=False)
RULES = {"n": None, "first": "first", "01-01": "first", "mid": "mid", "last": "last"}


def not_ours(row: dict) -> str | None:
    """Why a case of admiral has no counterpart: our rules complete day and month alike and know no limits."""
    if row["min_dates"] or row["max_dates"]:
        return "limits: a completed date that contradicts another one is a query here"
    if row["highest_imputation"] == "D":
        return "the day alone"
    if row["preserve"] == "TRUE" and row["dtc"] == "2019---07":
        return "a day kept without its month"
    return None


OURS = [row for row in DATES.to_dict("records") if not not_ours(row)]


@pytest.mark.parametrize("row", OURS, ids=lambda row: row["case"])
def test_partial_dates_are_completed_as_admiral_does(row):
    rule = RULES["n" if row["highest_imputation"] == "n" else row["date_imputation"].lower()]
    found = parsing.read_dates(pd.Series([row["dtc"]]), partial=rule).dt.strftime("%Y-%m-%d").fillna("")
    assert found.iloc[0] == row["expected"]
    completed = row["expected"] not in ("", row["dtc"])
    assert parsing.is_partial(pd.Series([row["dtc"]])).iloc[0] or not completed


def test_most_of_the_cases_are_ours():
    assert (len(DATES), len(OURS)) == (43, 27)


# derive_param_tte tests 2 (PFS), 17 (end dates) and 11 (missing start), as a trial's patients, assessments and events
PATIENTS = table(
    """
    patient_id | randomisation_date | death_date | source_row
    2-01       | 2021-01-01         | 2021-06-12 | 1
    2-02       | 2021-02-03         | -          | 2
    2-03       | 2021-08-10         | 2021-08-21 | 3
    2-04       | 2021-02-03         | -          | 4
    2-05       | 2021-04-05         | -          | 5
    3-01       | 2020-12-01         | 2021-05-05 | 6
    3-04       | 2020-12-01         | -          | 7
    11-01      | -                  | -          | 8
    11-03      | 2020-10-13         | -          | 9
    12-01      | 2020-12-06         | -          | 10
    17-01      | 2020-12-06         | -          | 11
    17-02      | 2021-01-16         | -          | 12
    17-03      | 2021-02-01         | -          | 13
    17-04      | 2021-03-10         | -          | 14
    """,
    "patients",
)
RESPONSES = table(
    """
    patient_id | assessment_date | overall_response | source_table | source_row
    2-01       | 2021-01-03      | SD               | measurements | 1
    2-01       | 2021-03-04      | PR               | measurements | 2
    2-01       | 2021-05-05      | PD               | measurements | 3
    2-02       | 2021-02-03      | PD               | measurements | 1
    2-04       | 2021-02-13      | SD               | measurements | 1
    2-04       | 2021-04-14      | PR               | measurements | 2
    2-04       | 2021-05-15      | CR               | measurements | 3
    3-01       | 2021-01-03      | SD               | measurements | 1
    3-01       | 2021-03-04      | PR               | measurements | 2
    3-01       | 2021-05-05      | PD               | measurements | 3
    3-04       | 2021-02-13      | SD               | measurements | 1
    3-04       | 2021-04-14      | SD               | measurements | 2
    3-04       | 2021-05-15      | CR               | measurements | 3
    17-01      | 2021-01-03      | SD               | measurements | 1
    17-01      | 2021-02-03      | SD               | measurements | 2
    17-01      | 2021-03-01      | NE               | measurements | 3
    17-02      | 2021-01-03      | SD               | measurements | 5
    17-02      | 2021-02-03      | SD               | measurements | 6
    17-02      | 2021-04-01      | PD               | measurements | 7
    17-03      | 2021-02-15      | SD               | measurements | 8
    17-03      | 2021-03-15      | PD               | measurements | 9
    """,
    "visit_response",
)
EVENTS = table(
    """
    patient_id | event                     | event_date | source_row
    11-01      | SYMPTOMATIC DETERIORATION | 2020-08-10 | 1
    11-03      | SYMPTOMATIC DETERIORATION | 2020-12-10 | 3
    12-01      | SYMPTOMATIC DETERIORATION | 2021-01-03 | 1
    12-01      | SYMPTOMATIC DETERIORATION | 2021-03-04 | 2
    12-01      | SYMPTOMATIC DETERIORATION | 2021-01-01 | 3
    17-02      | NEW THERAPEUTIC AGENT     | 2021-03-21 | 4
    """,
    "events",
)
EXPECTED = table(
    """
    patient_id | pfs1_date  | pfs1_event | pfs1_reason               | source_row
    2-01       | 2021-05-05 | True       | OBJECTIVE PROGRESSION     | 3
    2-02       | 2021-02-03 | True       | OBJECTIVE PROGRESSION     | 1
    2-03       | 2021-08-21 | True       | DEATH                     | 3
    2-04       | 2021-05-15 | False      | LAST ADEQUATE ASSESSMENT  | 3
    2-05       | 2021-04-05 | False      | NO ADEQUATE ASSESSMENT    | 5
    11-03      | 2020-12-10 | True       | SYMPTOMATIC DETERIORATION | 3
    12-01      | 2021-01-01 | True       | SYMPTOMATIC DETERIORATION | 3
    17-01      | 2021-02-03 | False      | LAST ADEQUATE ASSESSMENT  | 2
    17-02      | 2021-02-03 | False      | LAST ADEQUATE ASSESSMENT  | 6
    17-03      | 2021-03-15 | True       | OBJECTIVE PROGRESSION     | 9
    17-04      | 2021-03-10 | False      | NO ADEQUATE ASSESSMENT    | 14
    """,
    "pfs1",
).set_index("patient_id")
NEW_DRUG_CENSORS = {
    "id": "S1", "events": ["OBJECTIVE PROGRESSION", "SYMPTOMATIC DETERIORATION", "DEATH"], "other_events": "censor",
    "longest_gap_days": None, "progression_date": "detection", "start": "randomisation",
}  # fmt: skip
COMPARED = ["pfs1_date", "pfs1_event", "pfs1_reason", "source_row"]


def test_times_to_event_are_those_of_admiral():
    """Where a new drug ends follow-up (test 17) it censors, as our definition S1 does."""
    derived = derive_pfs1_definitions(
        PATIENTS,
        RESPONSES,
        EVENTS,
        tables.empty("pet_baselines"),
        definitions=[NEW_DRUG_CENSORS],
        interval_days=84,
        window_days=28,
    ).set_index("patient_id")
    pd.testing.assert_frame_equal(derived.loc[EXPECTED.index, COMPARED], EXPECTED[COMPARED])


def test_a_missing_start_is_no_time_to_event_here():
    """admiral's test 11 dates an event without a start date; PFS1 counts from randomisation and stays empty."""
    derived, _ = derive_pfs1(PATIENTS, RESPONSES, EVENTS)
    row = derived.set_index("patient_id").loc["11-01"]
    assert row["pfs1_reason"] == "NO RANDOMISATION DATE" and pd.isna(row["pfs1_event"])


def test_duration_of_response_is_that_of_admiral():
    """derive_param_tte test 3."""
    best = table(
        """
        patient_id | response_date
        3-01       | 2021-03-04
        3-04       | 2021-05-15
        """,
        "best_response",
    )
    rows = derive_response_duration(PATIENTS, RESPONSES, EVENTS, best).set_index("patient_id")
    assert list(rows.index) == ["3-01", "3-04"] and list(rows["duration_event"]) == [True, False]
    assert list(rows["end_date"].dt.strftime("%Y-%m-%d")) == ["2021-05-05", "2021-05-15"]
    assert list(rows["duration_days"]) == [63, 1]
    assert rows.loc["3-01", "duration_reason"] == "OBJECTIVE PROGRESSION"
