"""Scan checks: pass, warn, fail and unknown on worked scans, with the reason in words."""

import numpy as np
import pandas as pd
import pytest
from project import CONFIG
from sonimage import tables
from sonimage.imaging import scan_facts, scan_quality
from worked_tables import table

FES = {
    "scan_id": "fes", "patient_id": "a", "modality": "FES-PET", "scan_date": "2020-02-10", "scanner": "mCT",
    "weight_kg": 70.0, "height_cm": 165.0, "injected_activity_mbq": 205.0, "injection_date": "2020-02-10",
    "injection_time": "10:00:00", "acquisition_time": "11:00:00", "units": "BQML", "decay_correction": "START",
    "half_life_s": 6586.2, "reconstruction": "PSF", "corrections": "['DECY', 'ATTN', 'SCAT']",
}  # fmt: skip
FDG = FES | {"scan_id": "fdg", "modality": "FDG-PET", "scan_date": "2020-02-05", "injection_date": "2020-02-05"}
FDG |= {"glucose_mmol_l": 5.5, "injected_activity_mbq": 220.0}
PATIENT = {
    "patient_id": "a", "centre": "UMCG", "sex": "F", "randomisation_date": "2020-02-14", "first_treatment_date": "2020-02-17",
    "last_er_ligand_date": "2019-06-01", "last_er_ligand": "Fulvestrant", "weight_kg": 70.0, "height_cm": 165.0,
}  # fmt: skip
READINGS = pd.DataFrame({"scan_id": ["fes", "fdg"], "patient_id": "a", "lesion_id": "1", "suvmax": [4.0, 8.0]})


def facts(
    scan: dict | None = None, patient: dict | None = None, uptake: pd.DataFrame | None = None, fdg: dict | None = None
):
    """Facts of a patient's two scans, the FES-PET and the patient changed as asked."""
    scans = tables.conform(pd.DataFrame([FES | (scan or {}), FDG | (fdg or {})]), "scans")
    patients = tables.conform(pd.DataFrame([PATIENT | (patient or {})]), "patients")
    baselines = tables.conform(
        pd.DataFrame(
            [
                {
                    "patient_id": "a", "fes_scan_id": "fes", "fdg_scan_id": "fdg", "fes_scan_date": scans["scan_date"][0],
                    "fdg_scan_date": scans["scan_date"][1], "ct_assessment_date": "2020-02-07",
                }
            ]
        ),
        "pet_baselines",
    )  # fmt: skip
    read = tables.conform(READINGS if uptake is None else uptake, "uptake")
    return scan_facts.derive_scan_facts(scans, patients, baselines, read, **CONFIG["scan_facts"])


def found(check: str, **changes) -> tuple[str, str]:
    """Status and reason of one check of the FES-PET (or of the FDG-PET, for its own checks)."""
    checked = scan_quality.check_scans(facts(**changes), limits=CONFIG["scan_quality"])
    row = checked[checked["check_id"] == check].sort_values("modality", ascending=False).iloc[0]
    return row["status"], row["reason"]


def test_a_scan_without_fault_passes_every_check_that_can_be_made():
    activity = READINGS.assign(activity_kbq_ml=[8.021, 17.2155])  # 4 and 8 g/mL an hour after 205 and 220 MBq, 70 kg
    listing = facts(uptake=activity)
    checked = scan_quality.check_scans(listing, limits=CONFIG["scan_quality"])
    assert checked.groupby("status")["check_id"].agg(list).to_dict().keys() == {"pass"}
    assert set(checked["check_id"]) == set(CONFIG["scan_quality"])
    assert scan_quality.list_scans(listing, checked)["worst_status"].tolist() == ["pass", "pass"]


