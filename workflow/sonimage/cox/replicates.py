"""Cox fits to many versions of one sample at once: bootstrap, permutation of a marker, each patient left out.

What is drawn comes from numpy's Generator before any fit, and replicates do not touch each other: results do not depend on
the number of threads.
"""

from typing import NamedTuple

import numba
import numpy as np

from sonimage.cox.inference import SAME_PREDICTION, count_pairs
from sonimage.cox.partial_likelihood import LOOSE, CoxData, CoxFit, newton, risk_set_pass, rows_of, solve_lower


class Replicates(NamedTuple):
    """Coefficients (B, p) of the replicates and whether each reached its maximum; NaN where not."""

    coef: np.ndarray
    is_converged: np.ndarray


def draw_bootstrap(n: int, n_replicates: int, seed: int) -> np.ndarray:
    """How often each of n rows stands in each replicate, (B, n)."""
    drawn = np.random.default_rng(seed).integers(0, n, size=(n_replicates, n))
    cells = drawn + np.arange(n_replicates)[:, None] * n
    return np.bincount(cells.ravel(), minlength=n_replicates * n).reshape(n_replicates, n)


def draw_permutations(n: int, n_replicates: int, seed: int) -> np.ndarray:
    """Orders of n rows, (B, n)."""
    return np.random.default_rng(seed).permuted(np.tile(np.arange(n), (n_replicates, 1)), axis=1)


def leave_one_out(n: int) -> np.ndarray:
    """Counts (n, n) of the n samples that lack one row."""
    return 1 - np.eye(n, dtype=np.int64)


@numba.njit(cache=True, parallel=True)
def _fit_all(counts, start, x, time, event, entry, bounds, leaving, efron, tolerance):
    n_replicates, p = len(counts), x.shape[1]
    coef, is_converged = np.full((n_replicates, p), np.nan), np.zeros(n_replicates, dtype=np.bool_)
    free = np.ones(p, dtype=np.bool_)
    for b in numba.prange(n_replicates):
        beta, _, _, is_maximum = newton(
            start, free, x, time, event, entry, counts[b], bounds, leaving, efron, True, tolerance
        )
        is_converged[b] = is_maximum
        if is_maximum:
            coef[b] = beta
    return coef, is_converged


def fit_replicates(data: CoxData, fit: CoxFit, counts: np.ndarray) -> Replicates:
    """Fit every row of `counts` (B, n; rows of the sample in the order given to `prepare`), starting at the whole sample's fit.

    A row counted k times stands k times in the sample, tied with itself. R: coxph(..., data[rep(1:n, counts), ]).
    """
    counts = np.ascontiguousarray(counts[:, data.order], dtype=float)
    x, time, event, entry, _, bounds, leaving = rows_of(data)
    return Replicates(*_fit_all(counts, fit.coef, x, time, event, entry, bounds, leaving, fit.ties == "efron", LOOSE))


@numba.njit(cache=True, parallel=True)
def _score_all(orders, columns, beta, x, time, event, entry, weight, bounds, leaving, efron):
    statistics = np.full(len(orders), np.nan)
    for b in numba.prange(len(orders)):
        permuted = x.copy()
        for j in columns:
            permuted[:, j] = x[orders[b], j]
        _, score, information = risk_set_pass(beta, permuted, time, event, entry, weight, bounds, leaving, efron, False)
        direction, is_definite = solve_lower(information, score)
        if is_definite:
            statistics[b] = np.sum(score * direction)
    return statistics


def permute_marker(data: CoxData, restricted: CoxFit, columns: list[int], orders: np.ndarray) -> np.ndarray:
    """Score statistics (B,) of the marker's columns, dealt anew to the patients; no fit is needed.

    `restricted`: the model without the marker. Allocation, times and events stay together.
    """
    rows, efron = rows_of(data), restricted.ties == "efron"
    return _score_all(orders, np.asarray(columns), restricted.coef, *rows, efron)


def permutation_p_value(observed: float, permuted: np.ndarray) -> float:
    """Share of permutations at least as extreme, the observed one among them (Phipson and Smyth 2010)."""
    valid = permuted[np.isfinite(permuted)]
    return float((1 + np.sum(valid >= observed * (1 - 1e-12))) / (1 + len(valid)))


@numba.njit(cache=True, parallel=True)
def _performance(coef, counts, x, time, event, entry, weight, stratum, bounds, leaving, efron, decimals):
    answers = np.full((len(coef), 3), np.nan)
    free, one = np.ones(1, dtype=np.bool_), np.ones(1)
    for b in numba.prange(len(coef)):
        if np.isnan(coef[b]).any():
            continue
        prediction = np.round((x * coef[b]).sum(axis=1), decimals)
        inside, of_inside = count_pairs(prediction, time, event, counts[b], stratum)
        outside, of_outside = count_pairs(prediction, time, event, weight, stratum)
        slope, _, _, is_maximum = newton(
            one, free, prediction.reshape(-1, 1), time, event, entry, weight, bounds, leaving, efron, False, 1e-12
        )
        if of_inside > 0 and of_outside > 0:
            answers[b, 0], answers[b, 1] = inside / of_inside, outside / of_outside
        if is_maximum:
            answers[b, 2] = slope[0]
    return answers


def performance(data: CoxData, fit: CoxFit, replicates: Replicates, counts: np.ndarray) -> np.ndarray:
    """Of each replicate's model, (B, 3): Harrell's C in its own sample, in the original one, and its calibration slope there.

    Harrell, Stat Med 1996;15:361: the mean difference of the first two is the optimism of the C of the original model.
    """
    x, time, event, entry, weight, bounds, leaving = rows_of(data)
    own = np.ascontiguousarray(counts[:, data.order], dtype=float)
    ties = fit.ties == "efron"
    return _performance(
        replicates.coef, own, x, time, event, entry, weight, data.stratum, bounds, leaving, ties, SAME_PREDICTION
    )
