"""Kaplan-Meier curves, their quantiles and log-rank tests against R's survival; curves that can be drawn by hand."""

import numpy as np
import pandas as pd
import pytest
from r_values import EXPECTED, load
from sonimage import schemas, tables
from sonimage.survival import kaplan_meier
from sonimage.survival.group_curves import summarise_survival

# R: survfit(Surv(<time>, status) ~ <group>, conf.type = "log-log"): data, time, group, times of summary()
CURVES = {
    "km_gbsg_grade": ("gbsg", "time", "grade", (365, 730, 1825)),
    "km_gbsg100_grade": ("gbsg100", "time", "grade", (365, 730, 1825)),
    "km_gbsg100_months": ("gbsg100", "months", "grade", (12, 24, 60)),
    "km_ovarian": ("ovarian", "time", None, (200, 500, 1000)),
    "km_rossi_fin": ("rossi", "time", "fin", (10, 26, 52)),
}
# R: survdiff(Surv(<time>, status) ~ <group> + strata(<strata>), rho = 0)
LOGRANK = {
    "lr_gbsg_grade": ("gbsg", "time", "grade", None),
    "lr_gbsg_grade_strat": ("gbsg", "time", "grade", "hormon"),
    "lr_gbsg100_grade": ("gbsg100", "time", "grade", None),
    "lr_gbsg100_grade_strat": ("gbsg100", "time", "grade", "hormon"),
    "lr_gbsg100_months": ("gbsg100", "months", "grade", None),
    "lr_ovarian_rx": ("ovarian", "time", "rx", None),
    "lr_rossi_fin": ("rossi", "time", "fin", None),
}


def curves_of(case: str):
    """Name of each group as R has it, and its curve."""
    name, time, group, _ = CURVES[case]
    frame = load(name)
    if group is None:
        return [("all", kaplan_meier.estimate_curve(frame[time], frame["status"]))]
    return [
        (f"{group}={level}", kaplan_meier.estimate_curve(rows[time], rows["status"]))
        for level, rows in frame.groupby(group)
    ]


def assert_is_r(found: kaplan_meier.Estimate, case: str, quantities: tuple[str, str, str], name: str, rel: float):
    for value, quantity in zip(found, quantities, strict=True):
        assert value == pytest.approx(EXPECTED[case, quantity, name], rel=rel, nan_ok=True), (case, quantity, name)


@pytest.mark.parametrize("case", CURVES)
def test_survival_limits_and_numbers_at_risk_are_those_of_r(case):
    """R: summary(survfit(...), times = times)$surv, $lower, $upper; n.risk at time >= t. NA where S = 1 after month 0"""
    for group, curve in curves_of(case):
        for time in CURVES[case][3]:
            name = f"{group}|t{time}"
            if (case, "surv_at_log-log_surv", name) not in EXPECTED.index:  # R leaves out times after the last patient
                assert np.isnan(kaplan_meier.survival_at(curve, time).value)
                continue
            quantities = tuple(f"surv_at_log-log_{part}" for part in ("surv", "lower", "upper"))
            assert_is_r(kaplan_meier.survival_at(curve, time), case, quantities, name, 1e-9)
            at_risk = curve.loc[curve["months"] >= time, "n_at_risk"].max()
            assert at_risk == EXPECTED[case, "n_risk", name]


@pytest.mark.parametrize("percent", [25, 50, 75])
@pytest.mark.parametrize("case", CURVES)
def test_quantiles_and_their_limits_are_those_of_r(case, percent):
    """R: quantile(survfit(...), c(0.25, 0.5, 0.75))"""
    quantities = tuple(f"quantile{percent}_log-log_{part}" for part in ("quantile", "lower", "upper"))
    for group, curve in curves_of(case):
        assert_is_r(kaplan_meier.quantile(curve, percent / 100), case, quantities, group, 1e-12)


FLAT = kaplan_meier.estimate_curve([10, 20, 30, 40], [1, 1, 1, 1])


