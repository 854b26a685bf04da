"""Median duration of response by heterogeneity group and allocation, by Kaplan-Meier (registry outcome 2)."""

import pandas as pd

from sonimage import schemas, tables
from sonimage.survival import kaplan_meier

DURATION, EVENT = "duration_months", "duration_event"


def summarise_response_duration(
    response_duration: pd.DataFrame, analysis_set: pd.DataFrame, analyses: list[dict]
) -> pd.DataFrame:
    """Return the median per group among responders, limits log-log (schema duration_summary).

    `analyses`: those of the plan with method response_duration.
    """
    rows = response_duration.dropna(subset=[DURATION]).merge(analysis_set, on="patient_id", validate="one_to_one")
    parts = []
    for analysis in analyses:
        members, grouping = rows[tables.known_true(rows[analysis["population"]])], analysis["grouping"]
        facts = {"analysis_id": analysis["id"], "grouping": grouping or "all"}
        levels = schemas.levels("analysis_set", grouping) if grouping else []
        groups = {level: members[members[grouping] == level] for level in levels} or {"all patients": members}
        parts += [facts | {"group": group} | _median(part) for group, part in groups.items()]
    return tables.conform(pd.DataFrame(parts, columns=schemas.columns("duration_summary")), "duration_summary")


def _median(rows: pd.DataFrame) -> dict:
    """Median and its limits, where the log-log limits of the curve cross one half; empty where not reached."""
    events = tables.known_true(rows[EVENT])
    counts = {"n": len(rows), "n_events": int(events.sum())}
    if not len(rows):
        return counts
    median = kaplan_meier.quantile(kaplan_meier.estimate_curve(rows[DURATION], events))
    return counts | {"median": median.value, "ci_lower": median.ci_lower, "ci_upper": median.ci_upper}
