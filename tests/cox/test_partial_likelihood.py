"""Our Cox core against R's survival, case by case."""

import numpy as np
import pytest
from lifelines import CoxPHFitter
from r_models import CASES, fitted
from r_values import EXPECTED, load, values
from scipy import stats
from sonimage.cox import inference, partial_likelihood


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


@pytest.mark.parametrize("name", ["gbsg_grade_hormon", "gbsg100_grade_hormon", "gbsg_adj", "gbsg_grade_strata_hormon"])
def test_lifelines_agrees(name):
    case, (_, fit) = CASES[name], fitted(name)
    frame = load(case.frame)[[*case.columns, "time", "status", *([case.strata] if case.strata else [])]].astype(float)
    options = {"precision": 1e-12, "max_steps": 500, "r_precision": 1e-15}
    peer = CoxPHFitter().fit(frame, "time", "status", strata=case.strata, fit_options=options)
    np.testing.assert_allclose(fit.coef, peer.params_, rtol=1e-6)
    np.testing.assert_allclose(fit.se, peer.standard_errors_, rtol=1e-6)


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
