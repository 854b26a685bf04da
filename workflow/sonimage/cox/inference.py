"""What is said about coefficients of a Cox model: profile limits, tests of several at once, Harrell's C."""

from typing import NamedTuple

import numpy as np
from scipy import special

from sonimage.cox.partial_likelihood import TIGHT, CoxData, CoxFit, fit_cox, invert, rows_of
from sonimage.cox.risk_sets import SAME_PREDICTION, count_pairs, newton, risk_set_pass

MOST_SECANTS, FARTHEST = 40, 60  # steps; standard errors from the estimate at which a limit counts as infinite


class Test(NamedTuple):
    """A chi-squared test."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def profile_limits(data: CoxData, fit: CoxFit, *, confidence: float = 0.95) -> np.ndarray:
    """Limits (p, 2) of each coefficient at which twice the profile log likelihood has fallen by the chi-squared quantile.

    Secant steps on the signed root of the fall, which is nearly a line (Venzon and Moolgavkar, Appl Stat 1988;37:87).
    NaN where the likelihood does not fall that far.
    """
    aim = np.sqrt(2 * special.gammaincinv(0.5, confidence))
    columns = range(len(fit.coef)) if fit.is_converged else []
    limits = [[_profile_limit(data, fit, j, side, aim) for side in (-1, 1)] for j in columns]
    return np.array(limits).reshape(-1, 2) if limits else np.full((len(fit.coef), 2), np.nan)


def _profile_limit(data: CoxData, fit: CoxFit, column: int, side: int, aim: float) -> float:
    start, free = fit.coef.copy(), np.arange(len(fit.coef)) != column
    unit, settings = side * fit.se[column], (fit.ties == "efron", False, TIGHT)
    distance, root, before, root_before = aim, 0.0, 0.0, 0.0
    for _ in range(MOST_SECANTS):
        start[column] = fit.coef[column] + distance * unit
        start, loglik, _, is_converged = newton(start, free, *rows_of(data), *settings)
        root = np.sqrt(max(2 * (fit.loglik - loglik), 0.0))
        if not is_converged or root == root_before:
            return np.nan
        if abs(root - aim) < 1e-10:
            return start[column]
        slope = (root - root_before) / (distance - before)
        before, root_before = distance, root
        distance = min(distance + (aim - root) / slope, 3 * distance)
        if not 0 < distance < FARTHEST:
            return np.nan
    return np.nan


def restricted_fit(data: CoxData, fit: CoxFit, dropped: list[int]) -> CoxFit:
    """The same model with the coefficients of some columns held at 0."""
    return fit_cox(data, ties=fit.ties, fixed=dict.fromkeys(dropped, 0.0))


def likelihood_ratio_test(fit: CoxFit, restricted: CoxFit, n_dropped: int) -> Test:
    """R: anova(restricted, fit)."""
    return _test(2 * (fit.loglik - restricted.loglik), n_dropped)


def wald_test(fit: CoxFit, columns: list[int]) -> Test:
    """That the coefficients of the columns are 0. R: summary(fit)$waldtest for all."""
    beta = fit.coef[columns]
    return _test(beta @ np.linalg.solve(fit.covariance[np.ix_(columns, columns)], beta), len(columns))


def score_test(data: CoxData, restricted: CoxFit, n_dropped: int) -> Test:
    """Rao's test from the model without the columns. R: summary(fit)$sctest for all."""
    _, score, information = risk_set_pass(restricted.coef, *rows_of(data), restricted.ties == "efron", False)
    return _test(score @ invert(information) @ score, n_dropped)


def _test(statistic: float, degrees_of_freedom: int) -> Test:
    return Test(float(statistic), degrees_of_freedom, float(chi_squared_tail(statistic, degrees_of_freedom)))


def chi_squared_tail(statistic: np.ndarray, degrees_of_freedom: int) -> np.ndarray:
    """Probability of a larger chi-squared value; 1 below 0, where rounding can lead."""
    return special.chdtrc(degrees_of_freedom, np.maximum(statistic, 0))


def harrell_c(data: CoxData, coef: np.ndarray) -> float:
    """Harrell's C of a linear predictor, pairs within strata; NaN without a pair. R: concordance(fit)."""
    prediction = np.round(data.x @ coef, SAME_PREDICTION)
    concordant, comparable = count_pairs(prediction, data.time, data.event, data.weight, data.stratum)
    return concordant / comparable if comparable else np.nan
