"""The Cox core against R's survival to 1e-8 and lifelines to 1e-6, and what it must do where there is no maximum.

R 4.2.2, survival 3.5-3, coxph.control(eps = 1e-13, iter.max = 60). Every case: `coxph(Surv(time, status) ~ FORMULA)`, then
`cox.zph(fit, transform)`, `residuals(fit, type)`.
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.datasets import load_rossi
from sonimage import cox_core, cox_diagnostics

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = pd.read_csv(REFERENCE / "expected.csv", na_values={"value": "NA"}, keep_default_na=False)
EXPECTED = EXPECTED.set_index(["case", "quantity"]).sort_index(kind="stable")
GBSG, GBSG100 = (pd.read_csv(REFERENCE / f"{name}.csv") for name in ("gbsg", "gbsg100"))
ROSSI = load_rossi()
LABELS = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


def by_grade(data: pd.DataFrame, *columns) -> np.ndarray:
    return np.column_stack([data["grade"] == 2, data["grade"] == 3, *columns]).astype(float)


def crossed(data: pd.DataFrame) -> np.ndarray:
    treated = data["hormon"]
    return by_grade(data, treated, (data["grade"] == 2) * treated, (data["grade"] == 3) * treated)


# case: covariates, time, status, strata, the variable of each column
CASES = {
    "gbsg_grade_hormon": (by_grade(GBSG, GBSG["hormon"]), GBSG["time"], GBSG["status"], None, ["g", "g", "h"]),
    "gbsg_grade_strata_hormon": (by_grade(GBSG), GBSG["time"], GBSG["status"], GBSG["hormon"], ["g", "g"]),
    "gbsg_grade_x_hormon": (crossed(GBSG), GBSG["time"], GBSG["status"], None, ["g", "g", "h", "gh", "gh"]),
    "gbsg_trend": (GBSG[["grade", "hormon"]], GBSG["time"], GBSG["status"], None, ["g", "h"]),
    "gbsg_adj": (
        by_grade(GBSG, GBSG["hormon"], GBSG["age"], GBSG["size"], GBSG["nodes"]), GBSG["time"], GBSG["status"], None,
        ["g", "g", "h", "a", "s", "n"],
    ),
    "gbsg100_grade_hormon": (by_grade(GBSG100, GBSG100["hormon"]), GBSG100["time"], GBSG100["status"], None, ["g", "g", "h"]),
    "gbsg100_grade_strata_hormon": (by_grade(GBSG100), GBSG100["time"], GBSG100["status"], GBSG100["hormon"], ["g", "g"]),
    "gbsg100_months_tied": (by_grade(GBSG100, GBSG100["hormon"]), GBSG100["months"], GBSG100["status"], None, ["g", "g", "h"]),
    "rossi_full": (ROSSI[LABELS], ROSSI["week"], ROSSI["arrest"], None, LABELS),
    "rossi_strata_wexp": (
        ROSSI[LABELS].drop(columns="wexp"), ROSSI["week"], ROSSI["arrest"], ROSSI["wexp"], [*LABELS[:3], *LABELS[4:]],
    ),
}  # fmt: skip


def fitted(case: str):
    x, time, event, strata, terms = CASES[case]
    data = cox_core.prepare(np.asarray(x, dtype=float), time, event, None if strata is None else strata.to_numpy())
    return data, cox_core.fit(data), terms


def r(case: str, quantity: str) -> np.ndarray:
    return EXPECTED.loc[[(case, quantity)], "value"].to_numpy()


@pytest.mark.parametrize("case", CASES)
def test_a_fit_is_that_of_r(case):
    _, fit, _ = fitted(case)
    assert fit.is_converged
    np.testing.assert_allclose(fit.coef, r(case, "coef"), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.variance)), r(case, "se"), rtol=1e-8)
    likelihoods = EXPECTED.loc[[(case, "loglik")]].set_index("term")["value"]
    np.testing.assert_allclose([fit.loglik_null, fit.loglik], likelihoods[["null", "model"]], rtol=1e-10)
    np.testing.assert_allclose(fit.score, EXPECTED.loc[[(case, "score")]].set_index("term")["value"]["chi2"], rtol=1e-8)


@pytest.mark.parametrize("transform", ["km", "identity", "rank", "log"])
@pytest.mark.parametrize("case", [case for case in CASES if (case, "zph_km_coefs_chisq") in EXPECTED.index])
def test_proportional_hazards_are_tested_as_cox_zph_does(case, transform):
    data, fit, terms = fitted(case)
    found = cox_diagnostics.proportional_hazards(data, fit, terms, transform=transform)
    coefficients = r(case, f"zph_{transform}_coefs_chisq")[: len(fit.coef)]
    np.testing.assert_allclose(found.loc[found["kind"] == "coefficient", "statistic"], coefficients, rtol=1e-6)
    of_terms = r(case, f"zph_{transform}_terms_chisq")
    np.testing.assert_allclose(found.loc[found["kind"] != "coefficient", "statistic"], of_terms, rtol=1e-6)


def test_breslow_ties_and_robust_errors_are_those_of_r():
    """R: coxph(..., ties = "breslow"); coxph(Surv(week, arrest) ~ ., rossi, robust = TRUE)"""
    x, time, event, _, _ = CASES["gbsg_grade_hormon"]
    breslow = cox_core.fit(cox_core.prepare(x, time, event), ties="breslow")
    np.testing.assert_allclose(breslow.coef, r("gbsg_grade_hormon_breslow", "coef"), rtol=1e-8)
    data, fit, _ = fitted("rossi_full")
    errors = np.sqrt(np.diag(cox_diagnostics.robust_variance(data, fit)))
    np.testing.assert_allclose(errors, r("rossi_robust", "se"), rtol=1e-8)


def test_residuals_are_those_of_r():
    """R: residuals(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg100), type = "martingale", "deviance", "dfbeta")"""
    data, fit, _ = fitted("gbsg100_grade_hormon")
    found = cox_diagnostics.residuals(data, fit)
    for name in ("martingale", "deviance"):
        np.testing.assert_allclose(found[name], r("gbsg100_resid", name), rtol=1e-8, atol=1e-10)
    expected = EXPECTED.loc[[("gbsg100_resid", "dfbeta")]].set_index("term")["value"]
    for number, term in enumerate(["factor(grade)2", "factor(grade)3", "hormon"]):
        named = [f"{patient}|{term}" for patient in GBSG100["pid"]]
        np.testing.assert_allclose(found[f"dfbeta_{number}"], expected[named], rtol=1e-6, atol=1e-9)


def test_lifelines_agrees():
    _, fit, _ = fitted("gbsg_adj")
    frame = pd.DataFrame(CASES["gbsg_adj"][0]).assign(time=GBSG["time"], status=GBSG["status"])
    options = {"precision": 1e-12, "max_steps": 500, "r_precision": 1e-15}
    other = CoxPHFitter().fit(frame, "time", "status", fit_options=options)
    np.testing.assert_allclose(fit.coef, other.params_, rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.variance)), other.standard_errors_, rtol=1e-6)


def test_profile_limits_are_where_the_likelihood_falls_by_half_of_3_84():
    data, fit, _ = fitted("gbsg100_grade_hormon")
    limits = cox_core.profile_limits(data, fit)
    for number, ends in enumerate(limits):
        for end in ends:
            others = np.delete(CASES["gbsg100_grade_hormon"][0], number, axis=1)
            held = data.x[:, number] * end
            # the profile by brute force: the other coefficients by a coarse optimiser of its own
            assert 2 * (fit.loglik - _best_of_others(others[data.order], data, held)) == pytest.approx(
                3.841459, abs=1e-5
            )


def _best_of_others(x: np.ndarray, data, offset: np.ndarray) -> float:
    from scipy.optimize import minimize

    def loss(beta: np.ndarray) -> float:
        eta, total = x @ beta + offset, 0.0
        for time in np.unique(data.time[data.event]):
            died, at_risk = (data.time == time) & data.event, data.time >= time
            for k in range(died.sum()):
                total -= np.log(np.exp(eta[at_risk]).sum() - k / died.sum() * np.exp(eta[died]).sum())
            total += eta[died].sum()
        return -total

    return -minimize(loss, np.zeros(x.shape[1]), method="BFGS", options={"gtol": 1e-8}).fun


def test_replicates_are_fits_of_the_repeated_rows():
    x, time, event, _, _ = CASES["gbsg100_months_tied"]
    data, fit, _ = fitted("gbsg100_months_tied")
    counts = np.random.default_rng(3).multinomial(100, np.full(100, 0.01), size=30)
    coefficients, converged = cox_core.fit_replicates(data, counts, fit.coef)
    assert converged.sum() > 15
    for count, coef in zip(counts[converged], coefficients[converged], strict=True):
        alone = cox_core.fit(
            cox_core.prepare(np.repeat(x, count, axis=0), np.repeat(time, count), np.repeat(event, count))
        )
        np.testing.assert_allclose(coef, alone.coef, rtol=1e-8, atol=1e-10)


def test_the_order_of_rows_changes_nothing():
    x, time, event, strata, _ = CASES["gbsg_grade_strata_hormon"]
    order = np.random.default_rng(1).permutation(len(time))
    shuffled = cox_core.prepare(x[order], time.iloc[order], event.iloc[order], strata.to_numpy()[order])
    np.testing.assert_allclose(cox_core.fit(shuffled).coef, fitted("gbsg_grade_strata_hormon")[1].coef, rtol=1e-12)


@pytest.mark.parametrize(
    "columns",
    [
        np.column_stack([GBSG100["grade"] == 2, GBSG100["status"] == 0]),  # no event where the second is 1
        np.column_stack([GBSG100["hormon"], GBSG100["hormon"]]),  # twice the same
        np.column_stack([GBSG100["hormon"], np.ones(100)]),  # one that does not vary
    ],
    ids=["separated", "collinear", "constant"],
)
def test_where_there_is_no_maximum_the_fit_says_so(columns):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = cox_core.fit(cox_core.prepare(columns.astype(float), GBSG100["time"], GBSG100["status"]))
    assert not fit.is_converged
