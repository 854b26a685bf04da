"""What there is to check about each PET scan: times, doses, body, intervals, scanner, and the SUV recomputed."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cleaning import clock
from sonimage.imaging import suv
from sonimage.linking.pet_baselines import TRACERS

PET = tuple(TRACERS.values())
FROM_PATIENT = [
    "patient_id", "centre", "sex", "randomisation_date", "first_treatment_date", "last_er_ligand", "last_er_ligand_date",
]  # fmt: skip
FROM_BASELINES = ["patient_id", "fes_scan_id", "fdg_scan_id", "fes_scan_date", "fdg_scan_date", "ct_assessment_date"]
NEAR = 0.02  # of a ratio to the one that a slip would give


def derive_scan_facts(
    scans: pd.DataFrame,
    patients: pd.DataFrame,
    pet_baselines: pd.DataFrame,
    uptake: pd.DataFrame,
    *,
    msv_per_mbq: dict[str, float],
    low_dose_ct_msv: float,
    label_washout_days: dict[str, int],
) -> pd.DataFrame:
    """Return one row per PET scan with all that the checks look at (schema scan_listing, its last two columns empty).

    The radiation dose is the tracer's (`msv_per_mbq` by modality) and that of the low-dose CT. `label_washout_days`:
    ER ligand -> days the tracer's label asks for before FES-PET.
    """
    pet = scans[scans["modality"].isin(PET)]
    pet = pet.merge(patients[FROM_PATIENT], on="patient_id", how="left", validate="many_to_one")
    pet = pet.merge(pet_baselines[FROM_BASELINES], on="patient_id", how="left", validate="many_to_one")
    pet = pet.assign(
        is_baseline=(pet["scan_id"] == pet["fes_scan_id"]) | (pet["scan_id"] == pet["fdg_scan_id"]),
        activity_mbq_per_kg=pet["injected_activity_mbq"] / pet["weight_kg"].where(pet["weight_kg"] > 0),
        uptake_minutes=clock.uptake_minutes(
            pet["injection_time"], pet["acquisition_time"], pet["injection_date"], pet["scan_date"]
        ),
        radiation_dose_msv=pet["injected_activity_mbq"] * pet["modality"].map(msv_per_mbq).astype(float)
        + low_dose_ct_msv,
        image_corrections=name_corrections(pet["corrections"]),
    )
    facts = pet.assign(
        suv_factor=suv.suv_factor(pet, pet["uptake_minutes"]),
        **{name: suv.sul_factor(pet["weight_kg"], pet["height_cm"], pet["sex"], name) for name in suv.LEAN_BODY_MASS},
        **_intervals(pet, label_washout_days),
        **_body(pet, patients),
        **_equipment(pet),
    ).rename(columns={name: f"sul_factor_{name}" for name in suv.LEAN_BODY_MASS})
    return tables.conform(recompute_suv(facts, uptake).sort_values("scan_id"), "scan_listing")


def name_corrections(corrections: pd.Series) -> pd.Series:
    """Whether an image is corrected for attenuation and decay, which SUV needs (DICOM Corrected Image, 0028,0051)."""
    has = {code: corrections.str.contains(rf"\b{code}\b", na=False) for code in ("ATTN", "DECY")}
    words = np.select(
        [has["ATTN"] & has["DECY"], has["ATTN"], has["DECY"]],
        ["attenuation and decay", "attenuation alone", "decay alone"],
        "neither",
    )
    return pd.Series(words, index=corrections.index, dtype=object).where(corrections.notna())


def _days(later: pd.Series, earlier: pd.Series) -> pd.Series:
    return (later - earlier).dt.days.astype(float)


def _intervals(pet: pd.DataFrame, label_washout_days: dict[str, int]) -> dict[str, pd.Series]:
    day, treatment = pet["scan_date"], pet["first_treatment_date"]
    washout = _days(day, pet["last_er_ligand_date"])
    ligand = pet["last_er_ligand"].str.strip().str.lower()
    longest = pd.Series(float(max(label_washout_days.values())), index=pet.index)
    shortest = pd.Series(float(min(label_washout_days.values())), index=pet.index)
    # an unnamed ligand passes by the longest of the label's washouts, falls short by the shortest, else nobody knows
    beyond = (washout - longest).where(washout >= longest, (washout - shortest).where(washout < shortest))
    named = ligand.map(label_washout_days).astype(float)
    is_baseline_fes = pet["scan_id"] == pet["fes_scan_id"]
    return {
        "to_fdg_days": _days(pet["fdg_scan_date"], day).abs().where(pet["modality"] == "FES-PET"),
        "to_ct_days": _days(pet["ct_assessment_date"], day).abs(),
        "after_randomisation_days": _days(day, pet["randomisation_date"]),
        "after_treatment_days": _days(day, treatment),
        "before_treatment_days": _days(treatment, day),
        "ct_to_treatment_days": _days(treatment, pet["ct_assessment_date"]).where(is_baseline_fes),
        "er_ligand_washout_days": washout,
        "beyond_label_washout_days": (washout - named).where(named.notna(), beyond),
    }


def _body(pet: pd.DataFrame, patients: pd.DataFrame) -> dict[str, pd.Series]:
    """Differences of weight (percent) and height (cm) from the case report form, or else from the patient's other scans."""
    form = patients.set_index("patient_id")
    differences = {}
    for measure in ("weight_kg", "height_cm"):
        value, scans = pet[measure], pet.groupby("patient_id")[measure]
        others = (scans.transform("sum") - value) / (scans.transform("count") - 1).where(lambda n: n > 0)
        differences[measure] = value, pet["patient_id"].map(form[measure]).fillna(others)
    weight, other_weight = differences["weight_kg"]
    height, other_height = differences["height_cm"]
    return {
        "weight_difference_percent": 100 * (weight - other_weight).abs() / other_weight.where(other_weight > 0),
        "height_difference_cm": (height - other_height).abs(),
    }


