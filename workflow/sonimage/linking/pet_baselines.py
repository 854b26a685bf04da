"""The baseline FES- and FDG-PET of each patient: the latest on or before start of treatment, else the first after."""

import pandas as pd

from sonimage import tables

TRACERS = {"fes": "FES-PET", "fdg": "FDG-PET"}


def derive_pet_baselines(
    patients: pd.DataFrame, scans: pd.DataFrame, visits: pd.DataFrame, *, late_baseline_days: int
) -> pd.DataFrame:
    """Return one row per patient: the baseline scan of each tracer, its intervals in days (schema pet_baselines).

    Latest on or before start of treatment (else randomisation); if there is none, the first within `late_baseline_days`
    after, marked late. Of two scans on one day the last by scan_id counts. Intervals are later minus earlier as named.
    """
    rows = patients[["patient_id", "randomisation_date", "first_treatment_date"]].copy()
    start = rows["first_treatment_date"].fillna(rows["randomisation_date"]).set_axis(rows["patient_id"])
    for tracer, modality in TRACERS.items():
        found = _baseline(scans[scans["modality"] == modality], start, late_baseline_days).add_prefix(f"{tracer}_")
        found = found.rename(columns={f"{tracer}_n_candidates": f"n_{tracer}_candidates"})
        rows = rows.join(found, on="patient_id")
    is_baseline_ct = visits["visit_role"].isin(["BASELINE", "LATE BASELINE"])
    ct = visits[is_baseline_ct].groupby("patient_id")["assessment_date"].min()
    rows = rows.assign(ct_assessment_date=rows["patient_id"].map(ct))
    fes = rows["fes_scan_date"]
    return tables.conform(
        rows.assign(
            n_fes_candidates=rows["n_fes_candidates"].fillna(0),
            n_fdg_candidates=rows["n_fdg_candidates"].fillna(0),
            fes_to_fdg_days=(rows["fdg_scan_date"] - fes).dt.days,
            fes_to_ct_days=(rows["ct_assessment_date"] - fes).dt.days,
            randomisation_to_fes_days=(fes - rows["randomisation_date"]).dt.days,
            treatment_to_fes_days=(fes - rows["first_treatment_date"]).dt.days,
        ).sort_values("patient_id"),
        "pet_baselines",
    )


def _baseline(scans: pd.DataFrame, start: pd.Series, late_baseline_days: int) -> pd.DataFrame:
    """Per patient: scan_id, scan_date, is_late, n_candidates."""
    begins = scans["patient_id"].map(start)
    on_time = scans["scan_date"] <= begins
    late = ~on_time & (scans["scan_date"] <= begins + pd.Timedelta(days=late_baseline_days))
    by_day = scans.assign(is_late=late)[on_time | late].sort_values(["patient_id", "scan_date", "scan_id"])
    in_time = by_day[~by_day["is_late"]].drop_duplicates("patient_id", keep="last")
    after = by_day[by_day["is_late"] & ~by_day["patient_id"].isin(in_time["patient_id"])]
    first_day = after.groupby("patient_id")["scan_date"].transform("min")
    after = after[after["scan_date"] == first_day].drop_duplicates("patient_id", keep="last")
    chosen = pd.concat([in_time, after]).set_index("patient_id")[["scan_id", "scan_date", "is_late"]]
    candidates = by_day.assign(chosen_late=by_day["patient_id"].isin(after["patient_id"]))
    counted = candidates[candidates["is_late"] == candidates["chosen_late"]].groupby("patient_id").size()
    return chosen.assign(n_candidates=counted)
