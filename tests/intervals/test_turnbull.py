"""Turnbull's curve: small samples worked by hand, Kaplan-Meier, icenReg, and simulated assessments."""

import numpy as np
import pandas as pd
import pytest
from intervals.assessed_patients import CURVES, INF, study, visits_every_three_months
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_diabetes
from r_values import EXPECTED
from sonimage import tables
from sonimage.intervals.turnbull import fit_turnbull
from sonimage.intervals.turnbull_curves import median_range, summarise_turnbull, survival_range
from worked_tables import table


def true_survival(months: float) -> float:
    return 0.5 ** ((months / 12) ** 1.25)


def test_three_overlapping_intervals_by_hand():
    # (1,2] and (2,3] are innermost; the likelihood is p x 1 x (1 - p)
    fit = fit_turnbull([0, 1, 2], [2, 3, 3])
    assert list(zip(fit.lower, fit.upper, strict=True)) == [(1, 2), (2, 3)]
    assert fit.mass == pytest.approx([0.5, 0.5]) and fit.log_likelihood == pytest.approx(np.log(0.25))
    assert survival_range(fit, 1) == (1, 1) and survival_range(fit, 2) == pytest.approx((0.5, 0.5))
    assert survival_range(fit, 1.5) == pytest.approx((0.5, 1)) and median_range(fit) == (1, 2)


def test_an_interval_excludes_the_day_of_the_assessment_before_it():
    # an event on day 1 is not one of (1, 2]: half and half; closed intervals would put all on day 1
    fit = fit_turnbull([1, 1], [1, 2])
    assert list(zip(fit.lower, fit.upper, strict=True)) == [(1, 1), (1, 2)]
    assert fit.survival == pytest.approx([0.5, 0])
    # the last day of an interval belongs to it
    assert fit_turnbull([1, 2], [2, 2]).mass == pytest.approx([1])


def test_beyond_the_last_assessment_nothing_is_known():
    fit = fit_turnbull([1, 2, 3], [1, INF, np.nan])
    assert (fit.lower[-1], fit.upper[-1]) == (3, INF)
    assert fit.mass == pytest.approx([1 / 3, 2 / 3]) and median_range(fit) == (3, INF)


@pytest.mark.parametrize("seed", range(20))
def test_exact_and_right_censored_times_give_kaplan_meier(seed):
    draw = np.random.default_rng(seed)
    times, events = draw.integers(1, 12, 40).astype(float), draw.random(40) < 0.6
    fit = fit_turnbull(times, np.where(events, times, INF))
    expected = KaplanMeierFitter().fit(times, events)
    for month in np.unique(times[events]):
        assert survival_range(fit, month) == pytest.approx((float(expected.predict(month)),) * 2, abs=1e-10)


@pytest.mark.parametrize("male", [0, 1])
def test_curves_are_those_of_icenreg(male):
    """R: icenReg::ic_np(cbind(left, right)) of diabetes, women and men; getSCurves(), llk"""
    data = load_diabetes()
    data = data[(data["gender"] == "male") == male]
    fit = fit_turnbull(data["left"], data["right"])
    case = f"turnbull_interval_diabetes_g{male}"
    columns = {name: EXPECTED[case, f"npmle_{name}"] for name in ("lower", "upper", "S")}
    expected = pd.DataFrame(columns).set_axis(EXPECTED[case, "npmle_S"].index.astype(int)).sort_index().iloc[1:]
    assert fit.log_likelihood == pytest.approx(EXPECTED[case, "npmle_loglik", "llk"], abs=1e-8)
    assert fit.lower.tolist() == expected["lower"].tolist() and fit.upper.tolist() == expected["upper"].tolist()
    assert fit.survival == pytest.approx(expected["S"].to_numpy(), abs=1e-8)


@pytest.mark.parametrize("seed", range(10))
def test_the_curve_reproduces_itself_and_no_other_is_likelier(seed):
    lower, upper = visits_every_three_months(60, seed)
    fit = fit_turnbull(lower, upper)
    inside = (fit.lower >= lower[:, None]) & (fit.upper <= upper[:, None])
    # Turnbull's equations: each probability is the mean of the patients' shares in it
    shares = inside * fit.mass / (inside @ fit.mass)[:, None]
    assert fit.is_converged and shares.mean(axis=0) == pytest.approx(fit.mass, abs=1e-8)
    for other in np.random.default_rng(seed).dirichlet(200 * fit.mass + 0.1, size=50):
        assert np.log(inside @ other).sum() <= fit.log_likelihood