WORKED = table("""
    check                    | column                | value               | status  | reason
    fes_activity             | injected_activity_mbq | 220                 | pass    | -
    fes_activity             | injected_activity_mbq | 220.1               | warn    | 220.1 MBq, outside 180 to 220
    fes_activity             | injected_activity_mbq | 251                 | fail    | 251 MBq, outside 180 to 220
    fes_activity             | injected_activity_mbq | -                   | unknown | not recorded: injected_activity_mbq
    fes_activity_per_kg      | weight_kg             | 60                  | warn    | 3.41667 MBq/kg, outside 2.7 to 3.3
    fes_activity_per_kg      | weight_kg             | -                   | unknown | not recorded: weight_kg
    radiation_dose           | injected_activity_mbq | 210                 | pass    | -
    radiation_dose           | injected_activity_mbq | 211                 | warn    | 6.122 mSv, outside 0 to 6.1
    fes_uptake_time          | acquisition_time      | 10:50:00            | pass    | -
    fes_uptake_time          | acquisition_time      | 11:15:01            | warn    | 75.0167 min, outside 50 to 75
    fes_uptake_time          | acquisition_time      | 11:31:00            | fail    | 91 min, outside 50 to 75
    fes_uptake_time          | acquisition_time      | 09:55:00            | fail    | -5 min, outside 50 to 75
    fes_uptake_time          | injection_date        | 2020-02-09          | fail    | 1500 min, outside 50 to 75
    fes_uptake_time          | injection_time        | -                   | unknown | not recorded: injection_time
    half_life                | half_life_s           | 6588                | pass    | -
    half_life                | half_life_s           | 4062                | fail    | 4062 s, outside 6576 to 6596
    units                    | units                 | GML                 | warn    | already SUV: neither decay nor weight may be applied again
    units                    | units                 | CNTS                | warn    | counts: SUV only through Philips' private factors
    units                    | units                 | PROPCPS             | fail    | PROPCPS, not BQML
    units                    | units                 | -                   | unknown | not recorded: units
    decay_correction         | decay_correction      | ADMIN               | pass    | -
    decay_correction         | decay_correction      | NONE                | fail    | SUV needs decay correction
    corrections              | corrections           | ['DECY', 'SCAT']    | fail    | decay alone, not attenuation and decay
    corrections              | corrections           | -                   | unknown | not recorded: corrections
    weight                   | weight_kg             | 70000               | fail    | 70000 kg, outside 35 to 150
    weight_agreement         | weight_kg             | 73.5                | pass    | -
    weight_agreement         | weight_kg             | 73.6                | warn    | 5.14286 percent, outside 0 to 5
    height_agreement         | height_cm             | 168                 | warn    | 3 cm, outside 0 to 2
    fes_to_fdg               | scan_date             | 2020-03-05          | warn    | 29 days, outside 0 to 28
    fes_to_ct                | scan_date             | 2020-03-21          | fail    | 43 days, outside 0 to 28
    fes_after_treatment      | scan_date             | 2020-02-18          | warn    | 1 days, outside any to 0
    fes_before_treatment     | scan_date             | 2020-01-19          | warn    | 29 days, outside any to 28
    fes_after_randomisation  | scan_date             | 2020-02-15          | warn    | 1 days, outside any to 0
    scanner_agreement        | scanner               | Vision              | warn    | FES- and FDG-PET on different scanners
    reconstruction_agreement | reconstruction        | -                   | unknown | not recorded: reconstruction
""")


@pytest.fixture(scope="module")
def worked() -> pd.DataFrame:
    """The checks of all worked scans, each the FES-PET of a patient of its own."""
    listings = [
        facts(scan={row["column"]: row["value"]}).assign(scan_id=lambda rows, n=n: rows["scan_id"] + str(n))
        for n, row in enumerate(WORKED.to_dict("records"))
    ]
    return scan_quality.check_scans(pd.concat(listings, ignore_index=True), limits=CONFIG["scan_quality"])


@pytest.mark.parametrize(
    "n", range(len(WORKED)), ids=(WORKED["check"] + "-" + WORKED["value"].fillna("absent")).tolist()
)
def test_worked_checks_of_a_scan(worked, n):
    row = worked[(worked["scan_id"] == f"fes{n}") & (worked["check_id"] == WORKED["check"][n])].iloc[0]
    expected = WORKED.iloc[n]
    assert row["status"] == expected["status"]
    assert row["reason"] == expected["reason"] or (pd.isna(row["reason"]) and pd.isna(expected["reason"]))


# FES-PET on 2020-02-10: the record asks for more than 5 weeks, the label for 8 (tamoxifen) and 28 (fulvestrant)
WASHOUT = table("""
    ligand      | last_day   | record  | label
    tamoxifen   | 2020-01-06 | fail    | warn
    tamoxifen   | 2020-01-05 | pass    | warn
    Tamoxifen   | 2019-12-16 | pass    | pass
    fulvestrant | 2019-12-16 | pass    | warn
    fulvestrant | 2019-07-29 | pass    | pass
    -           | 2019-07-29 | pass    | pass
    -           | 2019-10-01 | pass    | unknown
    -           | 2019-12-17 | pass    | warn
    raloxifene  | 2019-10-01 | pass    | unknown
    tamoxifen   | -          | unknown | unknown
""")


