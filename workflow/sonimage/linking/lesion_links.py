"""Lesions across CT, FDG-PET and FES-PET by the readers' lesion numbers: on which baseline scans each was seen."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.linking.size_rules import TOO_SMALL_MM
from sonimage.linking.visits import BASELINES
from sonimage.tables import LESION

SEEN_ON_CT = ("MEASURED", "PRESENT", "TOO SMALL TO MEASURE")
NOT_SEEN = ("negative", "not evaluable")  # visual calls


def link_lesions(
    lesions: pd.DataFrame,
    measurements: pd.DataFrame,
    uptake: pd.DataFrame,
    visits: pd.DataFrame,
    pet_baselines: pd.DataFrame,
) -> pd.DataFrame:
    """Return every lesion, the baseline scans it was seen on and its size on CT (schema lesion_links).

    Seen on CT: MEASURED, PRESENT or TOO SMALL TO MEASURE on the baseline CT. Seen on PET: a reading on the baseline scan
    whose visual call is not negative or not evaluable. A lesion seen on one modality only is kept.
    """
    ct = _on_baseline_ct(measurements, visits)
    rows = lesions[[*LESION, "organ"]].merge(ct, on=LESION, how="left", validate="one_to_one")
    for tracer in ("fdg", "fes"):
        seen = _on_baseline_pet(uptake, pet_baselines, f"{tracer}_scan_id").assign(**{f"is_on_{tracer}": True})
        rows = rows.merge(seen, on=LESION, how="left", validate="one_to_one")
    seen_on = {name: tables.known_true(rows[f"is_on_{name}"]) for name in ("ct", "fdg", "fes")}
    words = np.full(len(rows), "", dtype=object)
    for seen, modality in zip(seen_on.values(), ("CT", "FDG-PET", "FES-PET"), strict=True):
        words = words + np.where(seen, np.where(words == "", modality, " + " + modality), "").astype(object)
    rows = rows.assign(**{f"is_on_{name}": seen for name, seen in seen_on.items()}, modalities=words)
    return tables.conform(rows.sort_values(LESION), "lesion_links")


def _on_baseline_ct(measurements: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Lesions seen on the baseline CT with their largest recorded size (mm); too small to measure counts 5 mm."""
    baseline = visits.loc[visits["visit_role"].isin(BASELINES), "scan_id"]
    rows = measurements[measurements["scan_id"].isin(baseline) & measurements["state"].isin(SEEN_ON_CT)]
    size = rows["diameter_mm"].fillna(
        pd.Series(np.where(rows["state"] == "TOO SMALL TO MEASURE", TOO_SMALL_MM, np.nan), index=rows.index)
    )
    sizes = rows.assign(size=size).groupby(LESION)["size"].max().rename("baseline_diameter_mm").reset_index()
    return sizes.assign(is_on_ct=True)


def _on_baseline_pet(uptake: pd.DataFrame, pet_baselines: pd.DataFrame, scan: str) -> pd.DataFrame:
    rows = uptake[uptake["scan_id"].isin(pet_baselines[scan].dropna())]
    return rows.loc[~rows["visual"].isin(NOT_SEEN), LESION].drop_duplicates()
