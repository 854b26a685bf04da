"""Cox's partial likelihood as R's survival has it: Efron and Breslow ties, strata, entry times, case and frequency weights.

One pass over the risk sets gives log likelihood, score and information (Therneau and Grambsch, Modeling Survival Data, 2000,
section 3.3); Newton steps with halving find the maximum. Rows live in numpy arrays sorted once by `prepare`.
"""

from typing import NamedTuple

import numba
import numpy as np

MOST_STEPS, MOST_HALVINGS = 60, 30
TIGHT = 1e-20  # Newton decrement (twice the log likelihood still to gain) at which a fit stops
LOOSE = 1e-12  # the same for replicates: the last step leaves an error of its order, not of its root
SINGULAR = 1e-12  # a pivot below this share of its diagonal: no variation left in the column


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


@numba.njit(cache=True)
def risk_set_pass(beta, x, time, event, entry, weight, bounds, leaving, efron, is_count):
    """Log likelihood, score (p,) and lower triangle of the information (p, p) at `beta`, risk sets from the last time back.

    Case weights follow R: the tied events of a time share their mean weight. With `is_count` weights count copies of a row,
    and Efron's correction is exactly that of the sample written out (a bootstrap sample).
    """
    p = x.shape[1]
    loglik, score, information = 0.0, np.zeros(p), np.zeros((p, p))
    s1, d1, mean = np.zeros(p), np.zeros(p), np.zeros(p)
    s2, d2 = np.zeros((p, p)), np.zeros((p, p))
    risk = np.zeros(len(time))
    for stratum in range(len(bounds) - 1):
        s0 = 0.0
        s1[:] = 0.0
        s2[:, :] = 0.0
        low, high = bounds[stratum], bounds[stratum + 1]
        gone, i = low, low
        while i < high:
            now, deaths, d0, total = time[i], 0.0, 0.0, 0.0
            while i < high and time[i] == now:
                if weight[i] != 0.0:
                    eta = 0.0
                    for j in range(p):
                        eta += x[i, j] * beta[j]
                    risk[i] = weight[i] * np.exp(eta)
                    s0 += risk[i]
                    for j in range(p):
                        first = risk[i] * x[i, j]
                        s1[j] += first
                        for k in range(j + 1):
                            s2[j, k] += first * x[i, k]
                    if event[i]:
                        if deaths == 0.0:
                            d1[:] = 0.0
                            d2[:, :] = 0.0
                        deaths += weight[i] if is_count else 1.0
                        total += weight[i]
                        loglik += weight[i] * eta
                        d0 += risk[i]
                        for j in range(p):
                            first = risk[i] * x[i, j]
                            score[j] += weight[i] * x[i, j]
                            d1[j] += first
                            for k in range(j + 1):
                                d2[j, k] += first * x[i, k]
                i += 1
            if deaths == 0.0:
                continue
            while gone < high and entry[leaving[gone]] >= now:
                row = leaving[gone]
                s0 -= risk[row]
                for j in range(p):
                    first = risk[row] * x[row, j]
                    s1[j] -= first
                    for k in range(j + 1):
                        s2[j, k] -= first * x[row, k]
                gone += 1
            steps = int(deaths) if efron else 1
            each = total / steps
            for step in range(steps):
                share = step / steps
                inverse = 1.0 / (s0 - share * d0)
                loglik += each * np.log(inverse)
                for j in range(p):
                    mean[j] = (s1[j] - share * d1[j]) * inverse
                    score[j] -= each * mean[j]
                    for k in range(j + 1):
                        information[j, k] += each * ((s2[j, k] - share * d2[j, k]) * inverse - mean[j] * mean[k])
    return loglik, score, information


@numba.njit(cache=True)
def solve_lower(information, vector):
    """Solution of a symmetric system given by its lower triangle (Cholesky), and whether it is positive definite."""
    p = len(vector)
    root, answer = np.zeros((p, p)), vector.copy()
    for j in range(p):
        for k in range(j + 1):
            rest = information[j, k]
            for m in range(k):
                rest -= root[j, m] * root[k, m]
            if j > k:
                root[j, k] = rest / root[k, k]
            elif not rest > SINGULAR * information[j, j]:
                return answer, False
            else:
                root[j, j] = np.sqrt(rest)
    for j in range(p):
        for m in range(j):
            answer[j] -= root[j, m] * answer[m]
        answer[j] /= root[j, j]
    for j in range(p - 1, -1, -1):
        for m in range(j + 1, p):
            answer[j] -= root[m, j] * answer[m]
        answer[j] /= root[j, j]
    return answer, True


@numba.njit(cache=True)
def newton(start, free, x, time, event, entry, weight, bounds, leaving, efron, is_count, tolerance):
    """Maximise over the coefficients marked `free`, the others staying at `start`, halving a step that loses likelihood.

    Returns coefficients, log likelihood, lower triangle of the information, and whether the maximum was reached.
    """
    beta, kept = start.copy(), np.flatnonzero(free)
    loglik, score, information = risk_set_pass(beta, x, time, event, entry, weight, bounds, leaving, efron, is_count)
    for _ in range(MOST_STEPS):
        step, is_definite = solve_lower(information[kept][:, kept], score[kept])
        if not is_definite:
            return beta, loglik, information, False
        decrement, factor = np.sum(step * score[kept]), 1.0
        trial, value = beta.copy(), loglik
        for _ in range(MOST_HALVINGS):
            trial[kept] = beta[kept] + factor * step
            value, score, information = risk_set_pass(
                trial, x, time, event, entry, weight, bounds, leaving, efron, is_count
            )
            if value >= loglik - 1e-11 * np.abs(loglik):
                break
            factor *= 0.5
        beta, loglik = trial, value
        if not np.isfinite(loglik):
            return beta, loglik, information, False
        if decrement <= tolerance and factor == 1.0:
            return beta, loglik, information, True
    return beta, loglik, information, False


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
