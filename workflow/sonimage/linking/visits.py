"""CT scans grouped into assessments, and the assessment that serves as baseline (RECIST 1.1 sections 4.1 and 4.5)."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.decision_table import decide

BEFORE, BASELINE, LATE, FOLLOW_UP, NONE = (
    "BEFORE BASELINE",
    "BASELINE",
    "LATE BASELINE",
    "FOLLOW-UP",
    "NO BASELINE",
)
BASELINES = (BASELINE, LATE)
JUDGED = (*BASELINES, FOLLOW_UP)


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
    ct = _in_order(scans.loc[scans["modality"] == "CT", ["patient_id", "scan_id", "scan_date"]])
    is_new_day = ~ct.duplicated(["patient", "scan_date"])
    ct = ct.assign(day=is_new_day.cumsum() - 1)
    days = ct.loc[is_new_day, ["patient", "patient_id", "scan_date"]].reset_index(drop=True)
    opened = _pool(days, _clashing_days(days, ct, measurements, pooling_days), pooling_days)
    start = _starts(patients, days["patient_id"])
    days = days.assign(assessment_date=days["scan_date"].to_numpy()[opened])
    days = days.assign(visit_role=_roles(days, start, late_baseline_days))
    days = days.assign(
        visit_number=_numbers(days, opened),
        days_from_start=(days["assessment_date"] - start).dt.days,
        n_scan_days=np.bincount(opened, minlength=len(days))[opened],
    )
    off = (days["days_from_start"] + interval_days // 2) % interval_days - interval_days // 2
    days = days.assign(is_unscheduled=(days["visit_role"] == FOLLOW_UP) & (off.abs() > window_days))
    of_scan = days.drop(columns=["patient", "patient_id", "scan_date"]).iloc[ct["day"]].set_axis(ct.index)
    return tables.conform(ct.join(of_scan), "visits")


def _in_order(ct: pd.DataFrame) -> pd.DataFrame:
    """CTs by patient, day and scan number, with the patient's number."""
    ct = ct.assign(patient=pd.factorize(ct["patient_id"], sort=True)[0])
    tied = ct.duplicated(["patient", "scan_date"], keep=False)
    turn = ct.loc[tied, "scan_id"].rank().reindex(ct.index, fill_value=0)
    return ct.iloc[np.lexsort([turn, ct["scan_date"], ct["patient"]])].reset_index(drop=True)


def _clashing_days(days: pd.DataFrame, ct: pd.DataFrame, measurements: pd.DataFrame, pooling_days: int) -> pd.DataFrame:
    """Pairs of scan days near each other (row numbers of `days`, later and earlier) on which one lesion was assessed."""
    gap = days["scan_date"].diff() <= pd.Timedelta(days=pooling_days)
    gap &= days["patient"].diff() == 0
    near = ct.loc[(gap | gap.shift(-1, fill_value=False)).to_numpy()[ct["day"]], ["scan_id", "day"]]
    read = measurements.loc[
        measurements["scan_id"].isin(near["scan_id"]), ["patient_id", "lesion_id", "scan_id", "state"]
    ]
    on_day = read[read["state"] != "NOT EVALUABLE"].merge(near, on="scan_id", validate="many_to_one")
    on_day = on_day.drop_duplicates(["patient_id", "lesion_id", "day"]).sort_values(["patient_id", "lesion_id", "day"])
    earlier = on_day.groupby(["patient_id", "lesion_id"])["day"].shift()
    return on_day.assign(earlier=earlier).dropna(subset="earlier")[["day", "earlier"]].astype(int).drop_duplicates()


def _pool(days: pd.DataFrame, clashes: pd.DataFrame, pooling_days: int) -> np.ndarray:
    """Row of the first day of the assessment of each scan day: one pass over the k-th scan day of all patients at once."""
    dates, rank = days["scan_date"].to_numpy(), days.groupby("patient").cumcount().to_numpy()
    opened = np.arange(len(days))
    latest_clash = clashes.groupby("day")["earlier"].max().reindex(range(len(days)), fill_value=-1).to_numpy()
    for number in range(1, rank.max(initial=0) + 1):
        at = np.flatnonzero(rank == number)
        before = opened[at - 1]
        near = (dates[at] - dates[before]) <= np.timedelta64(pooling_days, "D")
        opened[at] = np.where(near & (latest_clash[at] < before), before, at)
    return opened


def _starts(patients: pd.DataFrame, patient_id: pd.Series) -> pd.Series:
    """Start of treatment, else randomisation, of the patient of each scan day."""
    dates = patients.set_index("patient_id")
    return patient_id.map(dates["first_treatment_date"].fillna(dates["randomisation_date"]))


def _roles(days: pd.DataFrame, start: pd.Series, late_baseline_days: int) -> np.ndarray:
    day = days["assessment_date"]
    on_time = day.where(day <= start).groupby(days["patient"]).transform("max")
    within = (day > start) & (day <= start + pd.Timedelta(days=late_baseline_days))
    late = day.where(within).groupby(days["patient"]).transform("min")
    baseline = on_time.fillna(late)
    return decide(
        (baseline.isna(), NONE),
        (day < baseline, BEFORE),
        ((day == baseline) & on_time.notna(), BASELINE),
        (day == baseline, LATE),
        otherwise=FOLLOW_UP,
    )


def _numbers(days: pd.DataFrame, opened: np.ndarray) -> pd.Series:
    """Number of each assessment of a patient, 0 at baseline, negative before it, empty without one."""
    number = pd.Series(np.cumsum(opened == np.arange(len(days))), index=days.index)
    zero = number.where(days["visit_role"].isin([BASELINE, LATE])).groupby(days["patient"]).transform("max")
    return (number - zero).astype("Int64")
