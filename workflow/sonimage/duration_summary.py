"""Median duration of response by heterogeneity group and allocation, by Kaplan-Meier (registry outcome 2)."""

import pandas as pd

from sonimage import kaplan_meier, schemas, tables

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
    median = kaplan_meier.quantile(kaplan_meier.estimate_curve(rows[DURATION], events))
    return counts | {"median": median.value, "ci_lower": median.ci_lower, "ci_upper": median.ci_upper}
