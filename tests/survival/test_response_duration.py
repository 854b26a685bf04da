"""Median duration of response: curves that can be drawn by hand."""

import numpy as np
import pandas as pd
import pytest
from sonimage import tables
from sonimage.survival.response_duration import summarise_response_duration
from worked_tables import table

DURATIONS = table(
    """
    patient_id | response_date | duration_event | duration_months
    P1         | 2020-01-01    | True           | 2
    P2         | 2020-01-01    | False          | 3
    P3         | 2020-01-01    | True           | 6
    P4         | 2020-01-01    | True           | 8
    P5         | 2020-01-01    | False          | 9
    P6         | 2020-01-01    | True           | 1
    """,
    "response_duration",
)
PATIENTS = table(
    """
    patient_id | het3    | allocation | in_imaging_set
    P1         | all_pos | B          | True
    P2         | all_pos | B          | True
    P3         | all_pos | A          | True
    P4         | all_pos | A          | True
    P5         | mixed   | A          | True
    P6         | mixed   | A          | False
    """,
    "analysis_set",
)

ALL, HET3, ALLOCATION = (
    {"id": f"duration_{grouping}", "population": "in_imaging_set", "grouping": grouping}
    for grouping in (None, "het3", "allocation")
)


def test_the_median_is_where_the_curve_passes_one_half():
    # all_pos: 3/4 after month 2, 3/8 after month 6; mixed: the one event is outside the imaging set
    rows = summarise_response_duration(DURATIONS, PATIENTS, [ALL, HET3, ALLOCATION]).set_index("group")
    assert rows.loc["all_pos", ["n", "n_events"]].tolist() == [4, 3] and rows.loc["all_pos", "median"] == 6
    assert rows.loc["mixed", ["n", "n_events"]].tolist() == [1, 0] and np.isnan(rows.loc["mixed", "median"])
    assert rows.loc["all_neg", "n"] == 0 and rows.loc["all patients", "n"] == 5
    tables.check(rows.reset_index(), "duration_summary")


def test_the_order_changes_nothing_and_no_patient_gives_empty_rows():
    first = summarise_response_duration(DURATIONS, PATIENTS, [ALL, HET3])
    pd.testing.assert_frame_equal(first, summarise_response_duration(DURATIONS[::-1], PATIENTS[::-1], [ALL, HET3]))
    none = summarise_response_duration(tables.empty("response_duration"), PATIENTS, [ALL, HET3])
    assert list(none["n"]) == [0] * 4 and none["median"].isna().all()


@pytest.mark.parametrize("event", [True, False])
def test_one_patient(event):
    rows = summarise_response_duration(DURATIONS.head(1).assign(duration_event=event), PATIENTS, [ALL])
    assert rows["n_events"].tolist() == [int(event)]
