"""Median duration of response by heterogeneity group and allocation, by Kaplan-Meier (registry outcome 2)."""

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_times

from sonimage import schemas, tables

DURATION, EVENT = "duration_months", "duration_event"


def summarise_response_duration(
    response_duration: pd.DataFrame, analysis_set: pd.DataFrame, groupings: list[str]
) -> pd.DataFrame:
    """Return the median per group among responders of the imaging set, limits log-log (schema duration_summary)."""
    members = analysis_set.loc[tables.known_true(analysis_set["in_imaging_set"]), ["patient_id", *groupings]]
    rows = response_duration.dropna(subset=[DURATION]).merge(members, on="patient_id", validate="one_to_one")
    parts = [{"grouping": "all", "group": "all patients"} | _median(rows)]
    for grouping in groupings:
        for level in schemas.levels("analysis_set", grouping):
            parts.append({"grouping": grouping, "group": level} | _median(rows[rows[grouping] == level]))
    return tables.conform(pd.DataFrame(parts, columns=schemas.columns("duration_summary")), "duration_summary")


def _median(rows: pd.DataFrame) -> dict:
    """Median and its limits, where the log-log limits of the curve cross one half; empty where not reached."""
    events = tables.known_true(rows[EVENT])
    counts = {"n": len(rows), "n_events": int(events.sum())}
    if not len(rows):
        return counts
    fit = KaplanMeierFitter().fit(rows[DURATION].astype(float), events)
    limits = fit.confidence_interval_survival_function_
    ends = [float(qth_survival_times(0.5, limits[[column]]).squeeze()) for column in limits]
    values = dict(zip(("median", "ci_lower", "ci_upper"), (fit.median_survival_time_, *ends), strict=True))
    return counts | {name: value if np.isfinite(value) else np.nan for name, value in values.items()}
