"""What a Cox fit assumes and who moves it: test of proportional hazards as R's cox.zph, and residuals of each row."""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd
from scipy import stats

from sonimage.cox_core import CoxData, CoxFit


class AtTimes(NamedTuple):
    """Sums over the tied deaths k = 0..d-1 of each distinct time (Efron): deaths, 1/S0, mean/S0, means and variances.

    `late` sums weigh by 1 - k/d: they are what those who die at that time have at risk.
    """

    deaths: np.ndarray
    hazard: np.ndarray
    hazard_late: np.ndarray
    pull: np.ndarray
    pull_late: np.ndarray
    means: np.ndarray
    variances: np.ndarray


@numba.njit(cache=True, error_model="numpy")
def _at_times(beta, x, event, starts, stratum):
    n_groups, p = len(stratum), x.shape[1]
    deaths, hazard, late = np.zeros(n_groups), np.zeros(n_groups), np.zeros(n_groups)
    pull, pull_late, means = np.zeros((n_groups, p)), np.zeros((n_groups, p)), np.zeros((n_groups, p))
    variances = np.zeros((n_groups, p, p))
    s0, s1, s2 = 0.0, np.zeros(p), np.zeros((p, p))
    for g in range(n_groups - 1, -1, -1):
        if g == n_groups - 1 or stratum[g] != stratum[g + 1]:
            s0, s1, s2 = 0.0, np.zeros(p), np.zeros((p, p))
        d0, d1, d2 = 0.0, np.zeros(p), np.zeros((p, p))
        for i in range(starts[g], starts[g + 1]):
            risk = np.exp(np.dot(x[i], beta))
            outer = np.outer(x[i], x[i]) * risk
            s0 += risk
            s1 = s1 + risk * x[i]
            s2 = s2 + outer
            if event[i]:
                deaths[g] += 1
                d0 += risk
                d1 = d1 + risk * x[i]
                d2 = d2 + outer
        for k in range(int(deaths[g])):
            share = k / deaths[g]
            denominator = s0 - share * d0
            mean = (s1 - share * d1) / denominator
            hazard[g] += 1 / denominator
            late[g] += (1 - share) / denominator
            pull[g] += mean / denominator
            pull_late[g] += (1 - share) * mean / denominator
            means[g] += mean
            variances[g] += (s2 - share * d2) / denominator - np.outer(mean, mean)
    return deaths, hazard, late, pull, pull_late, means, variances


def at_times(data: CoxData, coef: np.ndarray) -> AtTimes:
    """Return the sums of every distinct time of every stratum."""
    return AtTimes(*_at_times(coef, data.x, data.event, data.starts, data.stratum))


def proportional_hazards(data: CoxData, fit: CoxFit, terms: list[str], *, transform: str = "km") -> pd.DataFrame:
    """Return the score test of proportional hazards per coefficient, per term and as a whole (R: cox.zph of survival 3).

    `terms`: the variable each column of x belongs to; `transform` of time: km, identity, rank or log. Columns: kind
    (coefficient, term, global), column (number of the coefficient or name of the term), statistic, degrees_of_freedom, p_value.
    """
    sums = at_times(data, fit.coef)
    happened = sums.deaths > 0
    g = _transformed(data, transform)[data.starts[:-1]][happened]
    deaths, variances = sums.deaths[happened], sums.variances[happened]
    g = g - np.average(g, weights=deaths)
    observed = np.zeros_like(sums.means)
    np.add.at(observed, data.group[data.event], data.x[data.event])
    score = (g[:, None] * (observed - sums.means)[happened]).sum(axis=0)
    plain, crossed, squared = (np.einsum("t,tij->ij", g**power, variances) for power in (0, 1, 2))
    information = squared - crossed @ np.linalg.solve(plain, crossed)

    def test(kind: str, name: object, columns: list[int]) -> dict:
        block = np.ix_(columns, columns)
        # other coefficients stay proportional: the block of those tested, given all of the model
        statistic = float(score[columns] @ np.linalg.solve(information[block], score[columns]))
        p_value = float(stats.chi2.sf(statistic, len(columns)))
        return {
            "kind": kind,
            "column": name,
            "statistic": statistic,
            "degrees_of_freedom": len(columns),
            "p_value": p_value,
        }

    every = range(data.x.shape[1])
    named = {term: [number for number in every if terms[number] == term] for term in dict.fromkeys(terms)}
    rows = [test("coefficient", number, [number]) for number in every]
    rows += [test("term", term, columns) for term, columns in named.items()]
    return pd.DataFrame([*rows, test("global", "all", list(every))])


def _transformed(data: CoxData, transform: str) -> np.ndarray:
    """The transformed time of each row; rank: among all times; km: 1 - Kaplan-Meier of all rows just before it."""
    if transform == "identity":
        return data.time
    if transform == "log":
        return np.log(np.maximum(data.time, np.finfo(float).tiny))
    if transform == "rank":
        return stats.rankdata(data.time)
    times, at = np.unique(data.time, return_inverse=True)
    happened = np.bincount(at, weights=data.event)
    at_risk = len(at) - np.append(0, np.cumsum(np.bincount(at)))[:-1]
    before = np.append(1.0, np.cumprod(1 - happened / at_risk))[:-1]
    return 1 - before[np.searchsorted(times, data.time)]


def residuals(data: CoxData, fit: CoxFit) -> pd.DataFrame:
    """Return martingale and deviance residuals, score residuals (score_0, ...) and dfbeta (dfbeta_0, ...) by row as it came.

    dfbeta: change of each coefficient were the row left out (score residual times variance; R: residuals type dfbeta).
    """
    sums = at_times(data, fit.coef)
    risk = np.exp(data.x @ fit.coef)
    hazard, pull = _before(sums.hazard, data.stratum), _before(sums.pull, data.stratum)
    own = np.where(data.event, sums.hazard_late[data.group], sums.hazard[data.group])
    own_pull = np.where(data.event[:, None], sums.pull_late[data.group], sums.pull[data.group])
    total = hazard[data.group] + own
    martingale = data.event - risk * total
    mean = sums.means[data.group] / np.maximum(sums.deaths, 1)[data.group][:, None]
    score = data.event[:, None] * (data.x - mean)
    score = score - risk[:, None] * (data.x * total[:, None] - pull[data.group] - own_pull)
    logged = np.where(data.event, np.log(np.where(data.event, data.event - martingale, 1)), 0)
    deviance = np.sign(martingale) * np.sqrt(-2 * (martingale + data.event * logged))
    columns = {"martingale": martingale, "deviance": deviance}
    columns |= {f"score_{j}": score[:, j] for j in range(score.shape[1])}
    columns |= {f"dfbeta_{j}": (score @ fit.variance)[:, j] for j in range(score.shape[1])}
    return pd.DataFrame(columns).set_axis(data.order).sort_index()


def robust_variance(data: CoxData, fit: CoxFit, cluster: np.ndarray | None = None) -> np.ndarray:
    """Sandwich variance of the coefficients; rows of one cluster are summed (R: coxph robust = TRUE, cluster)."""
    found = residuals(data, fit)
    dfbeta = found[[name for name in found if name.startswith("dfbeta")]]
    if cluster is not None:
        dfbeta = dfbeta.groupby(np.asarray(cluster)).sum()
    return dfbeta.to_numpy().T @ dfbeta.to_numpy()


def _before(values: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Running sum over the earlier times of the same stratum."""
    frame = pd.DataFrame(values)
    return (frame.groupby(stratum).cumsum() - frame).to_numpy().reshape(values.shape)
