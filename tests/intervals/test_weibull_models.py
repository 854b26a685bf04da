"""Weibull models of interval-censored PFS1 against R's survreg, a likelihood written anew, and simulated truth."""

import numpy as np
import pandas as pd
import pytest
from breast_cancer import TERMS, gbsg
from intervals.assessed_patients import CURVES, INF, study, visits_every_three_months
from lifelines.datasets import load_diabetes
from r_values import EXPECTED, REFERENCE
from scipy import optimize
from sonimage import tables
from sonimage.intervals.turnbull_curves import summarise_turnbull
from sonimage.intervals.weibull import fit_weibull
from sonimage.intervals.weibull_models import INTERCEPT, fit_interval_models
from sonimage.report.figures import turnbull_steps
from sonimage.report.presentation import interval_censored

WEIBULL = {
    "id": "interval_weibull",
    "objective": "-",
    "method": "weibull",
    "population": "in_imaging_set",
    "definition": "S5",
    "grouping": "het3",
    "covariates": ["allocation"],
}


def fit(patients: pd.DataFrame, definitions: pd.DataFrame, **changes) -> pd.DataFrame:
    rows = fit_interval_models(patients, definitions, [WEIBULL | changes, {"method": "turnbull"}])
    tables.check(rows, "interval_models")
    return rows.set_index("term")


