"""Residuals of a Cox model, sandwich variance and baseline hazard, with Efron's or Breslow's ties as R's survival has them.

Therneau and Grambsch, Modeling Survival Data, 2000, chapter 4. All return one row per patient in the order given to
`partial_likelihood.prepare` (Schoenfeld residuals: one row per event, by stratum and time).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sonimage.cox.partial_likelihood import CoxData, CoxFit


class HazardSteps(NamedTuple):
    """One row per step of the hazard: d steps at a time with d tied events under Efron, one under Breslow."""

    key: np.ndarray  # stratum and time as one number that sorts
    time: np.ndarray
    hazard: np.ndarray  # increase of the cumulative baseline hazard
    share: np.ndarray  # of the tied events' risk that is left out
    mean: np.ndarray  # (m, p) risk-weighted mean of the covariates
    variance: np.ndarray  # (m, p, p) and their covariance matrix
    weight: np.ndarray  # of events in the step


def hazard_steps(data: CoxData, fit: CoxFit) -> HazardSteps:
    """Risk-set means, variances and hazard at every event, the covariates centred as in `data`."""
    x, (key, _, entered) = data.x, _keys(data)
    risk = data.weight * np.exp(x @ fit.coef)
    times, group = np.unique(key[data.event], return_inverse=True)
    first = np.array([np.flatnonzero(key == value)[0] for value in times], dtype=int)
    moments = (
        np.concatenate([np.ones((len(x), 1)), x, (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)], axis=1)
        * risk[:, None]
    )
    at_risk = _sums_at_risk(times, key, entered, moments, data.stratum[first], data.stratum)
    dead = np.zeros((len(times), moments.shape[1]))
    np.add.at(dead, group, moments[data.event])
    count, weight = np.bincount(group, minlength=len(times)), np.zeros(len(times))
    np.add.at(weight, group, data.weight[data.event])
    steps = count if fit.ties == "efron" else np.minimum(count, 1)
    of_group = np.repeat(np.arange(len(times)), steps)
    share = (np.arange(len(of_group)) - (np.cumsum(steps) - steps)[of_group]) / steps[of_group]
    sums = at_risk[of_group] - share[:, None] * dead[of_group]
    p, each = x.shape[1], (weight / np.maximum(steps, 1))[of_group]
    mean = sums[:, 1 : p + 1] / sums[:, [0]]
    variance = (sums[:, p + 1 :] / sums[:, [0]]).reshape(-1, p, p) - mean[:, :, None] * mean[:, None, :]
    at = data.time[first][of_group]
    return HazardSteps(times[of_group], at, each / sums[:, 0], share, mean, variance, each)


def _keys(data: CoxData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers that sort by stratum and time: of each row's time, of its stratum's beginning, of its entry."""
    times = np.unique(data.time)
    span = len(times) + 1
    start = data.stratum * span
    return (
        start + np.searchsorted(times, data.time) + 1,
        start,
        start + np.searchsorted(times, data.entry, side="right"),
    )


def _sums_at_risk(times, key, entered, moments, stratum_of_time, stratum) -> np.ndarray:
    """Sums over the rows of the same stratum with entry < time <= exit."""

    def after(limits: np.ndarray) -> np.ndarray:  # sums over rows of later key, any stratum
        order = np.argsort(-limits, kind="stable")
        totals = np.vstack([np.zeros(moments.shape[1]), np.cumsum(moments[order], axis=0)])
        return totals[len(limits) - np.searchsorted(limits[order][::-1], times, side="left")]

    return after(key) - after(entered)


def _cumulated(steps: HazardSteps, data: CoxData) -> tuple[np.ndarray, np.ndarray]:
    """Per row (n,) hazard met and (n, p) hazard times mean covariates; an event meets less of its own steps, by their share."""
    key, _, entered = _keys(data)
    jumps = np.column_stack([steps.hazard, steps.hazard[:, None] * steps.mean])
    totals = np.vstack([np.zeros(jumps.shape[1]), np.cumsum(jumps, axis=0)])
    spared = np.vstack([np.zeros(jumps.shape[1]), np.cumsum(jumps * steps.share[:, None], axis=0)])
    last, before = np.searchsorted(steps.key, key, side="right"), np.searchsorted(steps.key, key, side="left")
    met = totals[last] - totals[np.searchsorted(steps.key, entered, side="right")]
    met -= (spared[last] - spared[before]) * data.event[:, None]
    return met[:, 0], met[:, 1:]


