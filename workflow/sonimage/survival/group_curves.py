"""Kaplan-Meier curves of PFS1, medians, landmark rates, follow-up and log-rank tests."""

import numpy as np
import pandas as pd
from lifelines.statistics import multivariate_logrank_test
from statsmodels.duration.survfunc import survdiff

from sonimage import schemas, tables
from sonimage.survival import kaplan_meier

DURATION, EVENT = "pfs1_months", "pfs1_event"


def summarise_survival(
    planned: list[tuple[dict, pd.DataFrame]], landmark_months: list[float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return curves (schema survival_curves) and medians, rates and tests (schema survival_summary).

    `planned`: each analysis of the plan (method kaplan_meier) with the analysis set by its definition of PFS1. Limits are
    log-log; at risk means at or after the time. With strata the log-rank test is also stratified.
    """
    curves, summaries = [], []
    for analysis, analysis_set in planned:
        rows, grouping = _members(analysis_set, analysis), _name(analysis)
        groups, facts = _groups(rows, analysis), {"analysis_id": analysis["id"], "grouping": grouping}
        for group, members in groups.items():
            curve = _curve(members)
            curves.append(curve.assign(**facts, group=group))
            summaries.append(_summary(members, curve, landmark_months).assign(**facts, group=group))
        tests = [_logrank(rows, groups)]
        tests += [_stratified_logrank(rows, analysis["grouping"], strata) for strata in analysis.get("strata") or []]
        summaries.append(pd.concat(tests).assign(**facts, group="all groups"))
    return (
        tables.conform(pd.concat(curves) if curves else tables.empty("survival_curves"), "survival_curves"),
        tables.conform(pd.concat(summaries) if summaries else tables.empty("survival_summary"), "survival_summary"),
    )


def _members(analysis_set: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    rows = analysis_set[tables.known_true(analysis_set[analysis["population"]]) & analysis_set[DURATION].notna()]
    return rows.sort_values("patient_id").assign(**{EVENT: lambda frame: tables.known_true(frame[EVENT])})


def _name(analysis: dict) -> str:
    """How a grouping is called in the tables."""
    if not analysis["grouping"]:
        return "all"
    return " within ".join(filter(None, [analysis["grouping"], analysis.get("within")]))


def _groups(rows: pd.DataFrame, analysis: dict) -> dict[str, pd.DataFrame]:
    """Group -> its patients, in the order of the levels; within arms where the analysis says so."""
    grouping, within = analysis["grouping"], analysis.get("within")
    if not grouping:
        return {"all patients": rows}
    groups = {level: rows[rows[grouping] == level] for level in schemas.levels("analysis_set", grouping)}
    if not within:
        return groups
    return {
        f"{level}, {outer}": members[members[within] == outer]
        for level, members in groups.items()
        for outer in schemas.levels("analysis_set", within)
    }


def _curve(members: pd.DataFrame) -> pd.DataFrame:
    """One row per distinct time from 0: at risk, events, censored, survival and log-log limits."""
    return kaplan_meier.estimate_curve(members[DURATION], members[EVENT]) if len(members) else pd.DataFrame()


def _summary(members: pd.DataFrame, curve: pd.DataFrame, landmark_months: list[float]) -> pd.DataFrame:
    facts = {"n": len(members), "n_events": int(members[EVENT].sum())}
    if not len(members):
        return pd.DataFrame([facts | {"statistic": "median PFS1 (months)"}])
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