def simulated(n: int = 300, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Groups and arms without effect, visits every three months."""
    draw = np.random.default_rng(seed)
    patients, definitions = study(*visits_every_three_months(n, seed), draw.choice(["all_pos", "mixed", "all_neg"], n))
    return patients.assign(allocation=draw.choice(["A", "B"], n)), definitions


@pytest.mark.parametrize("name", ["gbsg", "gbsg100"])
def test_right_censored_models_are_those_of_r(name):
    """R: survreg(Surv(time, status) ~ factor(grade) + hormon, dist = "weibull")"""
    patients, case = gbsg(), f"aft_{name}_weibull"
    chosen = pd.read_csv(REFERENCE / f"{name}.csv")["pid"].map("{:05d}".format)
    patients = patients[patients["patient_id"].isin(chosen)]
    ends = {"interval_lower_months": patients["pfs1_months"]}
    ends["interval_upper_months"] = patients["pfs1_months"].where(tables.known_true(patients["pfs1_event"]))
    definitions = patients[["patient_id", "pfs1_event"]].assign(definition="S5", **ends)
    rows = fit(patients, tables.conform(definitions, "pfs1_definitions"))
    for term, r_term in (TERMS | {INTERCEPT: "(Intercept)"}).items():
        assert rows.loc[term, "coef"] == pytest.approx(EXPECTED[case, "coef", r_term], rel=1e-9)
        assert rows.loc[term, "se"] == pytest.approx(EXPECTED[case, "se", r_term], rel=1e-9)
    first = rows.iloc[0]
    assert first["scale"] == pytest.approx(EXPECTED[case, "scale", "scale"], rel=1e-9)
    assert first["se_log_scale"] == pytest.approx(EXPECTED[case, "se", "Log(scale)"], rel=1e-9)
    assert first["log_likelihood"] == pytest.approx(EXPECTED[case, "loglik", "model"], abs=1e-8)
    assert first["n_interval"] == 0 and first["n"] == len(patients)


def test_interval_censored_models_are_those_of_r():
    """R: survreg(Surv(l, r, type = "interval2") ~ male, diabetes, dist = "weibull"), l being NA where left is 0"""
    data = load_diabetes()
    male = (data["gender"] == "male").to_numpy(dtype=float)[:, None]
    ends = [data[name].to_numpy(dtype=float) for name in ("left", "right")]
    found, case = fit_weibull(male, *ends), "ic_diabetes_weibull"
    assert found.is_converged
    for number, term in enumerate(["(Intercept)", "male"]):
        assert found.coef[number] == pytest.approx(EXPECTED[case, "coef", term], rel=1e-9)
        assert found.se[number] == pytest.approx(EXPECTED[case, "se", term], rel=1e-9)
    assert found.scale == pytest.approx(EXPECTED[case, "scale", "scale"], rel=1e-9)
    assert found.se_log_scale == pytest.approx(EXPECTED[case, "se", "Log(scale)"], rel=1e-9)
    assert found.log_likelihood == pytest.approx(EXPECTED[case, "loglik", "model"], abs=1e-8)
    assert fit_weibull(male[:, :0], *ends).log_likelihood == pytest.approx(-2028.5661107360847, abs=1e-8)
    # icenReg::ic_sp(cbind(left, right) ~ male, model = "ph") assumes no shape and agrees to a tenth of the error
    semiparametric = EXPECTED["icsp_interval_diabetes", "coef", "x"]
    assert found.log_hazard_ratio[0] == pytest.approx(semiparametric, abs=0.2 * found.se_log_hazard_ratio[0])


def negative_log_likelihood(theta, columns, lower, upper) -> float:
    """Proportional hazards: S(t) = exp(-exp(a + x b) t^k), patient by patient."""
    total = 0.0
    for row, low, high in zip(columns, lower, upper, strict=True):
        rate, power = np.exp(theta[0] + row @ theta[1:-1]), np.exp(theta[-1])
        if low == high:
            total += np.log(rate * power) + (power - 1) * np.log(low) - rate * low**power
        else:
            total += np.log(np.exp(-rate * low**power) - (0 if np.isinf(high) else np.exp(-rate * high**power)))
    return -total


def test_hazard_ratios_are_those_of_a_likelihood_of_hazards():
    lower, upper = visits_every_three_months(60, 4)
    upper[:5] = lower[:5] = np.maximum(lower[:5], 1)  # some known to the day
    columns = np.random.default_rng(4).normal(size=(60, 2))
    found = fit_weibull(columns, lower, upper)
    arguments = (columns, lower, upper)
    start = [-3, 0, 0, 0]
    best = optimize.minimize(negative_log_likelihood, start, arguments, method="Nelder-Mead", tol=1e-9)
    best = optimize.minimize(negative_log_likelihood, best.x, arguments, method="BFGS", options={"gtol": 1e-6})
    assert -best.fun == pytest.approx(found.log_likelihood, abs=1e-7)
    assert best.x[1:3] == pytest.approx(found.log_hazard_ratio, abs=1e-5)
    step = 1e-3 * np.eye(4)
    hessian = [
        [
            sum(i * j * negative_log_likelihood(best.x + i * a + j * b, *arguments) for i in (1, -1) for j in (1, -1))
            / (4e-6)
            for a in step
        ]
        for b in step
    ]
    errors = np.sqrt(np.diag(np.linalg.inv(hessian)))
    assert errors[1:3] == pytest.approx(found.se_log_hazard_ratio, rel=1e-3)


def test_simulated_intervals_recover_the_truth():
    n, draw = 4000, np.random.default_rng(7)
    arm = draw.integers(0, 2, n)
    times = np.exp(2.5 + 0.4 * arm + 0.8 * np.log(draw.exponential(1, n)))
    visits = 2.76 * np.arange(1, 20)
    seen = np.searchsorted(visits, times)
    ends = np.concatenate([[0], visits, [INF]])
    found = fit_weibull(arm[:, None], ends[seen], ends[seen + 1])
    truth = np.array([2.5, 0.4])
    assert (np.abs(found.coef - truth) < 3 * found.se).all() and found.scale == pytest.approx(0.8, abs=0.04)
    assert abs(found.log_hazard_ratio[0] + 0.4 / 0.8) < 3 * found.se_log_hazard_ratio[0]
    # the day of detection is late: its median lies above the true one
    late = fit_weibull(arm[:, None], np.where(seen < 19, ends[seen + 1], ends[seen]), ends[seen + 1])
    assert late.coef[0] > found.coef[0] + 3 * found.se[0]


def test_wald_limits_cover_the_truth():
    covered = []
    for seed in range(200):
        draw = np.random.default_rng(seed)
        found = fit_weibull(draw.integers(0, 2, (60, 1)), *visits_every_three_months(60, seed))
        covered.append(abs(found.log_hazard_ratio[0]) < 1.96 * found.se_log_hazard_ratio[0])
    assert 0.9 < np.mean(covered) < 0.99


def test_order_of_patients_and_unit_of_time_change_nothing():
    patients, definitions = simulated(80)
    rows = fit(patients, definitions)
    shuffled = fit(patients.sample(frac=1, random_state=1), definitions.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(rows, shuffled)
    ends = ["interval_lower_months", "interval_upper_months"]
    in_days = fit(patients, definitions.assign(**(definitions[ends] * 30.4375)))
    names = ["coef", "se", "hazard_ratio_lower", "p_value", "p_value_group"]
    pd.testing.assert_frame_equal(in_days.iloc[1:][names], rows.iloc[1:][names], rtol=1e-9)


def test_the_group_is_tested_as_a_whole():
    patients, definitions = simulated(120)
    full, alone = fit(patients, definitions), fit(patients, definitions, grouping=None)
    ratio = 2 * (full["log_likelihood"].iloc[0] - alone["log_likelihood"].iloc[0])
    assert full["p_value_group"].iloc[0] == pytest.approx(np.exp(-ratio / 2))  # chi-square of two
    assert alone["p_value_group"].isna().all()
    assert fit(patients, definitions, interaction=True).index.tolist()[-2:] == ["mixed x A", "all_neg x A"]


def without_events(patients, definitions, group):
    members = patients.loc[patients["het3"] == group, "patient_id"]
    hit = definitions["patient_id"].isin(members)
    lower = definitions["interval_lower_months"]
    return definitions.assign(
        interval_upper_months=definitions["interval_upper_months"].mask(hit),
        pfs1_event=definitions["pfs1_event"].mask(hit, False),
        interval_lower_months=lower.mask(hit, lower + 1),
    )


def test_where_there_is_no_estimate_the_row_says_why():
    patients, definitions = simulated(60)
    nobody = fit(tables.empty("analysis_set"), tables.empty("pfs1_definitions"))
    silent = fit(patients, without_events(patients, definitions, "mixed"))
    arm = fit(patients.assign(allocation="B"), definitions)
    twice = fit(
        patients.assign(bone_only=patients["allocation"] == "A"), definitions, covariates=["allocation", "bone_only"]
    )
    for rows, words in (
        (nobody, "no patient"),
        (silent, "no event in mixed"),
        (twice, "terms cannot be told apart"),
        (fit(patients, definitions.assign(pfs1_event=False, interval_upper_months=np.nan)), "no events"),
    ):
        assert rows[["coef", "se", "hazard_ratio", "p_value", "scale"]].isna().all(axis=None)
        assert (rows["note"] == words).all() and (rows["method"] == "Weibull, interval-censored: not fitted").all()
    assert np.isnan(arm.loc["A", "coef"]) and np.isfinite(arm.loc["mixed", "coef"])
    assert (arm["note"] == "all patients alike in A").all()
    with pytest.raises(ValueError, match="strata"):
        fit(patients, definitions, strata=["centre"])


def test_a_likelihood_without_a_maximum_gives_no_numbers():
    # all intervals share (2, 3]: the scale runs to 0
    patients, definitions = study([0, 1, 2, 2, 0, 1] * 3, [3, 4, 3, 5, 3, 9] * 3, ["all_pos"] * 18)
    rows = fit(patients, definitions, grouping=None, covariates=[])
    assert rows["coef"].isna().all() and rows["note"].notna().all()
    # one group before all others: its ratio runs away
    lower = [0, 0, 0, 0, 0, 0, 5, 6, 7, 8, 9, 10]
    patients, definitions = study(lower, [1] * 6 + [6, 8, 9, 11, 12, INF], ["mixed"] * 6 + ["all_pos"] * 6)
    rows = fit(patients, definitions, covariates=[])
    assert rows["coef"].isna().all() and rows["note"].notna().all()


def test_few_events_in_a_level_are_named():
    patients, definitions = simulated(60)
    groups = ["mixed"] * 4 + ["all_pos"] * 28 + ["all_neg"] * 28
    rows = fit(patients.assign(het3=groups), definitions)
    assert np.isfinite(rows["coef"]).all() and rows["note"].str.startswith("fewer than 5 events in mixed").all()
    kinds = rows.iloc[0]
    assert kinds["n"] == kinds["n_interval"] + kinds["n_exact"] + kinds["n_censored"] == 60


def test_tables_and_figure_show_what_is_not_determined():
    patients, definitions = study(
        [1, 2, 3, 5, 5, 6, 7, 8], [2, 3, 4, 5, 6, 13, INF, INF], ["all_pos"] * 6 + ["mixed"] * 2
    )
    curves, summary = summarise_turnbull(
        patients, definitions, [CURVES], landmark_months=[6, 10], n_bootstrap=20, seed=1
    )
    shown = interval_censored.present_turnbull(summary).set_index(["Group", "Statistic"])
    assert shown.loc[("all_pos", "progression-free at 10 months"), "Value"] == "0.00–0.17"
    assert shown.loc[("all_pos", "progression-free at 6 months"), "Value"] == "0.17"
    assert shown.loc[("mixed", "median PFS1 (months)"), "Value"] == "over 8"
    assert shown.loc[("all_neg", "median PFS1 (months)"), ["Value", "95 % CI"]].tolist() == ["–", "–"]
    figure, numbers = turnbull_steps.turnbull(curves, "het3", "title")
    assert len(numbers) == len(curves) and len(figure.axes[0].patches) == 5
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels[0] == "all_pos (n = 6, 6 events: 5 between assessments, 1 on a known day)"
    turnbull_steps.turnbull(curves.iloc[:0], "het3", "title")
    models = interval_censored.present_interval_models(fit(*simulated(60)).reset_index())
    assert (
        models["Term"].tolist() == ["mixed", "all_neg", "A"] and models["Hazard ratio (95 % CI)"].str.len().gt(8).all()
    )
