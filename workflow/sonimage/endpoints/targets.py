"""Sums of target-lesion diameters and target response (RECIST 1.1 sections 4.3.1 and 4.3.2)."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.decision_table import decide
from sonimage.endpoints.lesion_sizes import LesionSizes
from sonimage.linking.size_rules import HUNDREDTHS, is_disease

PR_SHARE, PD_SHARE, PD_MM = 70, 120, 5  # RECIST 1.1 section 4.3.1: -30 %, +20 % and 5 mm


def follow_target_lesions(sizes: LesionSizes) -> pd.DataFrame:
    """Return the sizes of target lesions, those with a size at baseline, from baseline on.

    Columns of `LesionSizes.readings`, and baseline (hundredths).
    """
    readings = sizes.readings
    first = sizes.at_baseline() & sizes.of_role("TARGET")[readings["lesion"]] & (readings["hundredths"] > 0).to_numpy()
    baseline = np.full(len(sizes.lesions), np.nan)
    baseline[readings["lesion"][first]] = readings["hundredths"][first]
    followed = readings[np.isfinite(baseline)[readings["lesion"]]]
    return sizes.in_order(followed).assign(baseline=lambda rows: baseline[rows["lesion"]])


def sum_targets(followed: pd.DataFrame, sizes: LesionSizes) -> pd.DataFrame:
    """Return the sums per assessment in hundredths of a mm, with baseline, nadir, its date, and what CR needs.

    One row per assessment of a patient with target lesions, numbered like `LesionSizes.assessments`. Columns:
    patient, patient_id, assessment_date, is_baseline, hundredths, baseline, nadir, nadir_date, is_complete, n_targets,
    n_assessed, n_too_small, is_gone (all targets absent, nodes under 10 mm), is_present (any target seen).
    """
    lesions, visits = followed["lesion"].to_numpy(), followed["visit"].to_numpy()
    is_target = np.isin(np.arange(len(sizes.lesions)), lesions)
    is_node = sizes.lesions["is_node"].to_numpy()[lesions]
    size = followed["hundredths"].to_numpy()
    normal = np.isfinite(size) & ~is_disease(size, is_node)

    def count(marks: np.ndarray) -> np.ndarray:
        return np.bincount(visits[marks], minlength=len(sizes.assessments))

    total = np.bincount(visits, weights=np.nan_to_num(size), minlength=len(sizes.assessments))
    n_targets, n_assessed = sizes.count_per_assessment(is_target), count(np.isfinite(size))
    sums = sizes.assessments.assign(
        hundredths=np.where(n_assessed > 0, total, np.nan),
        n_targets=n_targets,
        n_assessed=n_assessed,
        n_too_small=count(followed["is_floor"].to_numpy()),
        is_complete=n_assessed == n_targets,
        is_gone=count(normal) == n_targets,
        is_present=count((followed["is_present"] & ~followed["is_merged"]).to_numpy()) > 0,
    )[n_targets > 0]
    baseline = sums.groupby("patient")["hundredths"].transform("first")
    return sums.assign(baseline=baseline, **_nadir(sums))


def _nadir(sums: pd.DataFrame) -> dict[str, pd.Series]:
    """Smallest earlier complete sum, baseline included, and the first day it was reached."""
    complete = sums["hundredths"].where(sums["is_complete"])
    patient = sums["patient"]
    running = complete.groupby(patient).cummin().groupby(patient).ffill()
    before = running.groupby(patient).shift()
    is_lower = complete.notna() & (before.isna() | (complete < before))
    reached = sums["assessment_date"].where(is_lower).groupby(patient).ffill()
    return {"nadir": before, "nadir_date": reached.groupby(patient).shift()}


def derive_target_sums(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `sum_targets` in mm and percent (schema target_sums).

    A partial sum has no changes and never is a nadir.
    """
    later, change = ~sums["is_baseline"] & sums["is_complete"], sums["hundredths"] - sums["nadir"]
    of_nadir = 100 * change / sums["nadir"].where(sums["nadir"] > 0)
    of_baseline = 100 * (sums["hundredths"] - sums["baseline"]) / sums["baseline"]
    return tables.conform(
        sums.assign(
            sum_mm=sums["hundredths"] / HUNDREDTHS,
            baseline_sum_mm=sums["baseline"] / HUNDREDTHS,
            nadir_sum_mm=sums["nadir"] / HUNDREDTHS,
            change_from_baseline_percent=of_baseline.where(sums["is_complete"]),
            change_from_nadir_percent=of_nadir.where(later).mask(sums["is_baseline"], 0),
            change_from_nadir_mm=(change / HUNDREDTHS).where(later).mask(sums["is_baseline"], 0),
        ),
        "target_sums",
    )


def judge_targets(sums: pd.DataFrame) -> np.ndarray:
    """Target response of each row of `sum_targets` (RECIST 1.1 section 4.3.1); a partial sum can only be PD or NE."""
    total, nadir = sums["hundredths"], sums["nadir"]
    grown = (total - nadir >= PD_MM * HUNDREDTHS) & (100 * total >= PD_SHARE * nadir)
    shrunk = 100 * total <= PR_SHARE * sums["baseline"]
    partial = ~sums["is_complete"]
    return decide((sums["is_gone"], "CR"), (grown, "PD"), (partial, "NE"), (shrunk, "PR"), otherwise="SD")