def _equipment(pet: pd.DataFrame) -> dict[str, pd.Series]:
    """Scanner and reconstruction against the patient's other tracer and against what the centre uses most."""
    words = {}
    baseline = pet[pet["is_baseline"]]
    for name in ("scanner", "reconstruction"):
        fdg = pet["patient_id"].map(baseline[baseline["modality"] == "FDG-PET"].set_index("patient_id")[name])
        same = pd.Series(np.where(pet[name] == fdg, "same", "different"), index=pet.index, dtype=object)
        known = pet[name].notna() & fdg.notna() & (pet["modality"] == "FES-PET")
        usual = pet.groupby(["centre", "modality"])[name].transform(_most_used)
        of_centre = pd.Series(np.where(pet[name] == usual, "usual", "other"), index=pet.index, dtype=object)
        words |= {
            f"{name}_of_both": same.where(known),
            f"{name}_of_centre": of_centre.where(pet[name].notna() & usual.notna()),
        }
    return words


def _most_used(names: pd.Series) -> object:
    counts = names.value_counts().sort_index(kind="stable")
    return counts.idxmax() if len(counts) else np.nan


def recompute_suv(facts: pd.DataFrame, uptake: pd.DataFrame) -> pd.DataFrame:
    """Add how far the delivered SUVmax lie from those recomputed (median over lesions, percent), and what it looks like.

    Recomputed from activity concentration, injected activity, times, half-life and weight, where all are delivered.
    """
    read = uptake[uptake["activity_kbq_ml"].notna() & uptake["suvmax"].notna()]
    scan = facts.set_index("scan_id").reindex(read["scan_id"]).reset_index()
    again = suv.suv_of_activity(read["activity_kbq_ml"].reset_index(drop=True), scan, scan["uptake_minutes"])
    ratio = (read["suvmax"].reset_index(drop=True) / again.where(again > 0)).groupby(scan["scan_id"]).median()
    ratio = facts["scan_id"].map(ratio)
    decayed = suv.decay_factor(facts["uptake_minutes"], facts["half_life_s"])
    remark = np.select(
        [(ratio * decayed - 1).abs() < NEAR, (ratio / decayed - 1).abs() < NEAR],
        ["as if decay had been applied twice", "as if decay had not been applied"],
        "",
    )
    remark = pd.Series(remark, index=facts.index, dtype=object).mask((ratio - 1).abs() < NEAR, "")
    return facts.assign(suv_difference_percent=100 * (ratio - 1), suv_remark=remark.replace("", None))
