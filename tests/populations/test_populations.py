"""Failed checks leave populations, never groups: the imaging set, the per-protocol set and the window set (S7)."""

import pandas as pd
import pytest
from sonimage import tables
from sonimage.populations import analysis_set
from worked_tables import table

CHECKS = table("""
    patient  | check_id                | modality | status  | imaging | per_protocol | window
    clean    | fes_uptake_time         | FES-PET  | pass    | True    | True         | True
    unknown  | er_ligand_washout_label | FES-PET  | unknown | True    | True         | True
    label    | er_ligand_washout_label | FES-PET  | warn    | True    | True         | False
    late     | fes_uptake_time         | FES-PET  | warn    | True    | True         | False
    failed   | fes_uptake_time         | FES-PET  | fail    | True    | False        | False
    activity | fes_activity            | FES-PET  | warn    | True    | True         | True
    fdg      | fdg_uptake_time         | FDG-PET  | fail    | True    | True         | True
""")


@pytest.mark.parametrize("row", CHECKS.to_dict("records"), ids=lambda row: row["patient"])
def test_populations(row):
    patient = {"patient_id": ["a"]}
    patients = tables.conform(
        pd.DataFrame(patient | {"randomisation_date": "2020-01-01", "allocation": "A", "birth_year": 1960}), "patients"
    )
    scan = f"{row['modality']} scan"
    baselines = tables.conform(pd.DataFrame(patient | {"fes_scan_id": "FES-PET scan"}), "pet_baselines")
    groups = tables.conform(pd.DataFrame(patient | {"fes_eval_n": 2, "het3": "mixed"}), "heterogeneity")
    eligibility = tables.conform(
        pd.DataFrame(patient | {"criterion_id": "I1", "kind": "inclusion", "criterion": "-", "status": "met"}),
        "eligibility",
    )
    quality = tables.conform(
        pd.DataFrame(
            patient
            | {"scan_id": scan, "modality": row["modality"], "check_id": row["check_id"], "status": row["status"]}
        ),
        "scan_quality",
    )
    found = analysis_set.derive_analysis_set(
        patients, eligibility, baselines, groups,
        tables.conform(pd.DataFrame(patient), "best_response"), tables.conform(pd.DataFrame(patient), "pfs1"), quality,
        window_checks=["fes_uptake_time", "er_ligand_washout_label"],
    ).iloc[0]  # fmt: skip
    names = ("imaging", "per_protocol", "window")
    assert [bool(found[f"in_{name}_set"]) for name in names] == [row[name] == "True" for name in names]
    assert found["het3"] == "mixed"
