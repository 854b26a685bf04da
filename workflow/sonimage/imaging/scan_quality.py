"""Scan quality: each check of each PET scan as pass, warn, fail or unknown. A failure is a flag; it changes no status."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from sonimage import tables


class Check(NamedTuple):
    """One check: its id, the tracers it concerns, the column it looks at, its unit, what the value is worked out from.

    `explains` says in words what an observed word means; `remark` is a column with words to add to the reason.
    """

    check_id: str
    modalities: tuple[str, ...]
    column: str
    unit: str = ""
    needs: tuple[str, ...] = ()
    explains: Mapping[str, str] = MappingProxyType({})
    remark: str | None = None


BOTH, FES, FDG = ("FES-PET", "FDG-PET"), ("FES-PET",), ("FDG-PET",)
TIMES = ("injection_time", "acquisition_time")
LIGAND = ("last_er_ligand_date",)
CHECKS = (
    Check("fes_activity", FES, "injected_activity_mbq", "MBq"),
    Check("fes_activity_per_kg", FES, "activity_mbq_per_kg", "MBq/kg", ("injected_activity_mbq", "weight_kg")),
    Check("fdg_activity", FDG, "injected_activity_mbq", "MBq"),
    Check("radiation_dose", BOTH, "radiation_dose_msv", "mSv", ("injected_activity_mbq",)),
    Check("fes_uptake_time", FES, "uptake_minutes", "min", TIMES),
    Check("fdg_uptake_time", FDG, "uptake_minutes", "min", TIMES),
    Check("half_life", BOTH, "half_life_s", "s"),
    Check("units", BOTH, "units", explains={
        "GML": "already SUV: neither decay nor weight may be applied again",
        "CNTS": "counts: SUV only through Philips' private factors",
    }),
    Check("decay_correction", BOTH, "decay_correction", explains={"NONE": "SUV needs decay correction"}),
    Check("corrections", BOTH, "image_corrections", needs=("corrections",)),
    Check("suv_agreement", BOTH, "suv_difference_percent", "percent",
          ("activity_kbq_ml", *TIMES, "injected_activity_mbq", "weight_kg", "half_life_s", "decay_correction"),
          remark="suv_remark"),
    Check("weight", BOTH, "weight_kg", "kg"),
    Check("height", BOTH, "height_cm", "cm"),
    Check("weight_agreement", BOTH, "weight_difference_percent", "percent", ("weight_kg", "another weight")),
    Check("height_agreement", BOTH, "height_difference_cm", "cm", ("height_cm", "another height")),
    Check("glucose", FDG, "glucose_mmol_l", "mmol/L"),
    Check("fes_to_fdg", FES, "to_fdg_days", "days", ("baseline FDG-PET",)),
    Check("fes_to_ct", FES, "to_ct_days", "days", ("baseline CT",)),
    Check("ct_to_treatment", FES, "ct_to_treatment_days", "days", ("baseline CT", "first_treatment_date")),
    Check("fes_after_treatment", FES, "after_treatment_days", "days", ("first_treatment_date",)),
    Check("fes_before_treatment", FES, "before_treatment_days", "days", ("first_treatment_date",)),
    Check("fdg_after_treatment", FDG, "after_treatment_days", "days", ("first_treatment_date",)),
    Check("fes_after_randomisation", FES, "after_randomisation_days", "days", ("randomisation_date",)),
    Check("er_ligand_washout", FES, "er_ligand_washout_days", "days", LIGAND),
    Check("er_ligand_washout_label", FES, "beyond_label_washout_days", "days", (*LIGAND, "last_er_ligand")),
    Check("scanner_agreement", FES, "scanner_of_both", needs=("scanner", "scanner of the FDG-PET"),
          explains={"different": "FES- and FDG-PET on different scanners"}),
    Check("reconstruction_agreement", FES, "reconstruction_of_both", needs=("reconstruction", "that of the FDG-PET"),
          explains={"different": "FES- and FDG-PET reconstructed differently"}),
    Check("scanner_of_centre", BOTH, "scanner_of_centre", needs=("scanner",),
          explains={"other": "not the scanner the centre uses most for this tracer"}),
    Check("reconstruction_of_centre", BOTH, "reconstruction_of_centre", needs=("reconstruction",),
          explains={"other": "not the reconstruction the centre uses most for this tracer"}),
)  # fmt: skip
KEYS = ["scan_id", "patient_id", "centre", "modality", "is_baseline"]


def check_scans(scan_facts: pd.DataFrame, *, limits: dict[str, dict]) -> pd.DataFrame:
    """Return one row per PET scan and check (schema scan_quality).

    `limits`: check -> {pass, warn}: either ranges [low, high], ends included and null for open, or words. What is in
    neither fails; a check whose value cannot be known is unknown.
    """
    checked = [_apply(check, scan_facts, limits[check.check_id]) for check in CHECKS]
    return tables.conform(pd.concat(checked).sort_values(["scan_id", "check_id"]), "scan_quality")


def _apply(check: Check, facts: pd.DataFrame, limit: dict) -> pd.DataFrame:
    rows = facts[facts["modality"].isin(check.modalities)]
    value, by_word = rows[check.column], facts[check.column].dtype == object
    judge = _among if by_word else _within
    passes, warns = judge(value, limit["pass"]), judge(value, limit["warn"])
    status = np.select([value.isna(), passes, warns], ["unknown", "pass", "warn"], "fail")
    why = _explain(check, value, limit["pass"]) if by_word else _compare(check, value, limit["pass"])
    if check.remark:
        why = why + rows[check.remark].radd(", ").fillna("")
    reason = why.mask(passes).mask(value.isna(), _lacking(check, rows))
    shown = {"observed": value} if by_word else {"value": value.astype(float), "unit": check.unit or None}
    return rows[KEYS].assign(check_id=check.check_id, status=status, reason=reason, **shown)


def _within(value: pd.Series, ends: list) -> pd.Series:
    low, high = (-np.inf if ends[0] is None else ends[0]), (np.inf if ends[1] is None else ends[1])
    return value.astype(float).between(low, high)


def _among(value: pd.Series, words: list[str]) -> pd.Series:
    return value.isin(words)


def _compare(check: Check, value: pd.Series, ends: list) -> pd.Series:
    low, high = ("any" if end is None else f"{end:g}" for end in ends)
    return value.astype(object).map(f"{{:.6g}} {check.unit}, outside {low} to {high}".format, na_action="ignore")


def _explain(check: Check, value: pd.Series, words: list[str]) -> pd.Series:
    return value.map(lambda word: check.explains.get(word, f"{word}, not {' or '.join(words)}"), na_action="ignore")


def _lacking(check: Check, rows: pd.DataFrame) -> pd.Series:
    """Which of the recorded items that a check needs is absent; all of them where that cannot be told from the scan."""
    needed = check.needs or (check.column,)
    told = [name for name in needed if name in rows and rows[name].isna().any()]
    names = pd.Series("", index=rows.index, dtype=object)
    for name in told:
        names = names + np.where(rows[name].isna(), f"{name}, ", "")
    others = ", ".join(name for name in needed if name not in rows) or ", ".join(needed)
    return "not recorded: " + names.str.removesuffix(", ").mask(names == "", others)


def list_scans(scan_facts: pd.DataFrame, scan_quality: pd.DataFrame) -> pd.DataFrame:
    """Return the listing of PET scans: the facts of each, its worst status and its findings in words (schema scan_listing)."""
    order = pd.Series({"unknown": 0, "pass": 0, "warn": 1, "fail": 2})
    worst = scan_quality["status"].map(order).groupby(scan_quality["scan_id"]).max()
    found = scan_quality[scan_quality["status"].isin(["warn", "fail"])]
    words = found["check_id"] + " " + found["status"] + " (" + found["reason"] + ")"
    findings = words.groupby(found["scan_id"]).agg("; ".join)
    return tables.conform(
        scan_facts.assign(
            worst_status=scan_facts["scan_id"].map(worst).map({0: "pass", 1: "warn", 2: "fail"}),
            findings=scan_facts["scan_id"].map(findings),
        ),
        "scan_listing",
    )
