"""Turnbull curves of PFS1 per group: where progression happened, medians and rates as far as the assessments tell them."""

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.cox.design_matrix import FEW_EVENTS, select_population
from sonimage.intervals.turnbull import TurnbullFit, fit_samples, fit_turnbull, read_intervals
from sonimage.intervals.weibull_models import LOWER, UPPER, count_kinds, with_intervals

ALL, ALL_PATIENTS = "all", "all patients"
MEDIAN = "median PFS1 (months)"
HALF = 0.5 + 1e-9  # a share of one half, rounding aside


def summarise_turnbull(
    analysis_set: pd.DataFrame,
    pfs1_definitions: pd.DataFrame,
    analyses: list[dict],
    *,
    landmark_months: list[float],
    n_bootstrap: int,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return curves (schema turnbull_curves), medians and rates (schema turnbull_summary) of analyses by `turnbull`.

    A value is the range that the assessments leave open. Limits are percentiles of its ends over bootstrap samples of a
    group's patients, drawn from `seed`; none where a group has fewer than 5 events.
    """
    curves, summaries = [tables.empty("turnbull_curves")], [tables.empty("turnbull_summary")]
    for analysis in analyses:
        if analysis["method"] != "turnbull":
            continue
        if analysis.get("strata") or analysis.get("covariates"):
            raise ValueError(f"analysis {analysis['id']}: a curve has neither covariates nor strata")
        rows = with_intervals(analysis_set, pfs1_definitions, analysis["definition"])
        facts = {name: analysis[name] for name in ("population", "definition")}
        facts |= {"analysis_id": analysis["id"], "grouping": analysis["grouping"] or ALL}
        for group, members in _groups(select_population(rows, analysis), analysis["grouping"]):
            lower, upper = read_intervals(members[LOWER], members[UPPER])
            named = facts | {"group": group} | count_kinds(lower, upper)
            fit = fit_turnbull(lower, upper) if len(lower) else None
            fit = fit if fit is not None and fit.is_converged else None
            limits = None if fit is None else _bootstrap(lower, upper, landmark_months, n_bootstrap, seed)
            summaries.append(_summary(fit, landmark_months, limits, named))
            curves.append(_curve(fit).assign(**named))
    return (
        tables.conform(pd.concat([part for part in curves if len(part)] or curves[:1]), "turnbull_curves"),
        tables.conform(pd.concat([part for part in summaries if len(part)] or summaries[:1]), "turnbull_summary"),
    )


def _groups(rows: pd.DataFrame, grouping: str | None) -> list[tuple[str, pd.DataFrame]]:
    if grouping is None:
        return [(ALL_PATIENTS, rows)]
    return [(level, rows[rows[grouping] == level]) for level in schemas.levels("analysis_set", grouping)]


def _curve(fit: TurnbullFit | None) -> pd.DataFrame:
    """One row per interval with probability; what lies beyond the last assessment has no upper end and no curve."""
    if fit is None:
        return pd.DataFrame()
    is_ended = np.isfinite(fit.upper)
    return pd.DataFrame(
        {
            "lower_months": fit.lower,
            "upper_months": np.where(is_ended, fit.upper, np.nan),
            "mass": fit.mass,
            "survival_before": np.append(1.0, fit.survival[:-1]),
            "survival": np.where(is_ended, fit.survival, np.nan),
        }
    )


def median_range(fit: TurnbullFit) -> tuple[float, float]:
    """The interval in which the curve falls to one half; its upper end is inf where it does not within follow-up."""
    at = np.flatnonzero(fit.survival <= HALF)[0]
    return fit.lower[at], fit.upper[at]


def survival_range(fit: TurnbullFit, months: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and largest share without event at each of `months`: one value, but within an interval or beyond follow-up."""
    after = np.append(1.0, fit.survival)
    ended = np.searchsorted(fit.upper, months, side="right")
    begun = np.maximum(np.searchsorted(fit.lower, months, side="left"), ended)
    return after[begun], after[ended]


def _statistics(fit: TurnbullFit, months: list[float]) -> np.ndarray:
    """Both ends of the median and of the share at each month, (1 + months, 2)."""
    return np.array([median_range(fit), *zip(*survival_range(fit, months), strict=True)])


def _bootstrap(
    lower: np.ndarray, upper: np.ndarray, months: list[float], n_bootstrap: int, seed: int
) -> np.ndarray | None:
    """Limits of each statistic, (1 + months, 2): low percentile of lower ends, high percentile of upper ends."""
    if np.isfinite(upper).sum() < FEW_EVENTS:
        return None
    drawn = np.random.default_rng(seed).integers(0, len(lower), size=(n_bootstrap, len(lower)))
    values = np.array([_statistics(fit, months) for fit in fit_samples(lower, upper, drawn)])
    ends = [np.quantile(values[:, :, end], (0.025, 0.975)[end], axis=0, method="inverted_cdf") for end in (0, 1)]
    return np.column_stack(ends)


def _summary(fit: TurnbullFit | None, months: list[float], limits: np.ndarray | None, named: dict) -> pd.DataFrame:
    names = [MEDIAN, *(f"progression-free at {month:g} months" for month in months)]
    rows = pd.DataFrame({"statistic": names}).assign(**named)
    if fit is None:
        return rows.assign(note="no convergence" if named["n"] else "no patient")
    values, beyond = _statistics(fit, months), fit.lower[-1] if np.isinf(fit.upper[-1]) else np.inf
    limits = np.full_like(values, np.nan) if limits is None else limits
    is_beyond = np.append(False, np.array(months) > beyond)
    # every sample of patients free of events, or all with one, is like the first: no spread to see
    is_bound = np.append(False, np.isin(values[1:], [0.0, 1.0]).all(axis=1))
    numbers = np.column_stack([values, np.where(is_bound[:, None], np.nan, limits)])
    few = f"fewer than {FEW_EVENTS} events: no limits" if named["n_events"] < FEW_EVENTS else None
    note = np.where(is_bound, "no limits at 0 or 1", few).astype(object)
    note[is_beyond] = f"followed for {beyond:.1f} months"
    note[0] = "; ".join(filter(None, ["not reached" if np.isinf(values[0, 1]) else None, few])) or None
    columns = ["value_lower", "value_upper", "ci_lower", "ci_upper"]
    shown = pd.DataFrame(np.where(is_beyond[:, None], np.nan, numbers), columns=columns)
    return rows.assign(**shown.replace(np.inf, np.nan), note=note)  # inf: not reached within follow-up
