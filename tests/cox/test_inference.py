"""Tests, limits and concordance of Cox models against R's survival."""

import numpy as np
import pytest
from r_models import fitted
from r_values import EXPECTED, values
from scipy import stats
from sonimage.cox import inference, partial_likelihood


@pytest.mark.parametrize("name, columns", [("lrt_grade", [0, 1]), ("lrt_inter", [3, 4])])
@pytest.mark.parametrize("frame", ["gbsg", "gbsg100"])
def test_likelihood_ratio_tests_are_those_of_r(frame, name, columns):
    """R: anova(coxph(Surv(time, status) ~ hormon), coxph(~ factor(grade) + hormon)); anova(that, coxph(~ factor(grade) * hormon))"""
    data, fit = fitted(f"{frame}_grade_{'hormon' if name == 'lrt_grade' else 'x_hormon'}")
    restricted = inference.restricted_fit(data, fit, columns)
    test = inference.likelihood_ratio_test(fit, restricted, len(columns))
    assert test.statistic == pytest.approx(EXPECTED[f"{frame}_{name}", "anova", "chi2"], rel=1e-8)
    assert test.p_value == pytest.approx(EXPECTED[f"{frame}_{name}", "anova", "p"], rel=1e-8)


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