@pytest.mark.parametrize("percent", [25, 50, 75])
def test_a_curve_flat_at_the_share_has_its_middle_and_no_limit_where_survival_reaches_0(percent):
    """R: quantile(survfit(Surv(c(10, 20, 30, 40), c(1, 1, 1, 1)) ~ 1, conf.type = "log-log"))"""
    quantities = tuple(f"quantile{percent}_log-log_{part}" for part in ("quantile", "lower", "upper"))
    assert_is_r(kaplan_meier.quantile(FLAT, percent / 100), "km_median_tie", quantities, "all", 1e-12)
    for time in (5, 15, 25):
        quantities = tuple(f"surv_at_log-log_{part}" for part in ("surv", "lower", "upper"))
        assert_is_r(kaplan_meier.survival_at(FLAT, time), "km_median_tie", quantities, f"all|t{time}", 1e-9)


@pytest.mark.parametrize(
    "durations, events, median",
    [
        ([10, 20], [1, 0], 15),  # flat at one half until the last patient
        ([10, 20, 30], [1, 1, 0], 20),
        ([10, 20, 30], [1, 0, 0], np.nan),
        ([10], [1], 10),
        ([10], [0], np.nan),
        ([5, 10, 20, 25, 30, 40], [0, 1, 1, 0, 1, 1], 30),  # 1, 4/5, 3/5, 3/10, 0
        ([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 0, 0, 0, 1], 6),  # one half from 4 to 8
    ],
)
def test_medians_that_can_be_drawn(durations, events, median):
    curve = kaplan_meier.estimate_curve(durations, events)
    assert kaplan_meier.quantile(curve).value == pytest.approx(median, nan_ok=True)


def test_no_event_leaves_survival_1_without_limits_after_month_0():
    curve = kaplan_meier.estimate_curve([4.0, 8.0], [False, False])
    assert curve["survival"].eq(1).all() and curve["ci_lower"].tolist()[0] == 1 and curve["ci_lower"][1:].isna().all()
    assert np.isnan(kaplan_meier.quantile(curve)).all() and np.isnan(kaplan_meier.survival_at(curve, 9)).all()


PLANNED = {"id": "curves", "population": "in_imaging_set", "grouping": "het3", "strata": ["allocation"]}


def study(name: str, time: str, group: str, strata: str | None) -> pd.DataFrame:
    """One of R's data sets as an analysis set, its groups being the first levels of HET3 and its strata the arms."""
    frame = load(name)
    codes = np.unique(frame[group], return_inverse=True)[1]
    return tables.conform(
        pd.DataFrame(
            {
                "patient_id": [f"{number:04d}" for number in range(len(frame))],
                "het3": np.array(schemas.levels("analysis_set", "het3"))[codes],
                "allocation": np.where(frame[strata if strata else group] == 1, "A", "B"),
                "pfs1_months": frame[time].astype(float),
                "pfs1_event": frame["status"].astype(bool),
                "in_imaging_set": True,
            }
        ),
        "analysis_set",
    )


@pytest.mark.parametrize("case", LOGRANK)
def test_logrank_tests_are_those_of_r(case):
    """R: survdiff(...)$pvalue"""
    _, summary = summarise_survival([(PLANNED, study(*LOGRANK[case]))], [1])
    tests = summary[(summary["grouping"] == "het3") & (summary["group"] == "all groups")].set_index("statistic")
    wanted = "log-rank p-value, stratified by allocation" if LOGRANK[case][3] else "log-rank p-value"
    assert tests.loc[wanted, "value"] == pytest.approx(EXPECTED[case, "logrank", "p"], rel=1e-6)


def test_a_group_that_shares_no_stratum_with_another_has_no_stratified_test():
    _, summary = summarise_survival([(PLANNED, study("ovarian", "time", "rx", "rx"))], [1])
    rows = summary[summary["statistic"].str.contains("stratified")]
    assert len(rows) == 1 and rows["value"].isna().all() and rows["n"].tolist() == [26]
