"""Log hazard ratios over time: scaled Schoenfeld residuals of each event and the smooth through them.

What plot.cox.zph of R's survival draws (Grambsch and Therneau, Biometrika 1994;81:515): a hazard ratio that holds at all
times is a level line. The residuals are one Newton step from the model: a departure is stretched where the covariate
varies more among those at risk than on average, and shrunk where it varies less, as when a group has nearly gone.
"""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cox.hazard_ratios import Analysed
from sonimage.diagnostics.martingales import event_rows, schoenfeld
from sonimage.diagnostics.proportional_hazards import TRANSFORM, transform_times
from sonimage.diagnostics.smoothing import place_knots, spline_basis

DEGREES, POINTS = 4, 40  # of plot.cox.zph
REACH = 2  # standard errors to either side, as there


def list_schoenfeld(one: Analysed) -> pd.DataFrame:
    """Return each event's estimate of each coefficient: its scaled Schoenfeld residual plus the coefficient.

    R: cox.zph(fit, transform = "km", terms = FALSE)$y, with $x the function of time. Schema schoenfeld_residuals.
    """
    if one.fitted is None:
        return tables.empty("schoenfeld_residuals")
    data, fit, terms = one.fitted
    times, values = schoenfeld(data, fit, is_scaled=True)
    patients = one.patients.loc[one.design.frame.index, "patient_id"].to_numpy()[data.order[event_rows(data)]]
    p = len(terms)
    rows = pd.DataFrame(
        {
            "patient_id": np.repeat(patients, p),
            "analysis_id": one.analysis["id"],
            "term": np.tile(terms, len(times)),
            "months": np.repeat(times, p),
            "transformed_time": np.repeat(transform_times(data, times, TRANSFORM), p),
            "coef_at_event": values.ravel(),
        }
    )
    return tables.conform(rows, "schoenfeld_residuals")


def smooth_schoenfeld(one: Analysed, residuals: pd.DataFrame) -> pd.DataFrame:
    """Return the smooth of each coefficient over time with a pointwise band, no patient in it (schema schoenfeld_smooth).

    Least squares on a natural spline of 4 degrees of freedom in transformed time; the band is 2 standard errors wide to
    either side, the residuals' variance being that of the coefficient times the number of events.
    """
    facts = {"analysis_id": one.analysis["id"], "n": len(one.design.frame)}
    if one.fitted is None:
        rows = one.design.terms[["term", "reference"]].assign(**facts, note=one.problem)
        return tables.conform(rows, "schoenfeld_smooth")
    _, fit, terms = one.fitted
    references = one.design.terms.set_index("term")["reference"]
    parts = []
    for term, coef, se in zip(terms, fit.coef, fit.se, strict=True):
        events = residuals[residuals["term"] == term]
        named = {"term": term, "reference": references[term], "coef_constant": coef, "n_events": len(events)}
        parts.append(_smooth(events, se * np.sqrt(len(events))).assign(**facts, **named))
    return tables.conform(pd.concat(parts), "schoenfeld_smooth")


def _smooth(events: pd.DataFrame, deviation: float) -> pd.DataFrame:
    """The curve through one term's residuals, whose standard deviation is `deviation`."""
    at = events["transformed_time"].to_numpy(dtype=float)
    grid = np.linspace(at.min(), at.max(), POINTS)
    knots = place_knots(np.concatenate([grid, at]), DEGREES)
    if knots is None or len(np.unique(at)) < DEGREES:
        return pd.DataFrame({"note": [f"fewer than {DEGREES} times of events"]})
    of_events, of_grid = spline_basis(at, knots), spline_basis(grid, knots)
    weights = of_grid @ np.linalg.pinv(of_events)  # of each event in each point of the curve
    curve, half = weights @ events["coef_at_event"].to_numpy(), REACH * deviation * np.sqrt((weights**2).sum(axis=1))
    moments, first = np.unique(at, return_index=True)
    months = np.interp(grid, moments, events["months"].to_numpy()[first])
    return pd.DataFrame(
        {"transformed_time": grid, "months": months, "coef": curve, "ci_lower": curve - half, "ci_upper": curve + half}
    )
