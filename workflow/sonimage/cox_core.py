"""Cox's partial likelihood, exact to the last digits: Efron and Breslow ties, strata, frequency weights, replicates.

One pass over the distinct times of each stratum gives all that a fit, its diagnostics and its residuals need. lifelines
stops early by default and has neither R's test of proportional hazards nor replicates in a batch (see docs/decisions.md).
"""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd
from scipy import optimize, stats

MOST_STEPS, HALVINGS = 50, 30
TOLERANCE = 1e-13  # of the log likelihood, relative
SINGULAR = 1e10  # condition of the information beyond this: columns that say the same
SEPARATED = 10  # |coefficient| x standard deviation beyond this has run away


class CoxData(NamedTuple):
    """Rows sorted by stratum and time: covariates (n, p), event marks, first row of each group of equal times, strata.

    `order` leads back to the rows as they came. A group is a distinct time within a stratum; `group` is that of each row.
    """

    x: np.ndarray
    time: np.ndarray
    event: np.ndarray
    starts: np.ndarray
    stratum: np.ndarray
    group: np.ndarray
    order: np.ndarray


class CoxFit(NamedTuple):
    """Coefficients, their variance, log likelihood at 0 and at the maximum, score statistic at 0, and whether it converged."""

    coef: np.ndarray
    variance: np.ndarray
    loglik_null: float
    loglik: float
    score: float
    is_converged: bool


def prepare(x: np.ndarray, time: np.ndarray, event: np.ndarray, strata: np.ndarray | None = None) -> CoxData:
    """Sort rows by stratum and time. `x`: (n, p) covariates; `time`, `event`, `strata`: n values."""
    number = np.zeros(len(time), dtype=np.int64) if strata is None else pd.factorize(strata, sort=True)[0]
    order = np.lexsort([time, number])
    time, number = np.asarray(time, dtype=float)[order], number[order]
    new = np.append(True, (np.diff(time) != 0) | (np.diff(number) != 0)) if len(time) else np.zeros(0, dtype=bool)
    starts = np.append(np.flatnonzero(new), len(time))
    return CoxData(
        np.ascontiguousarray(np.asarray(x, dtype=float)[order]),
        time,
        np.asarray(event, dtype=bool)[order],
        starts,
        number[starts[:-1]] if len(time) else number,
        np.cumsum(new) - 1,
        order,
    )


@numba.njit(cache=True, error_model="numpy")
def _accumulate(beta, x, event, weight, starts, stratum, efron, offset):
    """Log likelihood, score vector and information: one pass from the last time of each stratum to its first.

    `weight`: how often each row stands in the sample; Efron's correction is that of the sample with the rows repeated.
    `offset`: what is added to the linear predictor of each row.
    """
    p = x.shape[1]
    loglik = 0.0
    score, information = np.zeros(p), np.zeros((p, p))
    s0, s1, s2 = 0.0, np.zeros(p), np.zeros((p, p))
    d1, d2, mean = np.zeros(p), np.zeros((p, p)), np.zeros(p)
    for g in range(len(stratum) - 1, -1, -1):
        if g == len(stratum) - 1 or stratum[g] != stratum[g + 1]:
            s0 = 0.0
            s1[:] = 0.0
            s2[:] = 0.0
        deaths, d0 = 0.0, 0.0
        d1[:] = 0.0
        d2[:] = 0.0
        for i in range(starts[g], starts[g + 1]):
            if weight[i] == 0:
                continue
            eta = offset[i]
            for j in range(p):
                eta += x[i, j] * beta[j]
            risk = weight[i] * np.exp(eta)
            s0 += risk
            for j in range(p):
                s1[j] += risk * x[i, j]
                for k in range(j + 1):
                    s2[j, k] += risk * x[i, j] * x[i, k]
            if event[i]:
                deaths += weight[i]
                loglik += weight[i] * eta
                d0 += risk
                for j in range(p):
                    score[j] += weight[i] * x[i, j]
                    d1[j] += risk * x[i, j]
                    for k in range(j + 1):
                        d2[j, k] += risk * x[i, j] * x[i, k]
        for r in range(int(deaths)):
            share = r / deaths if efron else 0.0
            denominator = s0 - share * d0
            loglik -= np.log(denominator)
            for j in range(p):
                mean[j] = (s1[j] - share * d1[j]) / denominator
                score[j] -= mean[j]
                for k in range(j + 1):
                    information[j, k] += (s2[j, k] - share * d2[j, k]) / denominator - mean[j] * mean[k]
    for j in range(p):
        for k in range(j):
            information[k, j] = information[j, k]
    return loglik, score, information


