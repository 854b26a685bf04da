"""Registry outcomes 3 and 4: change in size per lesion, and the trajectory of target lesions until progression."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.best_response import first_progression_dates, new_agent_dates
from sonimage.lesion_sizes import ASSESSMENT, HUNDREDTHS, LESION, NODE_NORMAL_MM, size_lesions
from sonimage.targets import follow_target_lesions

RESPONDING_SHARE, GROWING_SHARE, GROWING_MM = 70, 120, 5  # ZEPHIR and RECIST 1.1: -30 %, +20 % and 5 mm


def derive_lesion_change(
    lesions: pd.DataFrame,
    measurements: pd.DataFrame,
    visits: pd.DataFrame,
    visit_response: pd.DataFrame,
    target_sums: pd.DataFrame,
    events: pd.DataFrame,
) -> pd.DataFrame:
    """Return each lesion MEASURED on the baseline CT at its own smallest later size (schema lesion_change, mm).

    CTs after baseline count up to and including the first PD, and not after the day of a new agent.
    A lesion that has merged into another has no later size of its own.
    """
    sizes = size_lesions(lesions, measurements, visits)
    measured = sizes[sizes["is_baseline"] & (sizes["state"] == "MEASURED") & (sizes["hundredths"] > 0)]
    changes = measured[[*LESION, "organ", "is_node", "role"]].assign(baseline=measured["hundredths"])
    later = _within_window(sizes[~sizes["is_baseline"] & sizes["hundredths"].notna()], visit_response, events)
    later = later[~_is_merged(later, sizes)]
    later = later.merge(changes[[*LESION, "baseline"]], on=LESION, validate="many_to_one")
    best = later.sort_values([*LESION, "hundredths", "assessment_date"]).drop_duplicates(LESION)
    best = best[[*LESION, "assessment_date", "hundredths", "is_floor"]]
    changes = changes.merge(best, on=LESION, how="left", validate="one_to_one")
    changes = changes.merge(_growing(later), on=LESION, how="left", validate="one_to_one")
    at_nadir = _patient_nadir(target_sums, visit_response, events).merge(
        later[[*LESION, "assessment_date", "hundredths"]], on=ASSESSMENT, validate="one_to_many"
    )
    at_nadir = at_nadir[[*LESION, "hundredths"]].rename(columns={"hundredths": "at_nadir"})
    changes = changes.merge(at_nadir, on=LESION, how="left", validate="one_to_one")
    return tables.conform(
        changes.assign(
            baseline_mm=changes["baseline"] / HUNDREDTHS,
            best_mm=changes["hundredths"] / HUNDREDTHS,
            best_date=changes["assessment_date"],
            best_change_percent=100 * (changes["hundredths"] - changes["baseline"]) / changes["baseline"],
            change_at_patient_nadir_percent=100 * (changes["at_nadir"] - changes["baseline"]) / changes["baseline"],
            category=_categories(changes),
        ).sort_values(LESION),
        "lesion_change",
    )


def _within_window(sizes: pd.DataFrame, visit_response: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    patient, day = sizes["patient_id"], sizes["assessment_date"]
    within = ~(day > patient.map(first_progression_dates(visit_response))) & ~(
        day > patient.map(new_agent_dates(events))
    )
    return sizes[within]


def _is_merged(later: pd.DataFrame, sizes: pd.DataFrame) -> np.ndarray:
    """Absent while the lesion it has merged into was assessed: not a response of its own."""
    hosts = sizes.loc[sizes["hundredths"].notna(), [*LESION, "assessment_date"]]
    host = pd.MultiIndex.from_frame(later[["patient_id", "merged_into", "assessment_date"]])
    return host.isin(pd.MultiIndex.from_frame(hosts)) & (later["hundredths"] == 0).to_numpy()


def _growing(later: pd.DataFrame) -> pd.DataFrame:
    """Lesions that grew by 20 % and 5 mm over their own smallest earlier size, baseline included."""
    ordered = later.sort_values([*LESION, "assessment_date"])
    smallest = ordered.groupby(LESION)["hundredths"].cummin().groupby([ordered[name] for name in LESION]).shift()
    nadir = np.fmin(smallest, ordered["baseline"])
    grown = (ordered["hundredths"] - nadir >= GROWING_MM * HUNDREDTHS) & (
        100 * ordered["hundredths"] >= GROWING_SHARE * nadir
    )
    return grown.groupby([ordered[name] for name in LESION]).any().rename("is_growing").reset_index()


def _patient_nadir(target_sums: pd.DataFrame, visit_response: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Patient and date of the smallest complete sum after baseline within the window; the earliest on ties."""
    after = target_sums[target_sums["nadir_sum_mm"].notna() & tables.known_true(target_sums["is_complete"])]
    after = _within_window(after, visit_response, events)
    return after.sort_values(["patient_id", "sum_mm", "assessment_date"]).drop_duplicates("patient_id")[ASSESSMENT]


def _categories(changes: pd.DataFrame) -> pd.Series:
    size, is_node = changes["hundredths"], changes["is_node"].astype(bool)
    gone = (size == 0) | (is_node & (size < NODE_NORMAL_MM * HUNDREDTHS))
    responding = 100 * size <= RESPONDING_SHARE * changes["baseline"]
    growing = tables.known_true(changes["is_growing"])
    category = np.select([gone, responding, growing], ["gone", "responding", "growing"], "stable").astype(object)
    return pd.Series(category, index=changes.index).where(size.notna())


def derive_trajectory(
    lesions: pd.DataFrame,
    measurements: pd.DataFrame,
    visits: pd.DataFrame,
    target_sums: pd.DataFrame,
    visit_response: pd.DataFrame,
) -> pd.DataFrame:
    """Return the size of each target lesion from baseline CT to the CT at progression, that CT included and marked."""
    followed = follow_target_lesions(size_lesions(lesions, measurements, visits), visits)
    followed = followed[followed["hundredths"].notna()]
    progression = followed["patient_id"].map(first_progression_dates(visit_response))
    followed = followed[~(followed["assessment_date"] > progression)]
    sums = target_sums[[*ASSESSMENT, "change_from_baseline_percent"]]
    sums = sums.rename(columns={"change_from_baseline_percent": "sum_change_from_baseline_percent"})
    followed = followed.merge(sums, on=ASSESSMENT, how="left", validate="many_to_one")
    baseline_day = followed.groupby("patient_id")["assessment_date"].transform("min")
    size, baseline = followed["hundredths"], followed["baseline_hundredths"]
    return tables.conform(
        followed.assign(
            weeks=(followed["assessment_date"] - baseline_day).dt.days / 7,
            size_mm=size / HUNDREDTHS,
            change_from_baseline_percent=100 * (size - baseline) / baseline,
            is_progression=followed["assessment_date"]
            == followed["patient_id"].map(first_progression_dates(visit_response)),
        ).sort_values([*LESION, "assessment_date"]),
        "trajectory",
    )
