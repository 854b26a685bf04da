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
) -> pd.DataFrame:
    """Return each CT scan with the first day of its assessment and the role of that assessment.

    CTs on one day are one assessment; CTs on different days are pooled if at most `pooling_days` apart with no lesion
    assessed on both. The baseline is the latest on or before start of treatment (else randomisation), or else the first
    within `late_baseline_days` after it, flagged.
    """
    ct = scans.loc[scans["modality"] == "CT", ["patient_id", "scan_id", "scan_date"]]
    days = ct[["patient_id", "scan_date"]].drop_duplicates().sort_values(["patient_id", "scan_date"], ignore_index=True)
    days = days.assign(assessment_date=_pool(days, _clashing_days(days, ct, measurements), pooling_days))
    visits = ct.merge(days, on=["patient_id", "scan_date"], validate="many_to_one")
    visits = visits.assign(visit_role=_roles(visits, patients, late_baseline_days))
    return tables.conform(visits.sort_values(["patient_id", "scan_date", "scan_id"]), "visits")


def _clashing_days(days: pd.DataFrame, ct: pd.DataFrame, measurements: pd.DataFrame) -> pd.DataFrame:
    """Pairs of scan days (row numbers of `days`, later and earlier) on which one lesion was assessed twice."""
    assessed = measurements.loc[measurements["state"] != "NOT EVALUABLE", ["patient_id", "lesion_id", "scan_id"]]
    numbered = days.assign(day=np.arange(len(days)))
    on_day = assessed.merge(ct, on=["patient_id", "scan_id"], validate="many_to_one").merge(
        numbered, on=["patient_id", "scan_date"], validate="many_to_one"
    )
    on_day = (
        on_day[["patient_id", "lesion_id", "day"]].drop_duplicates().sort_values(["patient_id", "lesion_id", "day"])
    )
    earlier = on_day.groupby(["patient_id", "lesion_id"])["day"].shift()
    pairs = on_day.assign(earlier=earlier).dropna(subset="earlier")
    return pairs[["day", "earlier"]].astype(int).drop_duplicates()


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


def _roles(visits: pd.DataFrame, patients: pd.DataFrame, late_baseline_days: int) -> np.ndarray:
    reference = patients.set_index("patient_id")["first_treatment_date"].fillna(
        patients.set_index("patient_id")["randomisation_date"]
    )
    start = visits["patient_id"].map(reference)
    day = visits["assessment_date"]
    by_patient = visits["patient_id"]
    on_time = day.where(day <= start).groupby(by_patient).transform("max")
    within = (day > start) & (day <= start + pd.Timedelta(days=late_baseline_days))
    late = day.where(within).groupby(by_patient).transform("min")
    baseline = on_time.fillna(late)
    conditions = [baseline.isna(), day < baseline, (day == baseline) & on_time.notna(), day == baseline]
    return np.select(conditions, [NONE, BEFORE, BASELINE, LATE], FOLLOW_UP)
