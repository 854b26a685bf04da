"""Cox fits to many versions of one sample at once: bootstrap, permutation of a marker, each patient left out.

What is drawn comes from numpy's Generator before any fit.
"""

from typing import NamedTuple

import numpy as np

from sonimage.cox.partial_likelihood import CoxData, CoxFit, rows_of
from sonimage.cox.risk_sets import fit_samples, judge_models, score_orders


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


def fit_replicates(data: CoxData, fit: CoxFit, counts: np.ndarray) -> Replicates:
    """Fit every row of `counts` (B, n; rows of the sample in the order given to `prepare`), starting at the whole sample's fit.

    A row counted k times stands k times in the sample, tied with itself. R: coxph(..., data[rep(1:n, counts), ]).
    """
    counts = np.ascontiguousarray(counts[:, data.order], dtype=float)
    x, time, event, entry, _, bounds, leaving = rows_of(data)
    return Replicates(*fit_samples(counts, fit.coef, x, time, event, entry, bounds, leaving, fit.ties == "efron"))


def permute_marker(data: CoxData, restricted: CoxFit, columns: list[int], orders: np.ndarray) -> np.ndarray:
    """Score statistics (B,) of the marker's columns, dealt anew to the patients; no fit is needed.

    `restricted`: the model without the marker. Allocation, times and events stay together.
    """
    return score_orders(orders, np.asarray(columns), restricted.coef, *rows_of(data), restricted.ties == "efron")


def permutation_p_value(observed: float, permuted: np.ndarray) -> float:
    """Share of permutations at least as extreme, the observed one among them (Phipson and Smyth 2010)."""
    valid = permuted[np.isfinite(permuted)]
    return float((1 + np.sum(valid >= observed * (1 - 1e-12))) / (1 + len(valid)))


def performance(data: CoxData, fit: CoxFit, replicates: Replicates, counts: np.ndarray) -> np.ndarray:
    """Of each replicate's model, (B, 3): Harrell's C in its own sample, in the original one, and its calibration slope there.

    Harrell, Stat Med 1996;15:361: the mean difference of the first two is the optimism of the C of the original model.
    """
    own = np.ascontiguousarray(counts[:, data.order], dtype=float)
    return judge_models(replicates.coef, own, *rows_of(data), data.stratum, fit.ties == "efron")
