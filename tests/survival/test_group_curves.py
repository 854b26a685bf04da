"""Curves and rates by group against R's survfit."""

import pytest
from breast_cancer import CURVES
from r_values import EXPECTED
from sonimage.survival.group_curves import summarise_survival


@pytest.mark.parametrize("group, grade", [("all_pos", 1), ("mixed", 2), ("all_neg", 3)])
def test_kaplan_meier_is_that_of_r(group, grade):
    """R: summary(survfit(Surv(time, status) ~ grade, conf.type = "log-log"), times = c(365, 730, 1825))"""
    _curves, summary = summarise_survival(CURVES, [365, 730, 1825])
    rates = summary[(summary["grouping"] == "het3") & (summary["group"] == group)].set_index("statistic")
    for time in (365, 730, 1825):
        row = rates.loc[f"progression-free at {time} months"]
        name = f"grade={grade}|t{time}"
        assert row["value"] == pytest.approx(EXPECTED["km_gbsg_grade", "surv_at_log-log_surv", name], rel=1e-9)
        for column, end in (("ci_lower", "lower"), ("ci_upper", "upper")):
            limit = EXPECTED["km_gbsg_grade", f"surv_at_log-log_{end}", name]
            assert row[column] == pytest.approx(limit, rel=1e-6, nan_ok=True)
    median = EXPECTED["km_gbsg_grade", "quantile50_log-log_quantile", f"grade={grade}"]
    assert rates.loc["median PFS1 (months)", "value"] == pytest.approx(median, nan_ok=True)
    for column, end in (("ci_lower", "lower"), ("ci_upper", "upper")):
        limit = EXPECTED["km_gbsg_grade", f"quantile50_log-log_{end}", f"grade={grade}"]
        assert rates.loc["median PFS1 (months)", column] == pytest.approx(limit, nan_ok=True)


def test_at_risk_counts_those_observed_at_or_after_the_time():
    curves, _ = summarise_survival(CURVES, [365])
    curve = curves[(curves["grouping"] == "het3") & (curves["group"] == "mixed")]
    assert curve["n_at_risk"].iloc[0] == 444
    assert (curve["n_at_risk"].diff().dropna() <= 0).all()
