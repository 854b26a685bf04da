"""PET and its readings: what a header or an uptake table cannot well say."""

import pandas as pd

from sonimage.cleaning import clock
from sonimage.cleaning.plausibility.rule import DATES, Rule, Study, pairs, with_patient, with_scan

PET = ("FES-PET", "FDG-PET")


def _pet(study: Study) -> pd.DataFrame:
    return study["scans"][study["scans"]["modality"].isin(PET)]


def _outside(scans: pd.DataFrame, column: str, low: float, high: float) -> pd.DataFrame:
    return scans[scans[column].notna() & ~scans[column].between(low, high)]


def patient_without_scan(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[~patients["patient_id"].isin(study["scans"]["patient_id"])]


def patient_without_fes(study: Study) -> pd.DataFrame:
    patients, scans = study["patients"], study["scans"]
    fes = scans.loc[scans["modality"] == "FES-PET", "patient_id"]
    return patients[
        patients["patient_id"].isin(scans["patient_id"]) & ~patients["patient_id"].isin(fes) & bool(len(fes))
    ]


def patient_without_baseline_ct(study: Study) -> pd.DataFrame:
    """Patients with CTs of which none is on or before start of treatment."""
    patients, scans = study["patients"], study["scans"]
    first = patients["patient_id"].map(scans[scans["modality"] == "CT"].groupby("patient_id")["scan_date"].min())
    start = patients["first_treatment_date"].fillna(patients["randomisation_date"])
    return patients[first > start]


def baseline_ct_long_before_treatment(study: Study) -> pd.DataFrame:
    """The latest CT on or before start of treatment, where it is more than four weeks before it (RECIST 1.1 section 3.2)."""
    scans = with_patient(study, "scans", "first_treatment_date", "randomisation_date")
    start = scans["first_treatment_date"].fillna(scans["randomisation_date"])
    before = scans.assign(start=start)[(scans["modality"] == "CT") & (scans["scan_date"] <= start)]
    latest = before.sort_values(["scan_date", "scan_id"]).drop_duplicates("patient_id", keep="last")
    return latest[latest["scan_date"] < latest["start"] - pd.Timedelta(days=28)].sort_index()


def scan_long_before_randomisation(study: Study) -> pd.DataFrame:
    scans = with_patient(study, "scans", "randomisation_date")
    return scans[scans["scan_date"] < scans["randomisation_date"] - pd.Timedelta(days=90)]


def fes_long_after_treatment(study: Study) -> pd.DataFrame:
    scans = with_patient(study, "scans", "first_treatment_date")
    late = scans["scan_date"] > scans["first_treatment_date"] + pd.Timedelta(days=28)
    return scans[late & (scans["modality"] == "FES-PET")]


def consent_after_fes(study: Study) -> pd.DataFrame:
    scans = with_patient(study, "scans", "consent_date")
    return scans[(scans["modality"] == "FES-PET") & (scans["scan_date"] < scans["consent_date"])]


def ligand_stopped_after_fes(study: Study) -> pd.DataFrame:
    scans = with_patient(study, "scans", "last_er_ligand_date")
    fes = scans[scans["modality"] == "FES-PET"]
    return fes[fes["last_er_ligand_date"] > fes["scan_date"] - pd.Timedelta(days=35)]


def two_scans_of_one_tracer_on_a_day(study: Study) -> pd.DataFrame:
    pet = _pet(study)
    return pet[pet.duplicated(["patient_id", "modality", "scan_date"], keep=False)]


def weight_out_of_reach(study: Study) -> pd.DataFrame:
    return _outside(study["scans"], "weight_kg", 30, 200)


def height_out_of_reach(study: Study) -> pd.DataFrame:
    return _outside(study["scans"], "height_cm", 120, 210)


def activity_out_of_reach(study: Study) -> pd.DataFrame:
    return _outside(study["scans"], "injected_activity_mbq", 50, 600)


def glucose_out_of_reach(study: Study) -> pd.DataFrame:
    return _outside(study["scans"], "glucose_mmol_l", 2, 15)


def half_life_of_another_nuclide(study: Study) -> pd.DataFrame:
    return _outside(_pet(study), "half_life_s", 6500, 6700)


def uptake_time_out_of_reach(study: Study) -> pd.DataFrame:
    pet = _pet(study).dropna(subset=["injection_time", "acquisition_time"])
    return pet[~clock.uptake_minutes(pet["injection_time"], pet["acquisition_time"]).between(30, 120)]


def weight_missing(study: Study) -> pd.DataFrame:
    return _pet(study)[_pet(study)["weight_kg"].isna()]


def activity_missing(study: Study) -> pd.DataFrame:
    return _pet(study)[_pet(study)["injected_activity_mbq"].isna()]


def times_missing(study: Study) -> pd.DataFrame:
    pet = _pet(study)
    return pet[pet["injection_time"].isna() | pet["acquisition_time"].isna()]


def not_decay_corrected(study: Study) -> pd.DataFrame:
    pet = _pet(study)
    return pet[pet["decay_correction"] == "NONE"]


def units_unknown(study: Study) -> pd.DataFrame:
    pet = _pet(study)
    return pet[pet["units"].notna() & ~pet["units"].isin(["BQML", "GML", "CNTS"])]


def _range_of_patient(scans: pd.DataFrame, column: str) -> tuple[pd.Series, pd.Series]:
    of_patient = scans.groupby("patient_id")[column]
    return of_patient.transform("min"), of_patient.transform("max")


def weights_differ(study: Study) -> pd.DataFrame:
    scans = _pet(study).dropna(subset="weight_kg")
    low, high = _range_of_patient(scans, "weight_kg")
    return scans[(high > 1.1 * low) & (scans["weight_kg"] == high)]


def heights_differ(study: Study) -> pd.DataFrame:
    scans = _pet(study).dropna(subset="height_cm")
    low, high = _range_of_patient(scans, "height_cm")
    return scans[(high - low > 2) & (scans["height_cm"] == high)]


def pet_without_reading(study: Study) -> pd.DataFrame:
    pet = _pet(study)
    return pet[~pet["scan_id"].isin(study["uptake"]["scan_id"]) & bool(len(study["uptake"]))]


def reading_without_content(study: Study) -> pd.DataFrame:
    uptake = study["uptake"]
    return uptake[uptake["suvmax"].isna() & uptake["visual"].isna()]


def suv_beyond_belief(study: Study) -> pd.DataFrame:
    uptake = study["uptake"]
    return uptake[(uptake["suvmax"] > 60) | (uptake["suvmax"] == 0)]


def suvs_out_of_order(study: Study) -> pd.DataFrame:
    uptake = study["uptake"]
    return uptake[(uptake["suvmean"] > uptake["suvmax"]) | (uptake["suvpeak"] > uptake["suvmax"])]


def volume_out_of_reach(study: Study) -> pd.DataFrame:
    uptake = study["uptake"]
    return uptake[(uptake["volume_ml"] == 0) | (uptake["volume_ml"] > 2000)]


def same_suv_for_every_lesion(study: Study) -> pd.DataFrame:
    uptake = study["uptake"].dropna(subset="suvmax")
    of_scan = uptake.groupby("scan_id")["suvmax"]
    return uptake[(of_scan.transform("nunique") == 1) & (of_scan.transform("size") >= 3)].drop_duplicates("scan_id")


def same_suv_on_both_tracers(study: Study) -> pd.DataFrame:
    """Two or more lesions of a patient with the very SUVmax on FES and FDG: a column copied."""
    rows = with_scan(study, "uptake", "modality").dropna(subset="suvmax")
    fes = rows[rows["modality"] == "FES-PET"]
    alike = fes[
        pairs(fes, "patient_id", "lesion_id", "suvmax").isin(
            pairs(rows[rows["modality"] == "FDG-PET"], "patient_id", "lesion_id", "suvmax")
        )
    ]
    return alike[alike.groupby("patient_id")["lesion_id"].transform("size") >= 2]


def call_against_suv(study: Study) -> pd.DataFrame:
    """A visually positive FES lesion far below, or a negative one far above, 1.5: columns may be swapped."""
    fes = study["scans"].loc[study["scans"]["modality"] == "FES-PET", "scan_id"]
    uptake = study["uptake"][study["uptake"]["scan_id"].isin(fes)]
    positive_low = (uptake["visual"] == "positive") & (uptake["suvmax"] < 0.75)
    negative_high = (uptake["visual"] == "negative") & (uptake["suvmax"] > 3)
    return uptake[positive_low | negative_high]


RULES = (
    Rule("NO_SCAN", "patients", "patient_id", "a scan", "Is the imaging lacking in the delivery?", patient_without_scan),
    Rule("NO_FES", "patients", "patient_id", "an FES-PET", "Not done, or lacking in the delivery?", patient_without_fes, "note"),
    Rule("NO_BASELINE_CT", "patients", "patient_id", "a CT on or before start of treatment", "Is the baseline CT lacking?", patient_without_baseline_ct),
    Rule("BASELINE_CT_EARLY", "scans", "scan_date", "baseline CT at most 4 weeks before start of treatment (RECIST 1.1)", "Is a later CT lacking? The baseline stands", baseline_ct_long_before_treatment),
    Rule("SCAN_LONG_BEFORE", "scans", "scan_date", "at most 90 days before randomisation", DATES, scan_long_before_randomisation),
    Rule("FES_LATE", "scans", "scan_date", "FES-PET at most 28 days after start of treatment", DATES, fes_long_after_treatment),
    Rule("CONSENT_AFTER_FES", "scans", "scan_date", "consent before the FES-PET", DATES, consent_after_fes),
    Rule("LIGAND_WASHOUT", "scans", "scan_date", "5 weeks without ER ligand before FES-PET (record)", DATES, ligand_stopped_after_fes),
    Rule("TWO_SCANS_A_DAY", "scans", "scan_date", "one scan of a tracer a day", "The last by scan number counts", two_scans_of_one_tracer_on_a_day),
    Rule("WEIGHT", "scans", "weight_kg", "30 to 200 kg", "Grams or pounds?", weight_out_of_reach),
    Rule("HEIGHT", "scans", "height_cm", "120 to 210 cm", "Metres?", height_out_of_reach),
    Rule("ACTIVITY", "scans", "injected_activity_mbq", "50 to 600 MBq", "kBq or Bq?", activity_out_of_reach),
    Rule("GLUCOSE", "scans", "glucose_mmol_l", "2 to 15 mmol/L", "mg/dL?", glucose_out_of_reach),
    Rule("HALF_LIFE", "scans", "half_life_s", "6500 to 6700 s (fluorine-18)", "Another nuclide, or minutes?", half_life_of_another_nuclide),
    Rule("UPTAKE_TIME", "scans", "injection_time, acquisition_time", "30 to 120 min", "Clocks, or a time of another day?", uptake_time_out_of_reach),
    Rule("NO_WEIGHT", "scans", "weight_kg", "a weight", "SUV cannot be checked", weight_missing, "note"),
    Rule("NO_ACTIVITY", "scans", "injected_activity_mbq", "an activity", "SUV cannot be checked", activity_missing, "note"),
    Rule("NO_TIMES", "scans", "injection_time, acquisition_time", "both times", "Uptake time cannot be checked", times_missing, "note"),
    Rule("NO_DECAY_CORRECTION", "scans", "decay_correction", "START or ADMIN", "Are the SUVs corrected?", not_decay_corrected),
    Rule("UNITS", "scans", "units", "BQML, GML or CNTS", "Which units are the images in?", units_unknown),
    Rule("WEIGHTS_DIFFER", "scans", "weight_kg", "within 10 % between the scans of a patient", "Which is right?", weights_differ),
    Rule("HEIGHTS_DIFFER", "scans", "height_cm", "within 2 cm between the scans of a patient", "Which is right?", heights_differ, "note"),
    Rule("PET_WITHOUT_READING", "scans", "scan_id", "readings of a PET", "No lesion, or a table lacking?", pet_without_reading, "note"),
    Rule("EMPTY_READING", "uptake", "suvmax, visual", "an SUVmax or a call", "Counts as no reading", reading_without_content),
    Rule("SUV", "uptake", "suvmax", "above 0 and at most 60", "Is it an SUV?", suv_beyond_belief),
    Rule("SUV_ORDER", "uptake", "suvmean, suvpeak, suvmax", "SUVmax is the largest", "Columns swapped?", suvs_out_of_order, "error"),
    Rule("VOLUME", "uptake", "volume_ml", "above 0 and at most 2000 mL", "mm3 for mL?", volume_out_of_reach),
    Rule("SAME_SUVS", "uptake", "suvmax", "values that differ", "Copied down the column?", same_suv_for_every_lesion),
    Rule("SAME_ON_BOTH_TRACERS", "uptake", "suvmax", "values of two tracers that differ", "A column copied?", same_suv_on_both_tracers),
    Rule("CALL_AGAINST_SUV", "uptake", "visual, suvmax", "call and SUV agree", "FES and FDG swapped?", call_against_suv),
)  # fmt: skip
