"""Scan quality: each check of each PET scan as pass, warn, fail or unknown. A failure is a flag; it changes no status."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from sonimage import suv, tables


class Check(NamedTuple):
    """One check: its id, the unit of its value, the tracers it concerns, and the value per scan."""

    check_id: str
    unit: str
    modalities: tuple[str, ...]
    value: Callable[[pd.DataFrame], pd.Series]


BOTH, FES, FDG = ("FES-PET", "FDG-PET"), ("FES-PET",), ("FDG-PET",)


def check_scans(
    scans: pd.DataFrame, patients: pd.DataFrame, pet_baselines: pd.DataFrame, *, limits: dict[str, dict]
) -> pd.DataFrame:
    """Return one row per PET scan and check (schema scan_quality).

    `limits`: check -> {pass: [low, high], warn: [low, high]}, limits included, null for open; outside `warn` fails.
    A check whose value is absent is unknown.
    """
    pet = scans[scans["modality"].isin(BOTH)].drop(columns=["source_file", "source_row"])
    facts = patients[["patient_id", "centre", "randomisation_date", "first_treatment_date", "last_er_ligand_date"]]
    pet = pet.merge(facts, on="patient_id", how="left", validate="many_to_one")
    pet = pet.merge(
        pet_baselines[["patient_id", "fes_scan_id", "fdg_scan_id", "fdg_scan_date", "ct_assessment_date"]],
        on="patient_id",
        how="left",
        validate="many_to_one",
    )
    baseline = (pet["scan_id"] == pet["fes_scan_id"]) | (pet["scan_id"] == pet["fdg_scan_id"])
    pet = pet.assign(is_baseline=baseline)
    checked = [_apply(check, pet, limits[check.check_id]) for check in CHECKS]
    return tables.conform(pd.concat(checked).sort_values(["scan_id", "check_id"]), "scan_quality")


def _apply(check: Check, pet: pd.DataFrame, limit: dict) -> pd.DataFrame:
    rows = pet[pet["modality"].isin(check.modalities)]
    value = check.value(rows).astype(float)
    passes, warns = _within(value, limit["pass"]), _within(value, limit["warn"])
    status = np.select([value.isna(), passes, warns], ["unknown", "pass", "warn"], "fail")
    wanted = "{} to {} {}".format(*("any" if end is None else f"{end:g}" for end in limit["pass"]), check.unit)
    reason = np.select([value.isna(), passes], ["not recorded", ""], f"outside {wanted}")
    columns = ["scan_id", "patient_id", "centre", "modality", "is_baseline"]
    return rows[columns].assign(
        check_id=check.check_id,
        value=value,
        unit=check.unit,
        status=status,
        reason=pd.Series(reason, index=rows.index).mask(lambda column: column == ""),
    )


def _within(value: pd.Series, ends: list) -> pd.Series:
    low, high = (-np.inf if ends[0] is None else ends[0]), (np.inf if ends[1] is None else ends[1])
    return value.between(low, high)


def _days(later: pd.Series, earlier: pd.Series) -> pd.Series:
    return (later - earlier).dt.days


def _decay_is_corrected(pet: pd.DataFrame) -> pd.Series:
    """1 where the image is decay corrected (START or ADMIN), 0 where it is not."""
    return pet["decay_correction"].map({"START": 1.0, "ADMIN": 1.0, "NONE": 0.0})


CHECKS = (
    Check("fes_activity", "MBq", FES, lambda pet: pet["injected_activity_mbq"]),
    Check("fes_activity_per_kg", "MBq/kg", FES, lambda pet: pet["injected_activity_mbq"] / pet["weight_kg"]),
    Check("fdg_activity", "MBq", FDG, lambda pet: pet["injected_activity_mbq"]),
    Check(
        "fes_uptake_time", "min", FES, lambda pet: suv.uptake_minutes(pet["injection_time"], pet["acquisition_time"])
    ),
    Check(
        "fdg_uptake_time", "min", FDG, lambda pet: suv.uptake_minutes(pet["injection_time"], pet["acquisition_time"])
    ),
    Check("weight", "kg", BOTH, lambda pet: pet["weight_kg"]),
    Check("height", "cm", BOTH, lambda pet: pet["height_cm"]),
    Check("half_life", "s", BOTH, lambda pet: pet["half_life_s"]),
    Check("decay_correction", "", BOTH, _decay_is_corrected),
    Check("glucose", "mmol/L", FDG, lambda pet: pet["glucose_mmol_l"]),
    Check("fes_to_fdg", "days", FES, lambda pet: _days(pet["fdg_scan_date"], pet["scan_date"]).abs()),
    Check("fes_to_ct", "days", FES, lambda pet: _days(pet["ct_assessment_date"], pet["scan_date"]).abs()),
    Check("fes_after_treatment", "days", FES, lambda pet: _days(pet["scan_date"], pet["first_treatment_date"])),
    Check("fes_after_randomisation", "days", FES, lambda pet: _days(pet["scan_date"], pet["randomisation_date"])),
    Check("er_ligand_washout", "days", FES, lambda pet: _days(pet["scan_date"], pet["last_er_ligand_date"])),
)
