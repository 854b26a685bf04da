"""Kaplan-Meier curves of PFS1, medians, landmark rates, follow-up and log-rank tests."""

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import qth_survival_times
from statsmodels.duration.survfunc import survdiff

from sonimage import schemas, tables

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
    if not len(members):
        return pd.DataFrame()
    fit = KaplanMeierFitter().fit(members[DURATION], members[EVENT])
    limits = fit.confidence_interval_survival_function_.set_axis(["ci_lower", "ci_upper"], axis=1)
    curve = fit.survival_function_.set_axis(["survival"], axis=1).join(limits)
    times = curve.index.to_numpy()
    durations = np.sort(members[DURATION].to_numpy())
    return curve.assign(
        months=times,
        n_at_risk=len(durations) - np.searchsorted(durations, times, side="left"),
        n_events=fit.event_table["observed"].reindex(times).to_numpy(),
        n_censored=fit.event_table["censored"].reindex(times).to_numpy(),
    ).reset_index(drop=True)


def _summary(members: pd.DataFrame, landmark_months: list[float]) -> pd.DataFrame:
    facts = {"n": len(members), "n_events": int(members[EVENT].sum())}
    if not len(members):
        return pd.DataFrame([facts | {"statistic": "median PFS1 (months)"}])
    fit = KaplanMeierFitter().fit(members[DURATION], members[EVENT])
    limits = fit.confidence_interval_survival_function_
    # the limits of the median are where the limits of the curve cross one half (Brookmeyer and Crowley)
    ends = [float(qth_survival_times(0.5, limits[[column]]).squeeze()) for column in limits]
    values = [("median PFS1 (months)", fit.median_survival_time_, *ends)]
    for month in landmark_months:
        at = limits.loc[:month].iloc[-1] if month <= members[DURATION].max() else pd.Series([np.nan, np.nan])
        rate = float(fit.predict(month)) if month <= members[DURATION].max() else np.nan
        values.append((f"progression-free at {month:g} months", rate, at.iloc[0], at.iloc[1]))
    follow_up = KaplanMeierFitter().fit(members[DURATION], ~members[EVENT])
    values.append(("median follow-up (months, reverse Kaplan-Meier)", follow_up.median_survival_time_, np.nan, np.nan))
    frame = pd.DataFrame(values, columns=["statistic", "value", "ci_lower", "ci_upper"]).assign(**facts)
    numbers = ["value", "ci_lower", "ci_upper"]
    return frame.assign(**frame[numbers].where(np.isfinite(frame[numbers].astype(float))))


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
    _, p_value = survdiff(known[DURATION], known[EVENT].astype(int), known[grouping], strata=known[strata])
    return pd.DataFrame([facts | {"value": p_value}])
