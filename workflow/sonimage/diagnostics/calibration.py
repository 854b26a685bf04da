"""Calibration of a Cox model at a month: predicted against observed progression-free survival, less optimism.

Harrell, Lee and Mark, Stat Med 1996;15:361. Points: Kaplan-Meier in groups of prediction. Line: what the models of
bootstrap samples turn out to predict for the patients of this one.
"""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cox.design_matrix import DURATION, EVENT
from sonimage.cox.hazard_ratios import Analysed
from sonimage.cox.partial_likelihood import CoxData
from sonimage.diagnostics import replicates
from sonimage.survival import kaplan_meier

POINTS = 41
SAME_PREDICTION = 9  # decimals: patients of one group and arm have one prediction
GROUP, EVERYBODY, LINE = "group of prediction", "all patients", "corrected line"


def assess_calibration(
    one: Analysed, *, calibration_months: float, n_groups: int, n_bootstrap: int, seed: int
) -> pd.DataFrame:
    """Return predicted and observed survival at a month by groups, of all patients, and along a line (schema cox_calibration)."""
    facts = {"analysis_id": one.analysis["id"], "months": calibration_months}
    problem = _problem(one, calibration_months)
    if problem:
        rows = pd.DataFrame([{"kind": EVERYBODY, "n": len(one.design.frame), "note": problem}])
        return tables.conform(rows.assign(**facts), "cox_calibration")
    data, fit, _ = one.fitted
    hazard = cumulative_hazard(data, (data.x @ fit.coef)[None], np.ones((1, len(data.time))), calibration_months)
    predicted = np.empty(len(data.time))
    predicted[data.order] = np.round(np.exp(-hazard[0] * np.exp(data.x @ fit.coef)), SAME_PREDICTION)
    grid = np.linspace(predicted.min(), predicted.max(), POINTS)
    counts = replicates.draw_bootstrap(len(data.time), n_bootstrap, seed)
    curves = _recalibrated(one, counts, grid, calibration_months)
    line = pd.DataFrame({"kind": LINE, "predicted": grid, "observed": curves.mean(axis=0), "n_used": len(curves)})
    points = _observed(one.design.frame, predicted, n_groups, calibration_months)
    error = np.abs(np.interp(predicted, grid, line["observed"]) - predicted).mean()
    points["mean_absolute_error"] = np.where(points["kind"] == EVERYBODY, error, np.nan)
    return tables.conform(pd.concat([points, line]).assign(**facts), "cox_calibration")


def _problem(one: Analysed, months: float) -> str | None:
    if one.fitted is None:
        return one.problem
    if one.design.strata:
        return "a model with strata has a baseline hazard in each"
    followed = one.design.frame[DURATION].max()
    return f"followed for {followed:.1f} months" if followed < months else None


def cumulative_hazard(data: CoxData, prediction: np.ndarray, counts: np.ndarray, months: float) -> np.ndarray:
    """Cumulative baseline hazard until `months`, (B,), of linear predictors (B, n) in samples that hold each row so often.

    Efron ties, tied copies as in the sample written out. Rows as in `data`: one stratum, the latest time first.
    R: basehaz(coxph(..., data[rep(1:n, counts), ]), centered = FALSE).
    """
    risk = counts * np.exp(prediction)
    at_risk, hazard = np.cumsum(risk, axis=1), np.zeros(len(risk))
    for time in np.unique(data.time[data.event & (data.time <= months)]):
        tied = np.flatnonzero(data.event & (data.time == time))
        last = np.flatnonzero(data.time == time)[-1]
        dead, steps = risk[:, tied].sum(axis=1), counts[:, tied].sum(axis=1)
        for step in range(int(steps.max())):
            share = step / np.maximum(steps, 1)
            hazard += np.divide(1, at_risk[:, last] - share * dead, out=np.zeros(len(risk)), where=step < steps)
    return hazard


def _recalibrated(one: Analysed, counts: np.ndarray, grid: np.ndarray, months: float) -> np.ndarray:
    """Per replicate (rows) the survival in this sample where the replicate's model predicts each point of the grid.

    Its linear predictor is fitted anew here: slope and baseline hazard. In its own sample the same would give the
    prediction back, so the mean over replicates is the identity less optimism. Replicates without an answer are left out.
    """
    data, fit, _ = one.fitted
    refits = replicates.fit_replicates(data, fit, counts)
    slopes = replicates.performance(data, fit, refits, counts)[:, [2]]
    usable = np.isfinite(slopes[:, 0]) & refits.is_converged
    prediction, own = refits.coef[usable] @ data.x.T, counts[usable][:, data.order].astype(float)
    hazard = cumulative_hazard(data, prediction, own, months)
    here = cumulative_hazard(data, slopes[usable] * prediction, np.ones_like(own), months)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.log(-np.log(grid)) - np.log(hazard)[:, None]
        curves = np.exp(-here[:, None] * np.exp(slopes[usable] * score))
    return curves[np.isfinite(curves).all(axis=1)]


def _observed(frame: pd.DataFrame, predicted: np.ndarray, n_groups: int, months: float) -> pd.DataFrame:
    """Mean prediction and Kaplan-Meier survival in groups of prediction, patients of one prediction staying together."""
    cuts = np.quantile(predicted, np.arange(1, n_groups) / n_groups)
    numbers = np.unique(np.searchsorted(cuts, predicted, side="left"), return_inverse=True)[1] + 1
    rows = [_point(frame, predicted, numbers == number, months) | {"group": number} for number in np.unique(numbers)]
    everybody = _point(frame, predicted, np.ones(len(frame), dtype=bool), months)
    return pd.DataFrame([row | {"kind": GROUP} for row in rows] + [everybody | {"kind": EVERYBODY}])


def _point(frame: pd.DataFrame, predicted: np.ndarray, members: np.ndarray, months: float) -> dict:
    durations, events = (
        frame.loc[members, DURATION].to_numpy(dtype=float),
        frame.loc[members, EVENT].to_numpy(dtype=bool),
    )
    observed = kaplan_meier.survival_at(kaplan_meier.estimate_curve(durations, events), months)
    too_short = f"followed for {durations.max():.1f} months" if np.isnan(observed.value) else None
    return {
        "n": int(members.sum()),
        "n_events": int((events & (durations <= months)).sum()),
        "predicted": predicted[members].mean(),
        "observed": observed.value,
        "ci_lower": observed.ci_lower,
        "ci_upper": observed.ci_upper,
        "note": too_short,
    }
