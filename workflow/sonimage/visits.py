"""CT scans grouped into assessments, and the assessment that serves as baseline (RECIST 1.1 sections 4.1 and 4.5)."""

import numpy as np
import pandas as pd

from sonimage import tables

BEFORE, BASELINE, LATE, FOLLOW_UP, NONE = (
    "BEFORE BASELINE",
    "BASELINE",
    "LATE BASELINE",
    "FOLLOW-UP",
    "NO BASELINE",
)


def link_visits(
    patients: pd.DataFrame,
    scans: pd.DataFrame,
    measurements: pd.DataFrame,
    *,
    pooling_days: int,
    late_baseline_days: int,
    interval_days: int = 84,
    window_days: int = 28,
) -> pd.DataFrame:
    """Return each CT scan with the first day of its assessment, its role, its number and its place in the schedule.

    CTs on one day are one assessment; CTs on different days are pooled if at most `pooling_days` apart with no lesion
    assessed on both. The baseline is the latest on or before start of treatment (else randomisation), or else the first
    within `late_baseline_days` after it, flagged; assessments are numbered from it, 0. Unscheduled is a follow-up further
    than `window_days` from every multiple of `interval_days` after start of treatment.
    """
    ct = scans.loc[scans["modality"] == "CT", ["patient_id", "scan_id", "scan_date"]]
    days = ct[["patient_id", "scan_date"]].drop_duplicates().sort_values(["patient_id", "scan_date"], ignore_index=True)
    days = days.assign(assessment_date=_pool(days, _clashing_days(days, ct, measurements, pooling_days), pooling_days))
    visits = ct.merge(days, on=["patient_id", "scan_date"], validate="many_to_one")
    start = _start(visits, patients)
    visits = visits.assign(visit_role=_roles(visits, start, late_baseline_days))
    visits = visits.assign(
        visit_number=_numbers(visits),
        days_from_start=(visits["assessment_date"] - start).dt.days,
        n_scan_days=visits.groupby(["patient_id", "assessment_date"])["scan_date"].transform("nunique"),
    )
    off = (visits["days_from_start"] + interval_days // 2) % interval_days - interval_days // 2
    is_unscheduled = (visits["visit_role"] == FOLLOW_UP) & (off.abs() > window_days)
    visits = visits.assign(is_unscheduled=is_unscheduled)
    return tables.conform(visits.sort_values(["patient_id", "scan_date", "scan_id"]), "visits")


def _clashing_days(days: pd.DataFrame, ct: pd.DataFrame, measurements: pd.DataFrame, pooling_days: int) -> pd.DataFrame:
    """Pairs of scan days near each other (row numbers of `days`, later and earlier) on which one lesion was assessed."""
    gap = days.groupby("patient_id")["scan_date"].diff() <= pd.Timedelta(days=pooling_days)
    near = days.assign(day=np.arange(len(days)))[gap | gap.shift(-1, fill_value=False)]
    scans = ct.merge(near, on=["patient_id", "scan_date"], validate="many_to_one")
    assessed = measurements[measurements["scan_id"].isin(scans["scan_id"]) & (measurements["state"] != "NOT EVALUABLE")]
    on_day = assessed[["patient_id", "lesion_id", "scan_id"]].merge(scans[["scan_id", "day"]], on="scan_id")
    on_day = on_day.drop_duplicates(["patient_id", "lesion_id", "day"]).sort_values(["patient_id", "lesion_id", "day"])
    earlier = on_day.groupby(["patient_id", "lesion_id"])["day"].shift()
    return on_day.assign(earlier=earlier).dropna(subset="earlier")[["day", "earlier"]].astype(int).drop_duplicates()


def _pool(days: pd.DataFrame, clashes: pd.DataFrame, pooling_days: int) -> pd.Series:
    """First day of the assessment of each scan day: one pass over the k-th scan day of all patients at once."""
    dates, rank = days["scan_date"].to_numpy(), days.groupby("patient_id").cumcount().to_numpy()
    start = np.arange(len(days))
    latest_clash = clashes.groupby("day")["earlier"].max().reindex(range(len(days)), fill_value=-1).to_numpy()
    for number in range(1, rank.max(initial=0) + 1):
        at = np.flatnonzero(rank == number)
        opened = start[at - 1]
        near = (dates[at] - dates[opened]) <= np.timedelta64(pooling_days, "D")
        start[at] = np.where(near & (latest_clash[at] < opened), opened, at)
    return pd.Series(dates[start], index=days.index)


def _start(visits: pd.DataFrame, patients: pd.DataFrame) -> pd.Series:
    """Start of treatment, else randomisation, of the patient of each scan."""
    dates = patients.set_index("patient_id")
    return visits["patient_id"].map(dates["first_treatment_date"].fillna(dates["randomisation_date"]))


def _roles(visits: pd.DataFrame, start: pd.Series, late_baseline_days: int) -> np.ndarray:
    day = visits["assessment_date"]
    by_patient = visits["patient_id"]
    on_time = day.where(day <= start).groupby(by_patient).transform("max")
    within = (day > start) & (day <= start + pd.Timedelta(days=late_baseline_days))
    late = day.where(within).groupby(by_patient).transform("min")
    baseline = on_time.fillna(late)
    conditions = [baseline.isna(), day < baseline, (day == baseline) & on_time.notna(), day == baseline]
    return np.select(conditions, [NONE, BEFORE, BASELINE, LATE], FOLLOW_UP)


def _numbers(visits: pd.DataFrame) -> pd.Series:
    """Number of each assessment of a patient, 0 at baseline, negative before it, empty without one."""
    rank = visits.groupby("patient_id")["assessment_date"].rank("dense")
    zero = rank.where(visits["visit_role"].isin([BASELINE, LATE])).groupby(visits["patient_id"]).transform("max")
    return (rank - zero).astype("Int64")