def test_the_order_of_patients_changes_nothing():
    lower, upper = visits_every_three_months(80, 1)
    order = np.random.default_rng(2).permutation(80)
    for one, other in zip(fit_turnbull(lower, upper), fit_turnbull(lower[order], upper[order]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_many_patients_recover_the_truth():
    fit = fit_turnbull(*visits_every_three_months(2000, 3))
    for month in (3, 6, 12, 18):
        low, high = survival_range(fit, month)
        assert low - 0.05 < true_survival(month) < high + 0.05
    assert median_range(fit)[0] - 1 < 12 < median_range(fit)[1] + 1


@pytest.mark.parametrize("ends", [([2], [1]), ([-1], [1]), ([0], [0]), ([np.nan], [1])])
def test_impossible_intervals_are_refused(ends):
    with pytest.raises(ValueError, match="interval"):
        fit_turnbull(*ends)


def summarise(patients, definitions, months=(6, 12), n_bootstrap=50, **changes):
    curves, summary = summarise_turnbull(
        patients, definitions, [CURVES | changes], landmark_months=list(months), n_bootstrap=n_bootstrap, seed=1
    )
    tables.check(curves, "turnbull_curves")
    tables.check(summary, "turnbull_summary")
    return curves, summary.set_index(["group", "statistic"])


def test_groups_without_patients_events_or_follow_up_say_so():
    lower, upper = [1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 4, 5, 6, 13, INF, INF]
    curves, summary = summarise(*study(lower, upper, ["all_pos"] * 6 + ["mixed"] * 2))
    assert summary.loc[("all_neg", "median PFS1 (months)"), "note"] == "no patient"
    none = summary.loc[("mixed", "median PFS1 (months)")]
    assert none["note"] == "not reached; fewer than 5 events: no limits" and none["value_lower"] == 8
    assert np.isnan(none["value_upper"]) and np.isnan(none["ci_lower"])
    late = summary.loc[("mixed", "progression-free at 12 months")]
    assert late["note"] == "followed for 8.0 months" and np.isnan(late["value_lower"])
    first = summary.loc[("all_pos", "progression-free at 12 months")]
    assert (first["n"], first["n_events"], first["value_lower"]) == (6, 6, 0)
    assert first["value_upper"] == pytest.approx(1 / 6) and first["ci_lower"] == 0
    assert curves.loc[curves["group"] == "mixed", ["upper_months", "survival"]].isna().all(axis=None)
    empty = summarise(tables.empty("analysis_set"), tables.empty("pfs1_definitions"), grouping=None)
    assert empty[0].empty and (empty[1]["note"] == "no patient").all()


def test_patients_whom_the_definition_leaves_out_are_not_counted_and_order_is_nothing():
    lower, upper = visits_every_three_months(40, 5)
    patients, definitions = study(lower, upper, ["all_pos", "mixed"] * 20)
    left = definitions["patient_id"] == "P0000"
    definitions = definitions.assign(pfs1_event=definitions["pfs1_event"].mask(left))
    curves, summary = summarise(patients, definitions)
    assert summary["n"].groupby("group").first().to_dict() == {"all_pos": 19, "mixed": 20, "all_neg": 0}
    shuffled = summarise(patients.sample(frac=1, random_state=1), definitions.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(curves, shuffled[0])
    pd.testing.assert_frame_equal(summary, shuffled[1])
    with pytest.raises(ValueError, match="S7"):
        summarise(patients, definitions, definition="S7")
    with pytest.raises(ValueError, match="covariates"):
        summarise(patients, definitions, covariates=["allocation"])


@pytest.mark.slow
def test_bootstrap_limits_cover_the_truth():
    covered = []
    for seed in range(60):
        lower, upper = visits_every_three_months(35, 100 + seed)
        _, summary = summarise(*study(lower, upper, ["all_pos"] * 35), months=(12,), n_bootstrap=100)
        rows = summary.loc["all_pos"]
        truth = np.array([12, true_survival(12)])
        covered.append((rows["ci_lower"] <= truth) & (truth <= rows["ci_upper"].fillna(INF)))
    assert (np.mean(covered, axis=0) > 0.87).all()


def test_a_worked_group_as_a_table():
    patients, definitions = study([0, 1, 2, 2, 4, 6], [2, 3, 3, INF, 4, INF], ["all_pos"] * 6)
    curves, _ = summarise(patients, definitions)
    shown = curves[["lower_months", "upper_months", "mass"]].astype(float).round(4)
    # four events before month 5 of six patients, one lost after month 2
    expected = table("lower_months | upper_months\n1 | 2\n2 | 3\n4 | 4\n6 | -").astype(float)
    pd.testing.assert_frame_equal(shown[["lower_months", "upper_months"]], expected)
    assert curves["mass"].sum() == pytest.approx(1)
