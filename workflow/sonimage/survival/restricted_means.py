"""Restricted mean survival time: months free of PFS1 events within the first months, and differences between groups."""

import numpy as np
import pandas as pd
from scipy import special

from sonimage import schemas, tables

DURATION, EVENT = "pfs1_months", "pfs1_event"
MEAN, DIFFERENCE = "restricted mean", "difference in restricted means"
REACH = special.ndtri(0.975)


def summarise_rmst(planned: list[tuple[dict, pd.DataFrame]]) -> pd.DataFrame:
    """Return the restricted mean PFS1 per group, and against the first level (schema rmst).

    `planned`: each analysis of the plan (method restricted_mean, until `months`) with the analysis set by its definition
    of PFS1.
    """
    parts = [
        {"analysis_id": analysis["id"], "grouping": analysis["grouping"], "months": analysis["months"]} | row
        for analysis, analysis_set in planned
        for row in _compare(analysis_set, analysis)
    ]
    return tables.conform(pd.DataFrame(parts, columns=schemas.columns("rmst")), "rmst")


def _compare(analysis_set: pd.DataFrame, analysis: dict) -> list[dict]:
    rows = analysis_set[tables.known_true(analysis_set[analysis["population"]]) & analysis_set[DURATION].notna()]
    grouping, months = analysis["grouping"], analysis["months"]
    levels = schemas.levels("analysis_set", grouping)
    means = [_describe(rows[rows[grouping] == level], level, months) for level in levels]
    return [*means, *(_difference(mean, means[0]) for mean in means[1:])]


def _describe(members: pd.DataFrame, level: str, months: float) -> dict:
    durations, events = members[DURATION].to_numpy(dtype=float), tables.known_true(members[EVENT]).to_numpy()
    counts = {"n": len(members), "n_events": int((events & (durations <= months)).sum())}
    named = {"group": level, "statistic": MEAN} | counts
    if not len(members):
        return named | {"note": "no patient"}
    mean, variance = restricted_mean(durations, events, months)
    if np.isnan(mean):
        return named | {"note": f"followed for {durations.max():.1f} months"}
    return named | _limits(mean, np.sqrt(variance))


def _difference(mean: dict, reference: dict) -> dict:
    """Difference of two independent means; nothing where one is missing or neither has a standard error."""
    counts = {name: mean[name] + reference[name] for name in ("n", "n_events")}
    named = {"group": mean["group"], "reference": reference["group"], "statistic": DIFFERENCE} | counts
    if "estimate" not in mean or "estimate" not in reference:
        return named | {"note": "no restricted mean to compare"}
    value, error = mean["estimate"] - reference["estimate"], np.hypot(mean["se"], reference["se"])
    p_value = 2 * special.ndtr(-abs(value / error)) if error > 0 else np.nan
    return named | _limits(value, error) | {"p_value": p_value}


def _limits(value: float, error: float) -> dict:
    return {"estimate": value, "se": error, "ci_lower": value - REACH * error, "ci_upper": value + REACH * error}


def restricted_mean(durations: np.ndarray, events: np.ndarray, months: float) -> tuple[float, float]:
    """Area under the Kaplan-Meier curve until `months`, and its variance after Greenwood.

    The variance is the sum over event times of (area beyond)^2 d / (n (n - d)), as in R's survRM2 and survfit. Both are
    missing where the curve is unknown before `months`: the last patient was censored earlier.
    """
    times = np.unique(durations[events & (durations <= months)])
    n = np.array([(durations >= time).sum() for time in times], dtype=float)
    d = np.array([(events & (durations == time)).sum() for time in times], dtype=float)
    survival = np.concatenate([[1.0], np.cumprod(1 - d / n)])
    if durations.max() < months and survival[-1] > 0:
        return np.nan, np.nan
    areas = survival * np.diff(np.concatenate([[0.0], times, [months]]))
    beyond = areas[::-1].cumsum()[::-1][1:]
    greenwood = np.divide(d, n * (n - d), out=np.zeros(len(d)), where=n > d)
    return areas.sum(), (beyond**2 * greenwood).sum()
