"""Kaplan-Meier curves of PFS1, medians, landmark rates, follow-up and log-rank tests."""

import numpy as np
import pandas as pd
from lifelines.statistics import multivariate_logrank_test
from statsmodels.duration.survfunc import survdiff

from sonimage import kaplan_meier, schemas, tables

DURATION, EVENT = "pfs1_months", "pfs1_event"


def summarise_survival(
    analysis_set: pd.DataFrame, groupings: list[str], landmark_months: list[float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return curves (schema survival_curves) and medians, rates and tests (schema survival_summary) of the imaging set.

    Curves by each grouping, and by the first within the levels of the second. Limits are log-log; at risk means at or
    after the time. The log-rank test of the first grouping is also stratified by the second.
    """
    rows = analysis_set[tables.known_true(analysis_set["in_imaging_set"]) & analysis_set[DURATION].notna()]
    rows = rows.sort_values("patient_id").assign(**{EVENT: lambda frame: tables.known_true(frame[EVENT])})
    curves, summaries = [], []
    for grouping, groups in _groupings(rows, groupings).items():
        for group, members in groups.items():
            curves.append(_curve(members).assign(grouping=grouping, group=group))
            summaries.append(_summary(members, landmark_months).assign(grouping=grouping, group=group))
        summaries.append(_logrank(rows, groups).assign(grouping=grouping, group="all groups"))
    summaries.append(_stratified_logrank(rows, *groupings[:2]).assign(grouping=groupings[0], group="all groups"))
    return tables.conform(pd.concat(curves), "survival_curves"), tables.conform(
        pd.concat(summaries), "survival_summary"
    )


def _groupings(rows: pd.DataFrame, groupings: list[str]) -> dict[str, dict[str, pd.DataFrame]]:
    """Grouping -> group -> its patients, in the order of the levels."""
    named = {
        grouping: {level: rows[rows[grouping] == level] for level in schemas.levels("analysis_set", grouping)}
        for grouping in groupings
    }
    first, second = groupings[:2]
    crossed = {
        f"{level}, {arm}": members[members[second] == arm]
        for level, members in named[first].items()
        for arm in named[second]
    }
    return {"all": {"all patients": rows}} | named | {f"{first} within {second}": crossed}


def _curve(members: pd.DataFrame) -> pd.DataFrame:
    """One row per distinct time from 0: at risk, events, censored, survival and log-log limits."""
    return kaplan_meier.estimate_curve(members[DURATION], members[EVENT]) if len(members) else pd.DataFrame()


def _summary(members: pd.DataFrame, landmark_months: list[float]) -> pd.DataFrame:
    facts = {"n": len(members), "n_events": int(members[EVENT].sum())}
    if not len(members):
        return pd.DataFrame([facts | {"statistic": "median PFS1 (months)"}])
    curve = _curve(members)
    values = {"median PFS1 (months)": kaplan_meier.quantile(curve)}
    for month in landmark_months:
        values[f"progression-free at {month:g} months"] = kaplan_meier.survival_at(curve, month)
    censoring = kaplan_meier.estimate_curve(members[DURATION], ~members[EVENT])
    follow_up = kaplan_meier.quantile(censoring).value
    values["median follow-up (months, reverse Kaplan-Meier)"] = kaplan_meier.Estimate(follow_up)
    return pd.DataFrame([{"statistic": name} | facts | value._asdict() for name, value in values.items()])


def _logrank(rows: pd.DataFrame, groups: dict[str, pd.DataFrame]) -> pd.DataFrame:
    label = pd.concat(
        [pd.Series(name, index=members.index) for name, members in groups.items()] or [pd.Series(dtype=object)]
    )
    facts = {"statistic": "log-rank p-value", "n": len(label), "n_events": int(rows.loc[label.index, EVENT].sum())}
    if label.nunique() < 2 or not facts["n_events"]:
        return pd.DataFrame([facts])
    members = rows.loc[label.index]
    return pd.DataFrame(
        [facts | {"value": multivariate_logrank_test(members[DURATION], label, members[EVENT]).p_value}]
    )


def _stratified_logrank(rows: pd.DataFrame, grouping: str, strata: str) -> pd.DataFrame:
    known = rows.dropna(subset=[grouping, strata])
    facts = {
        "statistic": f"log-rank p-value, stratified by {strata}",
        "n": len(known),
        "n_events": int(known[EVENT].sum()),
    }
    if known[grouping].nunique() < 2 or not facts["n_events"]:
        return pd.DataFrame([facts])
    try:
        _, p_value = survdiff(known[DURATION], known[EVENT].astype(int), known[grouping], strata=known[strata])
    except np.linalg.LinAlgError:  # a group that shares no stratum with another
        return pd.DataFrame([facts])
    return pd.DataFrame([facts | {"value": p_value}])
