"""What was read of each lesion at baseline: its size on CT, and the call and uptake on the baseline FES- and FDG-PET."""

import pandas as pd

from sonimage import tables
from sonimage.imaging import suv
from sonimage.linking.pet_baselines import TRACERS
from sonimage.tables import LESION

READ = ("visual", "suvmax", "suvmean", "background_suvmean", "in_field_of_view")


def read_lesions(
    patients: pd.DataFrame,
    scans: pd.DataFrame,
    lesions: pd.DataFrame,
    lesion_links: pd.DataFrame,
    uptake: pd.DataFrame,
    pet_baselines: pd.DataFrame,
) -> pd.DataFrame:
    """Return every lesion with its readings, one row each; columns begin with the tracer (fes_suvmax, has_fes_scan).

    SUL is SUVbw times lean body mass (Janmahasatian) over the weight at that scan: SULmax of FDG, SULmean of FES.
    """
    rows = lesion_links.drop(columns="modalities").merge(
        lesions[[*LESION, "is_node"]], on=LESION, how="left", validate="one_to_one"
    )
    factor = sul_factors(patients, scans)
    for tracer in TRACERS:
        baseline = pet_baselines[f"{tracer}_scan_id"]
        read = uptake.loc[uptake["scan_id"].isin(baseline.dropna()), [*LESION, "scan_id", *READ]]
        read = read.assign(sul_factor=read["scan_id"].map(factor)).drop(columns="scan_id")
        read = read.rename(columns={name: f"{tracer}_{name}" for name in read if name not in LESION})
        rows = rows.merge(read, on=LESION, how="left", validate="one_to_one")
        scanned = baseline.notna().set_axis(pet_baselines["patient_id"])
        rows[f"has_{tracer}_scan"] = tables.known_true(rows["patient_id"].map(scanned))
    return rows.assign(
        fdg_sulmax=rows["fdg_suvmax"] * rows["fdg_sul_factor"], fes_sulmean=rows["fes_suvmean"] * rows["fes_sul_factor"]
    )


def sul_factors(patients: pd.DataFrame, scans: pd.DataFrame) -> pd.Series:
    """SUL over SUVbw of each scan, from its weight and height; empty without them."""
    sex = scans["patient_id"].map(patients.set_index("patient_id")["sex"])
    return suv.sul_factor(scans["weight_kg"], scans["height_cm"], sex).set_axis(scans["scan_id"])
