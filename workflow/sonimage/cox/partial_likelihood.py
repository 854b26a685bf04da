"""Cox's partial likelihood as R's survival has it: Efron and Breslow ties, strata, entry times, case and frequency weights.

Rows live in numpy arrays sorted once by `prepare`; what loops over them is machine code (`risk_sets`).
"""

from typing import NamedTuple

import numpy as np

from sonimage.cox.risk_sets import newton, risk_set_pass, solve_lower

TIGHT = 1e-20  # Newton decrement (twice the log likelihood still to gain) at which a fit stops


class CoxData(NamedTuple):
    """Rows sorted by stratum, then latest time first; `order` leads back to the rows as they came."""

    x: np.ndarray  # (n, p) covariates, centred at their means
    time: np.ndarray
    event: np.ndarray
    entry: np.ndarray  # a row is at risk at t when entry < t <= time
    weight: np.ndarray  # case weights
    stratum: np.ndarray  # 0, 1, ...
    bounds: np.ndarray  # first row of each stratum, and n
    leaving: np.ndarray  # rows by stratum, then latest entry first
    order: np.ndarray
    centre: np.ndarray  # (p,)


class CoxFit(NamedTuple):
    """Maximum partial likelihood; `covariance` is the inverse information, NaN where there is no maximum."""

    coef: np.ndarray
    covariance: np.ndarray
    loglik_null: float
    loglik: float
    score_statistic: float  # Rao's test that all coefficients are 0
    is_converged: bool
    ties: str

    @property
    def se(self) -> np.ndarray:
        """Standard errors, (p,)."""
        return np.sqrt(np.diag(self.covariance))


def prepare(x, time, event, *, entry=None, strata=None, weight=None) -> CoxData:
    """Sort rows. `x`: (n, p); `time`, `event`, and if given `entry`, `strata` (any labels), `weight`: (n,).

    Raises ValueError where lengths differ, a number is missing, or a row leaves before it enters.
    """
    x, time = np.asarray(x, dtype=float), np.asarray(time, dtype=float)
    n = len(time)
    entry = np.full(n, -np.inf) if entry is None else np.asarray(entry, dtype=float)
    weight = np.ones(n) if weight is None else np.asarray(weight, dtype=float)
    stratum = np.zeros(n, dtype=np.int64) if strata is None else np.unique(strata, return_inverse=True)[1]
    if x.ndim != 2 or {len(x), len(event), len(entry), len(weight), len(stratum)} != {n}:
        raise ValueError("covariates must be n x p and all columns of one length")
    if not (np.isfinite(x).all() and np.isfinite(time).all() and (entry < time).all() and (weight >= 0).all()):
        raise ValueError("missing values, a negative weight, or a row that leaves before it enters")
    order = np.lexsort([-time, stratum])
    centre = x.mean(axis=0) if n else np.zeros(x.shape[1])
    bounds = np.append(0, np.cumsum(np.bincount(stratum))) if n else np.zeros(1, dtype=np.int64)
    return CoxData(
        x=np.ascontiguousarray((x - centre)[order]),
        time=time[order],
        event=np.asarray(event, dtype=bool)[order],
        entry=entry[order],
        weight=weight[order],
        stratum=stratum[order],
        bounds=bounds.astype(np.int64),
        leaving=np.lexsort([-entry[order], stratum[order]]),
        order=order,
        centre=centre,
    )


def rows_of(data: CoxData) -> tuple:
    """The arrays that the compiled functions take, in their order."""
    return data.x, data.time, data.event, data.entry, data.weight, data.bounds, data.leaving


def fit_cox(data: CoxData, *, ties: str = "efron", fixed: dict[int, float] | None = None) -> CoxFit:
    """Fit by maximum partial likelihood. `ties`: efron or breslow; `fixed`: columns held at a value (profile likelihood).

    R: coxph(Surv(time, event) ~ x, ties = ties, control = coxph.control(eps = 1e-13)).
    """
    p = data.x.shape[1]
    start, free = np.zeros(p), np.ones(p, dtype=bool)
    for column, value in (fixed or {}).items():
        start[column], free[column] = value, False
    settings = (ties == "efron", False)
    null, score, information = risk_set_pass(np.zeros(p), *rows_of(data), *settings)
    direction, is_definite = solve_lower(information, score)
    beta, loglik, information, is_converged = newton(start, free, *rows_of(data), *settings, TIGHT)
    covariance = invert(information) if is_converged else np.full((p, p), np.nan)
    statistic = float(score @ direction) if is_definite else np.nan
    return CoxFit(beta, covariance, float(null), float(loglik), statistic, bool(is_converged), ties)


def invert(lower: np.ndarray) -> np.ndarray:
    """Inverse of a symmetric matrix given by its lower triangle; NaN where it is singular."""
    columns = [solve_lower(lower, unit) for unit in np.eye(len(lower))]
    if not all(is_definite for _, is_definite in columns):
        return np.full(lower.shape, np.nan)
    return np.array([column for column, _ in columns]).reshape(lower.shape)