@pytest.mark.parametrize("row", WASHOUT.to_dict("records"), ids=lambda row: f"{row['ligand']}-{row['last_day']}")
def test_washout_of_er_ligands_by_the_record_and_by_the_label(row):
    patient = {"last_er_ligand": row["ligand"], "last_er_ligand_date": row["last_day"]}
    assert found("er_ligand_washout", patient=patient)[0] == row["record"]
    assert found("er_ligand_washout_label", patient=patient)[0] == row["label"]


@pytest.mark.parametrize(
    "times, remark",
    [
        (1.0, None),
        (1.04, None),
        (1.08, "8 percent, outside -5 to 5"),
        (2 ** (3600 / 6586.2), "46.0637 percent, outside -5 to 5, as if decay had been applied twice"),
        (2 ** (-3600 / 6586.2), "-31.5367 percent, outside -5 to 5, as if decay had not been applied"),
    ],
)
def test_delivered_suv_against_the_recomputed(times, remark):
    """An hour after 205 MBq in a woman of 70 kg, 10 kBq/mL are 4.987 g/mL; Horos #653 decayed a second time."""
    suv = 10 * 70 / (205 * 2 ** (-3600 / 6586.2))
    uptake = READINGS.assign(activity_kbq_ml=[10.0, np.nan], suvmax=[suv * times, 8.0])
    status, reason = found("suv_agreement", uptake=uptake)
    assert (status == "pass" and pd.isna(reason)) if remark is None else (status, reason) == ("warn", remark)


def test_an_image_decayed_to_the_injection_is_recomputed_without_decay():
    uptake = READINGS.assign(activity_kbq_ml=[10.0, np.nan], suvmax=[10 * 70 / 205, 8.0])
    assert found("suv_agreement", uptake=uptake, scan={"decay_correction": "ADMIN"})[0] == "pass"
    assert found("suv_agreement", uptake=uptake, scan={"decay_correction": "NONE"})[0] == "unknown"


def test_without_a_weight_on_the_form_the_scans_of_a_patient_are_held_against_each_other():
    form = {"weight_kg": None, "height_cm": None}
    assert found("weight_agreement", patient=form, scan={"weight_kg": 80.0})[0] == "warn"
    assert found("weight_agreement", patient=form, fdg={"weight_kg": None}) == (
        "unknown", "not recorded: another weight",
    )  # fmt: skip


def test_a_scanner_that_the_centre_seldom_uses_is_named():
    scans = pd.DataFrame([FES | {"scan_id": f"s{n}", "scanner": "old" if n == 3 else "new"} for n in range(4)])
    baselines = tables.conform(pd.DataFrame({"patient_id": ["a"]}), "pet_baselines")
    patients = tables.conform(pd.DataFrame([PATIENT]), "patients")
    listed = scan_facts.derive_scan_facts(
        tables.conform(scans, "scans"), patients, baselines, tables.empty("uptake"), **CONFIG["scan_facts"]
    )
    assert listed["scanner_of_centre"].tolist() == ["usual", "usual", "usual", "other"]


def test_a_study_without_optional_columns_is_unknown_and_without_scans_empty():
    bare = tables.conform(
        pd.DataFrame([{name: FES[name] for name in ("scan_id", "patient_id", "modality", "scan_date")}]), "scans"
    )
    patients = tables.conform(pd.DataFrame({"patient_id": ["a"], "centre": ["UMCG"]}), "patients")
    baselines = tables.conform(pd.DataFrame({"patient_id": ["a"], "fes_scan_id": ["fes"]}), "pet_baselines")
    listed = scan_facts.derive_scan_facts(bare, patients, baselines, tables.empty("uptake"), **CONFIG["scan_facts"])
    checked = scan_quality.check_scans(listed, limits=CONFIG["scan_quality"])
    assert set(checked["status"]) == {"unknown"} and checked["reason"].str.startswith("not recorded: ").all()
    nothing = scan_facts.derive_scan_facts(
        tables.empty("scans"), patients, baselines, tables.empty("uptake"), **CONFIG["scan_facts"]
    )
    assert scan_quality.check_scans(nothing, limits=CONFIG["scan_quality"]).empty