@numba.njit(cache=True, error_model="numpy")
def _newton(start, x, event, weight, starts, stratum, efron, offset, spread):
    """Maximise from `start`, halving a step that does not improve. Returns coefficients, log likelihood, convergence.

    `spread`: standard deviation of each covariate; a coefficient that runs away in its units stops the search.
    """
    beta = start.copy()
    loglik, score, information = _accumulate(beta, x, event, weight, starts, stratum, efron, offset)
    for _ in range(MOST_STEPS):
        if np.abs(np.linalg.det(information)) < 1e-300:
            return beta, loglik, False
        step = np.linalg.solve(information, score)
        factor = 1.0
        better = loglik - 1.0
        for _ in range(HALVINGS):
            trial = beta + factor * step
            better, new_score, new_information = _accumulate(trial, x, event, weight, starts, stratum, efron, offset)
            if better >= loglik - TOLERANCE * np.abs(loglik):
                break
            factor *= 0.5
        gain = better - loglik
        beta, loglik, score, information = trial, better, new_score, new_information
        if np.abs(gain) <= TOLERANCE * np.abs(loglik) and np.max(np.abs(factor * step)) < 1e-9:
            return beta, loglik, True
        if not np.isfinite(loglik) or np.max(np.abs(beta) * spread) > SEPARATED:
            return beta, loglik, False
    return beta, loglik, False


def fit(data: CoxData, *, ties: str = "efron") -> CoxFit:
    """Fit by maximum partial likelihood. Variance is the inverse information; NaN where it is singular."""
    p = data.x.shape[1]
    rows = _rows(data, data.x, ties == "efron", np.zeros(len(data.time)))
    null, score, information = _accumulate(np.zeros(p), *rows)
    beta, loglik, is_converged = _newton(np.zeros(p), *rows, data.x.std(axis=0))
    _, _, at_maximum = _accumulate(beta, *rows)
    scale = np.sqrt(np.diag(at_maximum))
    correlation = at_maximum / np.outer(scale, scale) if (scale > 0).all() else np.full((p, p), np.nan)
    if not np.isfinite(correlation).all() or np.linalg.cond(correlation) > SINGULAR:
        return CoxFit(beta, np.full((p, p), np.nan), null, loglik, np.nan, False)
    statistic = float(score @ np.linalg.solve(information, score))
    return CoxFit(beta, np.linalg.inv(at_maximum), null, loglik, statistic, bool(is_converged))


def _rows(data: CoxData, x: np.ndarray, efron: bool, offset: np.ndarray) -> tuple:
    return x, data.event, np.ones(len(data.time)), data.starts, data.stratum, efron, offset


def profile_limits(data: CoxData, fitted: CoxFit, *, level: float = 0.95) -> np.ndarray:
    """Profile-likelihood limits (p, 2) of each coefficient: where twice the log likelihood falls by the chi-squared quantile.

    NaN where the likelihood has no such point (Venzon and Moolgavkar, Appl Stat 1988;37:87).
    """
    drop = stats.chi2.ppf(level, 1) / 2
    errors = np.sqrt(np.diag(fitted.variance))
    limits = np.full((len(errors), 2), np.nan)
    for j, (center, error) in enumerate(zip(fitted.coef, errors, strict=True)):

        def excess(value: float, j: int = j) -> float:
            return fitted.loglik - _profile(data, j, value) - drop

        for side, sign in enumerate((-1, 1)):
            far = next((k for k in (2, 3, 5, 8, 13, 21) if excess(center + sign * k * error) > 0), None)
            if far is not None:
                ends = sorted((center + sign * 0.1 * error, center + sign * far * error))
                limits[j, side] = optimize.brentq(excess, *ends, xtol=1e-12, rtol=1e-14)
    return limits


def _profile(data: CoxData, j: int, value: float) -> float:
    """Log likelihood at the maximum over the other coefficients, coefficient j being held at a value."""
    others = np.ascontiguousarray(np.delete(data.x, j, axis=1))
    rows = _rows(data, others, True, data.x[:, j] * value)
    if not others.shape[1]:
        return _accumulate(np.zeros(0), *rows)[0]
    return _newton(np.zeros(others.shape[1]), *rows, others.std(axis=0))[1]


@numba.njit(cache=True, error_model="numpy")
def _replicates(counts, start, x, event, starts, stratum, offset, spread):
    coefficients = np.full((counts.shape[0], x.shape[1]), np.nan)
    converged = np.zeros(counts.shape[0], dtype=np.bool_)
    for b in range(counts.shape[0]):
        beta, _, is_converged = _newton(start, x, event, counts[b], starts, stratum, True, offset, spread)
        converged[b] = is_converged
        if is_converged:
            coefficients[b] = beta
    return coefficients, converged


def fit_replicates(data: CoxData, counts: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (B, p) of B samples in which row i of `data` stands counts[b, i] times, and whether each converged.

    Efron ties, exactly as if the rows were repeated. `counts` go by the rows as they came to `prepare`.
    """
    rows = (data.x, data.event, data.starts, data.stratum, np.zeros(len(data.time)), data.x.std(axis=0))
    return _replicates(counts[:, data.order].astype(float), start, *rows)
