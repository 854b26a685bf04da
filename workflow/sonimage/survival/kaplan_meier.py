"""The Kaplan-Meier curve of one group, its quantiles and its value at a month, with the conventions of R's survfit.

lifelines draws the curve and its log-log limits; where it differs from R (see docs/decisions.md) R's convention holds.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter

TOLERANCE = np.sqrt(np.finfo(float).eps)  # within which a level of the curve is the share asked for
LIMITS = ["ci_lower", "ci_upper"]


class Estimate(NamedTuple):
    """A value with its limits; NaN where there is none."""

    value: float = np.nan
    ci_lower: float = np.nan
    ci_upper: float = np.nan


def estimate_curve(durations: np.ndarray, events: np.ndarray) -> pd.DataFrame:
    """Return months (0 and each distinct duration), n_at_risk, n_events, n_censored, survival, ci_lower, ci_upper.

    At risk: observed at or after the time. Log-log limits have no value at a survival of 1 or 0, but at month 0, where
    they are 1. R: survfit(Surv(months, event) ~ 1, conf.type = "log-log").
    """
    durations = np.asarray(durations, dtype=float)
    fit = KaplanMeierFitter().fit(durations, np.asarray(events, dtype=bool))
    months, counts = fit.survival_function_.index.to_numpy(), fit.event_table
    survival = fit.survival_function_.iloc[:, 0].to_numpy()
    has_limits = ((survival > 0) & (survival < 1)) | (np.arange(len(months)) == 0) & (survival == 1)
    limits = np.where(has_limits[:, None], fit.confidence_interval_survival_function_.to_numpy(), np.nan)
    return pd.DataFrame(
        {
            "months": months,
            "n_at_risk": len(durations) - np.searchsorted(np.sort(durations), months, side="left"),
            "n_events": counts["observed"].reindex(months).to_numpy(),
            "n_censored": counts["censored"].reindex(months).to_numpy(),
            "survival": survival,
        }
        | dict(zip(LIMITS, limits.T, strict=True))
    )


def quantile(curve: pd.DataFrame, share: float = 0.5) -> Estimate:
    """The month by which a share has had the event; limits where those of the curve pass it (Brookmeyer and Crowley 1982).

    Where the curve is flat at exactly the share, the middle of the flat stretch. R: quantile(survfit(...), share).
    """
    months = curve["months"].to_numpy()
    return Estimate(*(_passing(months, 1 - curve[name].to_numpy(), share) for name in ("survival", *LIMITS)))


def _passing(months: np.ndarray, fallen: np.ndarray, share: float) -> float:
    """Month at which a curve has fallen by `share`; NaN where it has not, or its limit ends before."""
    reached = np.where(fallen >= share - TOLERANCE, fallen, np.inf)
    beyond = np.where(fallen >= share + TOLERANCE, fallen, np.inf)
    if np.isinf(reached).all():
        return np.nan
    first = months[np.argmin(reached)]
    if np.isfinite(beyond).any():
        return (first + months[np.argmin(beyond)]) / 2
    return (first + months[-1]) / 2 if abs(fallen[-1] - share) < TOLERANCE else np.nan


def survival_at(curve: pd.DataFrame, month: float) -> Estimate:
    """Survival at a month; NaN beyond the last patient. R: summary(survfit(...), times = month)."""
    if month > curve["months"].iloc[-1]:
        return Estimate()
    return Estimate(*curve.loc[curve["months"] <= month, ["survival", *LIMITS]].iloc[-1])
