"""Registry outcomes 3 and 4: change in size per lesion, and the trajectory of target lesions until progression."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.decision_table import decide
from sonimage.endpoints.best_response import first_progression_dates, new_agent_dates
from sonimage.endpoints.lesion_sizes import LesionSizes
from sonimage.linking.size_rules import HUNDREDTHS, is_disease
from sonimage.tables import LESION

RESPONDING_SHARE, GROWING_SHARE, GROWING_MM = 70, 120, 5  # ZEPHIR and RECIST 1.1: -30 %, +20 % and 5 mm


def derive_lesion_change(
    sizes: LesionSizes, sums: pd.DataFrame, visit_response: pd.DataFrame, patients: pd.DataFrame, events: pd.DataFrame
) -> pd.DataFrame:
    """Return each lesion MEASURED on the baseline CT at its own smallest later size (schema lesion_change, mm).

    CTs after baseline count up to and including the first PD, and not after the day of a new agent. A lesion that has
    merged into another has no later size of its own. `sums`: the rows of `targets.sum_targets`.
    """
    readings = sizes.readings
    is_measured = (readings["state"] == "MEASURED") & (readings["hundredths"] > 0)
    first = sizes.in_order(readings[sizes.at_baseline() & is_measured])
    within = _is_within_window(sizes.assessments, visit_response, new_agent_dates(patients, events))
    baseline = first.set_index("lesion")["hundredths"]
    later = _later_sizes(sizes, baseline, within)
    best = later.loc[later.groupby("lesion")["hundredths"].idxmin()].set_index("lesion")
    at_nadir = later[later["visit"].isin(_patient_nadirs(sums, within))].set_index("lesion")
    changes = sizes.lesions.loc[baseline.index, [*LESION, "organ", "is_node", "role"]].assign(
        baseline=baseline,
        hundredths=best["hundredths"],
        best_date=sizes.assessments["assessment_date"].reindex(best["visit"]).set_axis(best.index),
        is_floor=best["is_floor"],
        is_growing=_is_growing(later),
        at_nadir=at_nadir["hundredths"],
    )
    return tables.conform(
        changes.assign(
            baseline_mm=changes["baseline"] / HUNDREDTHS,
            best_mm=changes["hundredths"] / HUNDREDTHS,
            best_change_percent=_percent(changes["hundredths"], changes["baseline"]),
            change_at_patient_nadir_percent=_percent(changes["at_nadir"], changes["baseline"]),
            category=_categories(changes),
        ),
        "lesion_change",
    )


def _percent(size: pd.Series, baseline: pd.Series) -> pd.Series:
    return 100 * (size - baseline) / baseline


def _is_within_window(assessments: pd.DataFrame, visit_response: pd.DataFrame, agents: pd.Series) -> np.ndarray:
    """Mark the assessments after baseline up to and including the first PD, and not after the day of a new agent."""
    day, patient = assessments["assessment_date"], assessments["patient_id"]
    after_progression = day > patient.map(first_progression_dates(visit_response))
    after_agent = day > patient.map(agents)
    return ~(assessments["is_baseline"] | after_progression | after_agent).to_numpy()


def _later_sizes(sizes: LesionSizes, baseline: pd.Series, within: np.ndarray) -> pd.DataFrame:
    """Readings with a size within the window of the lesions measured at baseline, those that merged left out."""
    of_its_own = sizes.readings["hundredths"].notna() & ~sizes.readings["is_merged"]
    read = sizes.readings.loc[of_its_own, ["lesion", "visit", "hundredths", "is_floor"]]
    reference = baseline.reindex(sizes.lesions.index).to_numpy()
    counts = within[read["visit"]] & np.isfinite(reference)[read["lesion"]]
    later = sizes.in_order(read[counts])
    return later.assign(baseline=reference[later["lesion"]])


def _is_growing(later: pd.DataFrame) -> pd.Series:
    """Lesions that grew by 20 % and 5 mm over their own smallest earlier size, baseline included."""
    lesion, size = later["lesion"], later["hundredths"]
    nadir = np.fmin(size.groupby(lesion).cummin().groupby(lesion).shift(), later["baseline"])
    grown = (size - nadir >= GROWING_MM * HUNDREDTHS) & (100 * size >= GROWING_SHARE * nadir)
    return grown.groupby(lesion).any()


def _patient_nadirs(sums: pd.DataFrame, within: np.ndarray) -> pd.Index:
    """The assessment of each patient's smallest complete sum within the window; the earliest on ties."""
    complete = sums[sums["is_complete"] & within[sums.index]]
    return pd.Index(complete.groupby("patient")["hundredths"].idxmin())


def _categories(changes: pd.DataFrame) -> pd.Series:
    size = changes["hundredths"]
    gone = size.notna() & ~is_disease(size, changes["is_node"])
    responding = 100 * size <= RESPONDING_SHARE * changes["baseline"]
    growing = tables.known_true(changes["is_growing"])
    category = decide((gone, "gone"), (responding, "responding"), (growing, "growing"), otherwise="stable")
    return pd.Series(category, index=changes.index).where(size.notna())


def derive_trajectory(
    sizes: LesionSizes, followed: pd.DataFrame, sums: pd.DataFrame, visit_response: pd.DataFrame
) -> pd.DataFrame:
    """Return the size of each target lesion from baseline CT to the CT at progression, that CT included and marked.

    `followed`, `sums`: the rows of `targets.follow_target_lesions` and `targets.sum_targets`.
    """
    course = sizes.assessments.assign(sum=_percent(sums["hundredths"], sums["baseline"]).where(sums["is_complete"]))
    progression = course["patient_id"].map(first_progression_dates(visit_response))
    baseline_day = course["assessment_date"].groupby(course["patient"]).transform("first")
    course = course.assign(
        weeks=(course["assessment_date"] - baseline_day).dt.days / 7,
        is_progression=course["assessment_date"] == progression,
    )
    counted = ~(course["assessment_date"] > progression).to_numpy()
    followed = followed[followed["hundredths"].notna().to_numpy() & counted[followed["visit"]]]
    names = sizes.lesions[LESION].loc[followed["lesion"]].reset_index(drop=True)
    course = course.loc[followed["visit"]].reset_index(drop=True)
    size, baseline = (followed[name].reset_index(drop=True) for name in ("hundredths", "baseline"))
    return tables.conform(
        names.assign(
            assessment_date=course["assessment_date"],
            weeks=course["weeks"],
            size_mm=size / HUNDREDTHS,
            change_from_baseline_percent=_percent(size, baseline),
            sum_change_from_baseline_percent=course["sum"],
            is_progression=course["is_progression"],
        ),
        "trajectory",
    )
