"""Sums of target-lesion diameters and target response (RECIST 1.1 sections 4.3.1 and 4.3.2)."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.lesion_sizes import ASSESSMENT, HUNDREDTHS, LESION, NODE_NORMAL_MM, follow_ups, size_lesions

PR_SHARE, PD_SHARE, PD_MM = 70, 120, 5  # RECIST 1.1 section 4.3.1: -30 %, +20 % and 5 mm


def derive_target_sums(lesions: pd.DataFrame, measurements: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Return one row per patient with target lesions and assessment from baseline on (schema target_sums, sizes in mm).

    Target lesions are those with a size at baseline. A partial sum has no changes and never is a nadir.
    """
    sums = sum_targets(follow_target_lesions(size_lesions(lesions, measurements, visits), visits))
    follow_up = ~sums["is_baseline"]
    change = sums["hundredths"] - sums["nadir"]
    complete = sums["is_complete"]
    nadir_percent = 100 * change / sums["nadir"].where(sums["nadir"] > 0)
    return tables.conform(
        sums.assign(
            sum_mm=sums["hundredths"] / HUNDREDTHS,
            baseline_sum_mm=sums["baseline"] / HUNDREDTHS,
            nadir_sum_mm=sums["nadir"] / HUNDREDTHS,
            change_from_baseline_percent=(100 * (sums["hundredths"] - sums["baseline"]) / sums["baseline"]).where(
                complete
            ),
            change_from_nadir_percent=nadir_percent.where(complete & follow_up).mask(sums["is_baseline"], 0),
            change_from_nadir_mm=(change / HUNDREDTHS).where(complete & follow_up).mask(sums["is_baseline"], 0),
        ),
        "target_sums",
    )


def follow_target_lesions(sizes: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Return every target lesion at baseline and at every later assessment; size missing where it was not assessed.

    A lesion that has merged into another counts 0 once the other is assessed in its place (RECIST 1.1 section 4.4).
    """
    at_baseline = sizes[sizes["is_baseline"] & (sizes["role"] == "TARGET") & (sizes["hundredths"] > 0)]
    targets = at_baseline[[*LESION, "is_node", "organ", "merged_into"]].assign(
        baseline_hundredths=at_baseline["hundredths"]
    )
    later = targets.merge(follow_ups(visits), on="patient_id", how="inner")
    grid = pd.concat(
        [at_baseline[[*LESION, "assessment_date"]].merge(targets, on=LESION, validate="one_to_one"), later],
        ignore_index=True,
    )
    recorded = sizes[[*LESION, "assessment_date", "hundredths", "is_floor", "is_present"]]
    grid = grid.merge(recorded, on=[*LESION, "assessment_date"], how="left", validate="one_to_one")
    host = grid[["patient_id", "lesion_id", "assessment_date", "hundredths"]]
    host = host.rename(columns={"lesion_id": "merged_into", "hundredths": "host_hundredths"})
    grid = grid.merge(host, on=["patient_id", "merged_into", "assessment_date"], how="left", validate="many_to_one")
    merged = grid["host_hundredths"].notna() & ~(grid["hundredths"] > 0)
    flags = {name: tables.known_true(grid[name]) for name in ("is_floor", "is_present")}
    return grid.assign(hundredths=grid["hundredths"].mask(merged, 0), is_merged=merged, **flags).drop(
        columns="host_hundredths"
    )


def sum_targets(followed: pd.DataFrame) -> pd.DataFrame:
    """Return the sums per assessment in hundredths of a mm, with baseline, nadir, its date, and what CR needs.

    Columns: patient_id, assessment_date, hundredths, baseline, nadir, nadir_date, is_baseline, is_complete, n_targets,
    n_assessed, n_too_small, is_gone (all targets absent, nodes under 10 mm), is_present (any target seen).
    """
    normal = (followed["hundredths"] == 0) | (
        followed["is_node"].astype(bool) & (followed["hundredths"] < NODE_NORMAL_MM * HUNDREDTHS)
    )
    sums = followed.assign(is_assessed=followed["hundredths"].notna(), is_normal=normal).groupby(ASSESSMENT, sort=True)
    sums = sums.agg(
        hundredths=("hundredths", "sum"),
        n_targets=("lesion_id", "size"),
        n_assessed=("is_assessed", "sum"),
        n_too_small=("is_floor", "sum"),
        n_normal=("is_normal", "sum"),
        is_present=("is_present", "any"),
    ).reset_index()
    by_patient = sums.groupby("patient_id")
    complete = sums["n_assessed"] == sums["n_targets"]
    sums = sums.assign(
        hundredths=sums["hundredths"].where(sums["n_assessed"] > 0).astype(float),
        baseline=by_patient["hundredths"].transform("first"),
        is_baseline=by_patient.cumcount() == 0,
        is_complete=complete,
        is_gone=complete & (sums["n_normal"] == sums["n_targets"]),
    )
    return sums.assign(**_nadir(sums))


def _nadir(sums: pd.DataFrame) -> dict[str, pd.Series]:
    """Smallest earlier complete sum, baseline included, and the first day it was reached."""
    complete = sums["hundredths"].where(sums["is_complete"])
    patient = sums["patient_id"]
    running = complete.groupby(patient).cummin().groupby(patient).ffill()
    before = running.groupby(patient).shift()
    is_lower = complete.notna() & (before.isna() | (complete < before))
    reached = sums["assessment_date"].where(is_lower).groupby(patient).ffill()
    return {"nadir": before, "nadir_date": reached.groupby(patient).shift()}


def judge_targets(sums: pd.DataFrame) -> np.ndarray:
    """Target response of each row of `sum_targets` (RECIST 1.1 section 4.3.1); a partial sum can only be PD or NE."""
    total, nadir = sums["hundredths"], sums["nadir"]
    grown = (total - nadir >= PD_MM * HUNDREDTHS) & (100 * total >= PD_SHARE * nadir)
    shrunk = 100 * total <= PR_SHARE * sums["baseline"]
    complete = sums["is_complete"].astype(bool)
    return np.select([sums["is_gone"].astype(bool), grown, ~complete, shrunk], ["CR", "PD", "NE", "PR"], "SD").astype(
        object
    )
