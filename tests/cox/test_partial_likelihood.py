"""Our Cox core against R's survival, case by case; replicates against samples written out."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.datasets import load_stanford_heart_transplants
from r_models import CASES, ROSSI, fitted, prepared
from r_values import ARM, EXPECTED, GRADE, REFERENCE, load, values
from scipy import stats
from sonimage.cox import inference, martingales, partial_likelihood, replicates
from sonimage.diagnostics import proportional_hazards


@pytest.mark.parametrize("name", CASES)
def test_coefficients_errors_and_likelihoods_are_those_of_r(name):
    """R: coxph(...), coef(), sqrt(diag(vcov())), loglik, summary()$sctest, $waldtest (printed with two decimals), $logtest"""
    case, (_, fit) = CASES[name], fitted(name)
    assert fit.is_converged
    np.testing.assert_allclose(fit.coef, values(name, "coef", case.columns), rtol=1e-8)
    np.testing.assert_allclose(fit.se, values(name, "se", case.columns), rtol=1e-8)
    p_values = stats.chi2.sf((fit.coef / fit.se) ** 2, 1)
    np.testing.assert_allclose(p_values, values(name, "p", case.columns), rtol=1e-8)
    assert (fit.loglik_null, fit.loglik) == pytest.approx(values(name, "loglik", ["null", "model"]), rel=1e-12)
    assert fit.score_statistic == pytest.approx(EXPECTED[name, "score", "chi2"], rel=1e-8)
    assert 2 * (fit.loglik - fit.loglik_null) == pytest.approx(EXPECTED[name, "lrt", "chi2"], rel=1e-8)
    everything = list(range(len(fit.coef)))
    wald = inference.wald_test(fit, everything).statistic
    assert wald == pytest.approx(EXPECTED[name, "wald", "chi2"], abs=0.0051)


def test_another_reference_level_is_that_of_r():
    """R: coxph(Surv(time, status) ~ relevel(factor(grade), ref = "2") + hormon)"""
    frame = load("gbsg")
    x = np.column_stack([frame["grade"] == 1, frame["grade"] == 3, frame["hormon"]])
    fit = partial_likelihood.fit_cox(partial_likelihood.prepare(x, frame["time"], frame["status"]))
    np.testing.assert_allclose(np.sort(fit.coef), np.sort(EXPECTED["gbsg_grade_ref2", "coef"]), rtol=1e-8)


@pytest.mark.parametrize("name, columns", [("lrt_grade", [0, 1]), ("lrt_inter", [3, 4])])
@pytest.mark.parametrize("frame", ["gbsg", "gbsg100"])
def test_likelihood_ratio_tests_are_those_of_r(frame, name, columns):
    """R: anova(coxph(Surv(time, status) ~ hormon), coxph(~ factor(grade) + hormon)); anova(that, coxph(~ factor(grade) * hormon))"""
    data, fit = fitted(f"{frame}_grade_{'hormon' if name == 'lrt_grade' else 'x_hormon'}")
    restricted = inference.restricted_fit(data, fit, columns)
    test = inference.likelihood_ratio_test(fit, restricted, len(columns))
    assert test.statistic == pytest.approx(EXPECTED[f"{frame}_{name}", "anova", "chi2"], rel=1e-8)
    assert test.p_value == pytest.approx(EXPECTED[f"{frame}_{name}", "anova", "p"], rel=1e-8)


ZPH = [name for name in CASES if (name, "zph_km_coefs_chisq") in EXPECTED.index.droplevel("term")]


@pytest.mark.parametrize("transform", proportional_hazards.TRANSFORMS)
@pytest.mark.parametrize("name", ZPH)
def test_proportional_hazards_are_tested_as_r_does(name, transform):
    """R: cox.zph(fit, transform = transform, terms = FALSE), and terms = TRUE"""
    data, fit = fitted(name)
    columns = CASES[name].columns
    variables = ["factor(grade):hormon" if ":" in c else "factor(grade)" if c in GRADE else c for c in columns]
    found = proportional_hazards.score_proportional_hazards(data, fit, variables, transform)
    for level, quantity, names in (
        ("coefficient", "coefs", columns),
        ("term", "terms", list(dict.fromkeys(variables))),
    ):
        statistics = found.loc[found["level"].isin([level, "global"]), "statistic"]
        expected = values(name, f"zph_{transform}_{quantity}_chisq", [*names, "GLOBAL"])
        np.testing.assert_allclose(statistics, expected, rtol=1e-6)


def test_there_are_enough_cases_of_proportional_hazards():
    assert len(ZPH) >= 8


def of_patients(quantity: str, terms: list[str] | None = None) -> np.ndarray:
    """Expected residuals of gbsg100 in the order of its patients."""
    pid = pd.read_csv(REFERENCE / "gbsg100.csv")["pid"]
    if terms is None:
        return np.array([EXPECTED["gbsg100_resid", quantity, str(p)] for p in pid])
    return np.array([[EXPECTED["gbsg100_resid", quantity, f"{p}|{term}"] for term in terms] for p in pid])


def test_residuals_are_those_of_r():
    """R: residuals(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg100), type =)"""
    data, fit = fitted("gbsg100_grade_hormon")
    np.testing.assert_allclose(martingales.martingale(data, fit), of_patients("martingale"), atol=1e-10)
    np.testing.assert_allclose(martingales.deviance(data, fit), of_patients("deviance"), atol=1e-10)
    np.testing.assert_allclose(martingales.dfbeta(data, fit), of_patients("dfbeta", ARM), atol=1e-10)


@pytest.mark.parametrize("quantity, is_scaled", [("schoenfeld", False), ("scaledsch", True)])
def test_schoenfeld_residuals_are_those_of_r(quantity, is_scaled):
    """R: residuals(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg100), "schoenfeld"), and "scaledsch"; by time"""
    expected = pd.read_csv(REFERENCE / "schoenfeld.csv").query("quantity == @quantity")["value"].to_numpy()
    data, fit = fitted("gbsg100_grade_hormon")
    _, found = martingales.schoenfeld(data, fit, is_scaled=is_scaled)
    np.testing.assert_allclose(found.T.ravel(), expected, atol=1e-9)


@pytest.mark.parametrize("ties, quantity", [("efron", "efron_H0"), ("breslow", "breslow_H0_at_breslow_fit")])
def test_baseline_hazard_is_that_of_r(ties, quantity):
    """R: basehaz(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg100, ties = ties), centered = FALSE)"""
    data = prepared(CASES["gbsg100_grade_hormon"])
    hazard = martingales.baseline_hazard(data, partial_likelihood.fit_cox(data, ties=ties))
    expected = EXPECTED["gbsg100_basehaz", quantity]
    at = np.searchsorted(hazard["time"], expected.index.astype(float), side="right")
    np.testing.assert_allclose(np.append(0, hazard["hazard"])[at], expected, atol=1e-10)


def test_robust_errors_are_those_of_r():
    """R: coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio, robust = TRUE)"""
    data, fit = fitted("rossi_full")
    np.testing.assert_allclose(
        np.sqrt(np.diag(martingales.sandwich(data, fit))), values("rossi_robust", "se", ROSSI), rtol=1e-8
    )
    np.testing.assert_allclose(fit.se, values("rossi_robust", "se_naive", ROSSI), rtol=1e-8)


def test_rows_cut_in_two_by_entry_times_are_the_rows_uncut():
    """Start-stop: each patient as two rows, at risk in (0, half] and (half, time]; robust errors cluster by patient."""
    frame, (data, fit) = load("gbsg100"), fitted("gbsg100_grade_hormon")
    half, none = frame["time"] / 2, np.zeros(len(frame))
    twice = partial_likelihood.prepare(
        pd.concat([frame[ARM]] * 2),
        np.append(half, frame["time"]),
        np.append(none, frame["status"]),
        entry=np.append(none, half),
    )
    cut = partial_likelihood.fit_cox(twice)
    np.testing.assert_allclose(cut.coef, fit.coef, rtol=1e-10)
    np.testing.assert_allclose(cut.se, fit.se, rtol=1e-10)
    clustered = martingales.sandwich(twice, cut, np.tile(np.arange(len(frame)), 2))
    np.testing.assert_allclose(clustered, martingales.sandwich(data, fit), rtol=1e-8)
    tests = [
        proportional_hazards.score_proportional_hazards(*pair, ARM)["statistic"] for pair in ((twice, cut), (data, fit))
    ]
    np.testing.assert_allclose(*tests, rtol=1e-8)


def test_start_and_stop_with_patients_as_clusters_are_those_of_r():
    """R: coxph(Surv(start, stop, event) ~ age + year + surgery + transplant, heart, cluster = id), and its cox.zph"""
    frame, names = load_stanford_heart_transplants(), ["age", "year", "surgery", "transplant"]
    data = partial_likelihood.prepare(frame[names], frame["stop"], frame["event"], entry=frame["start"])
    fit = partial_likelihood.fit_cox(data)
    np.testing.assert_allclose(fit.coef, values("heart", "coef", names), rtol=1e-8)
    np.testing.assert_allclose(fit.se, values("heart", "se", names), rtol=1e-8)
    robust = np.sqrt(np.diag(martingales.sandwich(data, fit, frame["id"])))
    np.testing.assert_allclose(robust, values("heart", "robust_se", names), rtol=1e-8)
    zph = proportional_hazards.score_proportional_hazards(data, fit, names).query("level != 'term'")
    np.testing.assert_allclose(zph["statistic"], values("heart", "zph_km_coefs_chisq", [*names, "GLOBAL"]), rtol=1e-6)


@pytest.mark.parametrize("name", ["gbsg_grade_hormon", "gbsg100_grade_hormon", "gbsg_adj", "gbsg_grade_strata_hormon"])
def test_lifelines_agrees(name):
    case, (_, fit) = CASES[name], fitted(name)
    frame = load(case.frame)[[*case.columns, "time", "status", *([case.strata] if case.strata else [])]].astype(float)
    options = {"precision": 1e-12, "max_steps": 500, "r_precision": 1e-15}
    peer = CoxPHFitter().fit(frame, "time", "status", strata=case.strata, fit_options=options)
    np.testing.assert_allclose(fit.coef, peer.params_, rtol=1e-6)
    np.testing.assert_allclose(fit.se, peer.standard_errors_, rtol=1e-6)


CONCORDANCE = {
    "gbsg_grade_hormon": "conc_gbsg",
    "gbsg100_grade_hormon": "conc_gbsg100",
    "rossi_full": "conc_rossi",
    "ovarian_small": None,
}


@pytest.mark.parametrize("name", CONCORDANCE)
def test_concordance_is_that_of_r(name):
    """R: concordance(fit)$concordance, and its $count: concordant, discordant, tied.x"""
    data, fit = fitted(name)
    expected = EXPECTED[name, "concordance", "concordance"]
    assert inference.harrell_c(data, fit.coef) == pytest.approx(expected, rel=1e-10)
    if case := CONCORDANCE[name]:
        prediction = np.round(data.x @ fit.coef, inference.SAME_PREDICTION)
        pairs = inference.count_pairs(prediction, data.time, data.event, data.weight, data.stratum)
        concordant, discordant, tied = values(case, "count_n", ["concordant", "discordant", "tied.x"])
        assert pairs == (concordant + tied / 2, concordant + discordant + tied)
        assert EXPECTED[case, "c_n", "c"] == pytest.approx(expected, rel=1e-12)


def test_at_a_profile_limit_the_likelihood_has_fallen_by_its_quantile():
    data, fit = fitted("gbsg100_grade_hormon")
    limits = inference.profile_limits(data, fit)
    for column, pair in enumerate(limits):
        assert pair[0] < fit.coef[column] < pair[1]
        for limit in pair:
            at_limit = partial_likelihood.fit_cox(data, fixed={column: limit})
            assert 2 * (fit.loglik - at_limit.loglik) == pytest.approx(stats.chi2.ppf(0.95, 1), rel=1e-8)


def test_a_separated_level_has_one_profile_limit():
    x = np.array([[1.0]] * 5 + [[0.0]] * 15)
    data = partial_likelihood.prepare(x, np.arange(1.0, 21), np.arange(20) >= 5)
    fit = partial_likelihood.fit_cox(data)
    assert fit.se[0] > 1e3 or not fit.is_converged


def test_a_column_without_variation_has_no_maximum():
    data = partial_likelihood.prepare(np.ones((10, 1)), np.arange(1.0, 11), np.ones(10))
    assert not partial_likelihood.fit_cox(data).is_converged


def test_impossible_rows_are_refused():
    with pytest.raises(ValueError, match="missing"):
        partial_likelihood.prepare([[np.nan]], [1.0], [1])
    with pytest.raises(ValueError, match="leaves before it enters"):
        partial_likelihood.prepare([[1.0]], [1.0], [1], entry=[2.0])
    with pytest.raises(ValueError, match="one length"):
        partial_likelihood.prepare([[1.0]], [1.0, 2.0], [1])


@pytest.mark.parametrize("time", ["time", "months"])
def test_a_bootstrap_fit_is_that_of_the_sample_written_out(time):
    frame = load("gbsg100")
    data = partial_likelihood.prepare(frame[ARM], frame[time], frame["status"])
    fit = partial_likelihood.fit_cox(data)
    counts = replicates.draw_bootstrap(len(frame), 50, seed=1)
    found = replicates.fit_replicates(data, fit, counts)
    # two patients of grade 1 have an event: one replicate in eight has none of them, and no maximum
    assert found.is_converged.mean() > 0.7 and (counts.sum(axis=1) == len(frame)).all()
    for coef, is_converged, row in zip(*found, counts, strict=True):
        sample = frame.loc[np.repeat(frame.index, row)]
        alone = partial_likelihood.fit_cox(partial_likelihood.prepare(sample[ARM], sample[time], sample["status"]))
        assert is_converged == alone.is_converged
        if is_converged and np.abs(alone.coef).max() < 10:  # not a replicate without events in a level
            np.testing.assert_allclose(coef, alone.coef, rtol=1e-8, atol=1e-10)


def test_replicates_do_not_depend_on_threads():
    import numba

    data, fit = fitted("gbsg100_months_tied")
    counts = replicates.draw_bootstrap(len(data.time), 200, seed=1)
    usual, found = numba.get_num_threads(), []
    for threads in (1, usual):
        numba.set_num_threads(threads)
        found.append(replicates.fit_replicates(data, fit, counts).coef)
    np.testing.assert_array_equal(*found)


def test_leaving_one_out_is_fitting_without():
    frame, (data, fit) = load("gbsg100"), fitted("gbsg100_grade_hormon")
    found = replicates.fit_replicates(data, fit, replicates.leave_one_out(len(frame)))
    rest = frame.drop(index=7)
    alone = partial_likelihood.fit_cox(partial_likelihood.prepare(rest[ARM], rest["time"], rest["status"]))
    np.testing.assert_allclose(found.coef[7], alone.coef, rtol=1e-8)


def test_permuted_score_statistics_are_those_of_permuted_groups():
    frame, (data, fit) = load("gbsg100"), fitted("gbsg100_grade_hormon")
    restricted = inference.restricted_fit(data, fit, [0, 1])
    observed = inference.score_test(data, restricted, 2).statistic
    orders = np.vstack([np.arange(100), replicates.draw_permutations(100, 3, seed=1)])
    found = replicates.permute_marker(data, restricted, [0, 1], orders)
    assert found[0] == pytest.approx(observed, rel=1e-12)
    dealt = frame.iloc[data.order].reset_index(drop=True)
    dealt[GRADE] = dealt[GRADE].to_numpy()[orders[1]]
    again = partial_likelihood.prepare(dealt[ARM], dealt["time"], dealt["status"])
    by_hand = inference.score_test(again, inference.restricted_fit(again, fit, [0, 1]), 2).statistic
    assert found[1] == pytest.approx(by_hand, rel=1e-10)
    assert replicates.permutation_p_value(observed, np.full(99, -1.0)) == 0.01
