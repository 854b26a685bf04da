"""Restricted mean survival time: areas that can be summed by hand, and R."""

import numpy as np
import pandas as pd
import pytest
from breast_cancer import gbsg
from r_values import EXPECTED, load
from sonimage import tables
from sonimage.report.presentation import survival_times
from sonimage.survival.restricted_means import restricted_mean, summarise_rmst
from worked_tables import table

PATIENTS = table(
    """
    patient_id | het3    | allocation | pfs1_months | pfs1_event | in_imaging_set
    P1         | all_pos | B          | 2           | True       | True
    P2         | all_pos | B          | 6           | True       | True
    P3         | all_pos | A          | 8           | False      | True
    P4         | all_pos | A          | 30          | True       | True
    P5         | mixed   | B          | 4           | True       | True
    P6         | mixed   | A          | 4           | True       | True
    P7         | all_neg | B          | 4           | True       | True
    P8         | all_neg | A          | 9           | False      | True
    P9         | all_neg | A          | 1           | True       | False
    """,
    "analysis_set",
)


def summarise(patients: pd.DataFrame = PATIENTS, months: float = 10) -> pd.DataFrame:
    planned = {"population": "in_imaging_set", "months": months}
    return summarise_rmst([(planned | {"id": name, "grouping": name}, patients) for name in ("het3", "allocation")])


def test_areas_and_variances_summed_by_hand():
    rows = summarise().set_index(["group", "statistic"])
    # 2 x 1 + 4 x 3/4 + 4 x 1/2; beyond month 2: 5 months, beyond month 6: 2 months
    first = rows.loc[("all_pos", "restricted mean")]
    assert first["estimate"] == pytest.approx(7)
    assert first["se"] == pytest.approx(np.sqrt(5**2 * 1 / (4 * 3) + 2**2 * 1 / (3 * 2)))
    assert (first["n"], first["n_events"]) == (4, 2)
    # both events on one day: nothing beyond, no variance
    second = rows.loc[("mixed", "restricted mean")]
    assert (second["estimate"], second["se"]) == (4, 0)
    difference = rows.loc[("mixed", "difference in restricted means")]
    assert (difference["estimate"], difference["reference"]) == (pytest.approx(-3), "all_pos")
    assert difference["se"] == first["se"] and difference["p_value"] < 0.1


def test_a_group_whose_last_patient_is_censored_before_the_month_has_no_restricted_mean():
    rows = summarise().set_index(["group", "statistic"])
    third = rows.loc[("all_neg", "restricted mean")]
    assert np.isnan(third["estimate"]) and third["note"] == "followed for 9.0 months"
    assert rows.loc[("all_neg", "difference in restricted means"), "note"] == "no restricted mean to compare"


@pytest.mark.parametrize("group, grade", [("all_pos", 1), ("mixed", 2), ("all_neg", 3)])
def test_restricted_means_are_those_of_r(group, grade):
    """R: summary(survfit(Surv(time, status) ~ grade, gbsg), rmean = 1825)"""
    rows = summarise(gbsg(), 1825)
    row = rows[(rows["group"] == group) & (rows["statistic"] == "restricted mean")].iloc[0]
    assert row["estimate"] == pytest.approx(EXPECTED["rmst_gbsg_grade", "rmst", f"grade={grade}"], rel=1e-9)
    assert row["se"] == pytest.approx(EXPECTED["rmst_gbsg_grade", "rmst_se", f"grade={grade}"], rel=1e-9)


def test_the_difference_between_arms_is_that_of_r():
    """R: survRM2::rmst2(gbsg$time, gbsg$status, gbsg$hormon, tau = 1825)"""
    arms = summarise(gbsg(), 1825).set_index(["group", "statistic"])
    names = {"estimate": "Est.", "ci_lower": "lower .95", "ci_upper": "upper .95", "p_value": "p"}
    difference, quantity = arms.loc[("A", "difference in restricted means")], "RMST (arm=1)-(arm=0)"
    for column, name in names.items():
        expected = EXPECTED["rmst2_gbsg_hormon", "rmst2", f"{quantity}|{name}"]
        assert difference[column] == pytest.approx(expected, rel=1e-6)
    for group, arm in (("B", "arm0"), ("A", "arm1")):
        row = arms.loc[(group, "restricted mean")]
        for column, name in {"estimate": "Est.", "se": "se", "ci_lower": "lower .95", "ci_upper": "upper .95"}.items():
            expected = EXPECTED["rmst2_gbsg_hormon", "rmst_arm", f"{arm}|{name}"]
            assert row[column] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "case, frame, group, months",
    [("rmst_gbsg100_grade", "gbsg100", "grade", 1500), ("rmst_ovarian", "ovarian", "rx", 700)],
)
def test_restricted_means_of_small_studies_are_those_of_r(case, frame, group, months):
    """R: summary(survfit(Surv(time, status) ~ grade, gbsg100), rmean = 1500); ~ rx, ovarian, rmean = 700"""
    for level, rows in load(frame).groupby(group):
        mean, variance = restricted_mean(rows["time"].to_numpy(float), rows["status"].to_numpy(bool), months)
        assert mean == pytest.approx(EXPECTED[case, "rmst", f"{group}={level}"], rel=1e-9)
        assert np.sqrt(variance) == pytest.approx(EXPECTED[case, "rmst_se", f"{group}={level}"], rel=1e-9)


def test_the_difference_between_arms_of_a_small_study_is_that_of_r():
    """R: survRM2::rmst2(ovarian$time, ovarian$status, ovarian$rx, tau = 700)"""
    frame = load("ovarian")
    patients = pd.DataFrame(
        {
            "patient_id": [f"{number:02d}" for number in range(len(frame))],
            "allocation": frame["rx"].map({0: "B", 1: "A"}),
            "pfs1_months": frame["time"].astype(float),
            "pfs1_event": frame["status"].astype(bool),
            "in_imaging_set": True,
        }
    )
    planned = {"id": "arms", "population": "in_imaging_set", "grouping": "allocation", "months": 700}
    rows = summarise_rmst([(planned, tables.conform(patients, "analysis_set"))])
    difference = rows.set_index(["group", "statistic"]).loc[("A", "difference in restricted means")]
    for column, name in {"estimate": "Est.", "ci_lower": "lower .95", "ci_upper": "upper .95", "p_value": "p"}.items():
        expected = EXPECTED["rmst2_ovarian_rx", "rmst2", f"RMST (arm=1)-(arm=0)|{name}"]
        assert difference[column] == pytest.approx(expected, rel=1e-6)


def test_the_order_of_patients_changes_nothing():
    pd.testing.assert_frame_equal(summarise(), summarise(PATIENTS.sample(frac=1, random_state=2)))


def test_without_censoring_it_is_the_mean_of_the_times_cut_off():
    times = np.array([1.0, 3, 3, 8, 12, 20])
    mean, variance = restricted_mean(times, np.ones(6, dtype=bool), 10)
    cut = np.minimum(times, 10)
    assert mean == pytest.approx(cut.mean()) and variance == pytest.approx(cut.var() / 6)


def test_a_study_without_patients_gives_its_rows_empty():
    rows = summarise(tables.empty("analysis_set"))
    assert len(rows) == 8 and rows["estimate"].isna().all() and rows["note"].notna().all()
    assert len(survival_times.present_rmst(rows)) == 8
    tables.check(rows, "rmst")