def _as_given(values: np.ndarray, data: CoxData) -> np.ndarray:
    answer = np.empty_like(values)
    answer[data.order] = values
    return answer


def martingale(data: CoxData, fit: CoxFit) -> np.ndarray:
    """Events observed less expected, (n,). R: residuals(fit, "martingale")."""
    met, _ = _cumulated(hazard_steps(data, fit), data)
    return _as_given(data.event - np.exp(data.x @ fit.coef) * met, data)


def deviance(data: CoxData, fit: CoxFit) -> np.ndarray:
    """Martingale residuals made symmetric about 0, (n,). R: residuals(fit, "deviance")."""
    residual, event = martingale(data, fit), _as_given(data.event, data)
    expected = np.where(event, event - residual, 1.0)
    return np.sign(residual) * np.sqrt(np.maximum(-2 * (residual + event * np.log(expected)), 0))


def score(data: CoxData, fit: CoxFit) -> np.ndarray:
    """Each patient's share of the score vector, (n, p). R: residuals(fit, "score")."""
    steps = hazard_steps(data, fit)
    met, met_mean = _cumulated(steps, data)
    key, _, _ = _keys(data)
    values = -np.exp(data.x @ fit.coef)[:, None] * (data.x * met[:, None] - met_mean)
    values[data.event] += data.x[data.event] - _mean_at(steps, key[data.event])
    return _as_given(values, data)


def _mean_at(steps: HazardSteps, keys: np.ndarray) -> np.ndarray:
    """Mean covariates of the steps at each event, tied events sharing one mean."""
    totals = np.vstack([np.zeros(steps.mean.shape[1]), np.cumsum(steps.mean, axis=0)])
    last, before = np.searchsorted(steps.key, keys, side="right"), np.searchsorted(steps.key, keys, side="left")
    return (totals[last] - totals[before]) / (last - before)[:, None]


def dfbeta(data: CoxData, fit: CoxFit) -> np.ndarray:
    """Each coefficient less what it would be without the patient, one Newton step long, (n, p). R: residuals(fit, "dfbeta")."""
    return score(data, fit) @ fit.covariance


def sandwich(data: CoxData, fit: CoxFit, cluster=None) -> np.ndarray:
    """Robust variance (p, p): sums of squared dfbeta, within clusters if given (Lin and Wei 1989). R: coxph(robust, cluster)."""
    change = dfbeta(data, fit) * _as_given(data.weight, data)[:, None]
    if cluster is not None:
        change = pd.DataFrame(change).groupby(np.asarray(cluster)).sum().to_numpy()
    return change.T @ change


def event_rows(data: CoxData) -> np.ndarray:
    """Rows of `data` with an event, (d,), by stratum, time and the order they came in; `data.order` leads to the patients."""
    rows = np.flatnonzero(data.event)
    return rows[np.lexsort([data.order[rows], _keys(data)[0][rows]])]


def schoenfeld(data: CoxData, fit: CoxFit, *, is_scaled: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Times (d,) and covariates less their mean at each event, (d, p). R: residuals(fit, "schoenfeld") or "scaledsch"."""
    key, rows = _keys(data)[0], event_rows(data)
    values = data.x[rows] - _mean_at(hazard_steps(data, fit), key[rows])
    if is_scaled:
        values = values @ fit.covariance * len(rows) + fit.coef
    return data.time[rows], values


def baseline_hazard(data: CoxData, fit: CoxFit) -> pd.DataFrame:
    """Cumulative baseline hazard at the end of each event time, covariates 0: stratum, time, hazard.

    R: basehaz(fit, centered = FALSE).
    """
    steps = hazard_steps(data, fit)
    stratum = (steps.key - 1) // (len(np.unique(data.time)) + 1)
    jumps = pd.DataFrame({"stratum": stratum, "time": steps.time, "hazard": steps.hazard})
    jumps["hazard"] *= np.exp(-data.centre @ fit.coef)
    jumps = jumps.groupby(["stratum", "time"], as_index=False)["hazard"].sum()
    return jumps.assign(hazard=jumps.groupby("stratum")["hazard"].cumsum())
