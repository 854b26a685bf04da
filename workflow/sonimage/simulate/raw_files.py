"""The simulated study as raw exports: Castor, key table, PET lesion tables, CT worksheet, DICOM headers."""

from pathlib import Path

import numpy as np
import pandas as pd

from sonimage.simulate import defects, dicom_headers, workbook

CASTOR = "castor/SONIA_study_csv_export_20251001120000"
ORGANS_DUTCH = {
    "bone": "bot", "lymph node": "lymfeklier", "lung": "long", "liver": "lever", "pleura": "pleura", "soft tissue": "weke delen",
}  # fmt: skip
SIDES_DUTCH = {"left": "links", "right": "rechts", "midline": "midden"}
CALLS = {"positive": "1", "negative": "0", "not evaluable": "9"}
RESPONSES = {"CR": "1", "PR": "2", "SD": "3", "NON-CR/NON-PD": "4", "PD": "5", "NE": "6"}
EVENTS = {"SYMPTOMATIC DETERIORATION": "1", "NEW THERAPEUTIC AGENT": "2", "BREAK START": "3", "THERAPY RESUMED": "4"}
STATES_DUTCH = {
    "TOO SMALL TO MEASURE": "TSTM", "ABSENT": "afwezig", "PRESENT": "aanwezig", "UNEQUIVOCAL PROGRESSION": "progressie",
    "NOT EVALUABLE": "NE",
}  # fmt: skip
OPTIONS = [
    ("Arm", "Strategy A (CDK4/6 1st line)", "1"), ("Arm", "Strategy B (CDK4/6 2nd line)", "2"),
    ("Yes no", "Yes", "1"), ("Yes no", "No", "0"),
    ("Menopause", "premenopausal", "1"), ("Menopause", "postmenopausal", "2"),
    ("Drug", "palbociclib", "1"), ("Drug", "ribociclib", "2"), ("Drug", "abemaciclib", "3"),
    *(("Response", name, value) for name, value in RESPONSES.items()),
    *(("Event", name.capitalize(), value) for name, value in EVENTS.items()),
]  # fmt: skip
README = "SIMULATED DATA: no real patient. Made by the rule simulate_example from config/simulation.yaml.\n"


def write_exports(study: dict, parameters: dict, folder: Path, generator: np.random.Generator) -> pd.DataFrame:
    """Write the raw files below `folder` with the defects of `parameters` and return the list of defects."""
    raw = {
        "castor_study": _castor_study(study),
        "castor_events": _castor_events(study),
        "castor_assessments": _castor_assessments(study),
        "key_table": _key_table(study),
        "umcg_pet": _umcg_pet(study),
        "vumc_lifex": _vumc_lifex(study),
        "vumc_scores": _vumc_scores(study),
        "ct_worksheet": _ct_worksheet(study),
        "dicom": _dicom_scans(study),
    }
    raw, listed = defects.inject(raw, parameters["defects"], generator)
    castor = folder / CASTOR
    (folder / "linkage").mkdir(parents=True, exist_ok=True)
    (folder / "pet").mkdir(exist_ok=True)
    castor.mkdir(parents=True, exist_ok=True)
    _write_castor(raw["castor_study"], castor / "SONIA_study_export_20251001.csv")
    _write_castor(raw["castor_events"], castor / "SONIA_study_Events_export_20251001.csv")
    _write_castor(raw["castor_assessments"], castor / "SONIA_study_Assessments_export_20251001.csv")
    options = pd.DataFrame(OPTIONS, columns=["Option group name", "Option name", "Option value"])
    options.to_csv(castor / "SONIA_study_field_options.csv", sep=";", index=False, lineterminator="\n")
    raw["key_table"].to_csv(folder / "linkage/key_table.csv", index=False, lineterminator="\n")
    raw["umcg_pet"].to_csv(
        folder / "pet/UMCG_pet_lesions.csv", sep=";", index=False, lineterminator="\n", encoding="utf-8-sig"
    )
    raw["vumc_lifex"].to_csv(folder / "pet/VUMC_lifex.csv", index=False, lineterminator="\n")
    raw["vumc_scores"].to_csv(folder / "pet/VUMC_visual_scores.csv", index=False, lineterminator="\n")
    workbook.write_worksheet(raw["ct_worksheet"], folder / "ct/RECIST_worksheet.xlsx")
    dicom_headers.write_headers(raw["dicom"], folder / "dicom")
    (folder / "README.txt").write_text(README, encoding="utf-8")
    return listed


def _write_castor(frame: pd.DataFrame, path: Path) -> None:
    """Castor's CSV: semicolons, every cell quoted, one delimiter too many at the end of each line."""
    lines = [list(frame.columns), *frame.astype(str).to_numpy().tolist()]
    text = "".join(";".join(f'"{cell}"' for cell in line) + ";\n" for line in lines)
    path.write_text("\ufeff" + text, encoding="utf-8")


def _dutch(dates: pd.Series) -> pd.Series:
    return dates.dt.strftime("%d-%m-%Y").fillna("")


def _sonia_numbers(study: dict) -> pd.Series:
    truth = study["truth_patients"]
    return pd.Series([f"{number:04d}" for number in truth["sonia_number"]], index=truth["patient_id"])


def _castor_study(study: dict) -> pd.DataFrame:
    rows = study["patients"]
    numbers = _sonia_numbers(study)
    values = {
        name: {label: value for group, label, value in OPTIONS if group == name} for name in ("Menopause", "Drug")
    }
    frame = pd.DataFrame(
        {
            "Participant Id": rows["patient_id"].map(numbers),
            "Participant Status": "Not Set",
            "Site Abbreviation": rows["centre"],
            "Participant Creation Date": _dutch(rows["consent_date"]) + " 09:12:44",
            "birth_year": rows["birth_year"].astype(str),
            "menopause": rows["menopausal_status"].map(values["Menopause"]),
            "er_perc": rows["er_percent"].map("{:g}".format),
            "de_novo": rows["de_novo_metastatic"].map({True: "1", False: "0"}),
            "prior_et": rows["prior_endocrine_therapy"].map({True: "1", False: "0"}),
            "visc_met": rows["visceral_disease"].map({True: "1", False: "0"}),
            "bone_only": rows["bone_only"].map({True: "1", False: "0"}),
            "who_ps": rows["who_performance_status"].astype(str),
            "consent_date": _dutch(rows["consent_date"]),
            "rand_date": _dutch(rows["randomisation_date"]),
            "arm": rows["allocation"].map({"A": "1", "B": "2"}),
            "drug": rows["cdk46_inhibitor"].map(values["Drug"]),
            "start_date": _dutch(rows["first_treatment_date"]),
            "last_tam_date": _dutch(rows["last_er_ligand_date"]).replace("", "01-01-2996"),
            "pet_contra": rows["pet_contraindication"].map({True: "1", False: "0"}),
            "withdrawal_date": _dutch(rows["withdrawal_date"]),
            "death_date": _dutch(rows["death_date"]).replace("", "01-01-2996"),
            "last_fu": _dutch(rows["last_contact_date"]),
            "remarks": "",
        }
    ).sort_values("Participant Id")
    blank = {column: "" for column in frame.columns}
    extra = pd.DataFrame(
        [
            blank
            | {
                "Participant Id": "TEST-001",
                "Participant Status": "Not Set",
                "Site Abbreviation": "TEST",
                "remarks": "test",
            },
            blank | {"Participant Id": "ARCHIVED-9001", "Participant Status": "Archived", "Site Abbreviation": "UMCG"},
        ]
    )
    return pd.concat([frame, extra], ignore_index=True).fillna("")


def _repeating(study: dict, rows: pd.DataFrame, form: str, day: pd.Series) -> pd.DataFrame:
    """The leading columns of a Castor repeating form; creation time and custom name lie in different time zones."""
    centre = study["patients"].set_index("patient_id")["centre"]
    return pd.DataFrame(
        {
            "Participant Id": rows["patient_id"].map(_sonia_numbers(study)),
            "Participant Status": "Not Set",
            "Site Abbreviation": rows["patient_id"].map(centre),
            "Repeating Data Creation Date": _dutch(day) + " 13:33:39",
            "Repeating data Name Custom": form + " - " + _dutch(day) + " 14:33:37",
            "Repeating data Parent": "Follow-up",
        }
    )


def _castor_events(study: dict) -> pd.DataFrame:
    rows = study["events"].sort_values(["patient_id", "event_date"])
    frame = _repeating(study, rows, "Event", rows["event_date"])
    return frame.assign(event_type=rows["event"].map(EVENTS), event_date=_dutch(rows["event_date"])).reset_index(
        drop=True
    )


def _castor_assessments(study: dict) -> pd.DataFrame:
    rows = study["assessments"].sort_values(["patient_id", "assessment_date"])
    frame = _repeating(study, rows, "Assessment", rows["assessment_date"])
    new = rows["new_lesion"].map({True: "1", False: "0"}).fillna("-99")
    return frame.assign(
        assess_date=_dutch(rows["assessment_date"]), overall=rows["overall_response"].map(RESPONSES), new_lesion=new
    ).reset_index(drop=True)


def _key_table(study: dict) -> pd.DataFrame:
    numbers = _sonia_numbers(study)
    patients = study["patients"].set_index("patient_id").loc[numbers.index]
    known = {
        "Birth year": patients["birth_year"].to_numpy(),
        "Randomised": _dutch(patients["randomisation_date"]).to_numpy(),
    }
    return pd.DataFrame({"SONIA number": numbers.to_numpy(), "SONImage id": numbers.index} | known)


def _readings(study: dict, centre: str) -> pd.DataFrame:
    """Readings of one centre with lesion and scan beside them."""
    rows = study["uptake"].merge(study["scans"][["scan_id", "modality", "scan_date"]], on="scan_id")
    rows = rows.merge(
        study["lesions"][["patient_id", "lesion_id", "organ", "laterality"]], on=["patient_id", "lesion_id"]
    )
    rows = rows.merge(study["patients"][["patient_id", "centre"]], on="patient_id")
    return rows[rows["centre"] == centre].sort_values(["patient_id", "lesion_id", "modality"])


def _comma(values: pd.Series) -> pd.Series:
    return values.map("{:.2f}".format, na_action="ignore").fillna("").str.replace(".", ",")


def _umcg_pet(study: dict) -> pd.DataFrame:
    """One row per lesion, FES and FDG side by side, decimal comma, Dutch words."""
    rows = _readings(study, "UMCG")
    lesions = rows[["patient_id", "lesion_id", "organ", "laterality"]].drop_duplicates()
    frame = lesions.rename(
        columns={"patient_id": "Studienummer", "lesion_id": "Laesie", "organ": "Orgaan", "laterality": "Zijde"}
    )
    frame = frame.assign(Orgaan=frame["Orgaan"].map(ORGANS_DUTCH), Zijde=frame["Zijde"].map(SIDES_DUTCH).fillna(""))
    for tracer in ("FES", "FDG"):
        part = rows[rows["modality"] == f"{tracer}-PET"]
        side = pd.DataFrame(
            {
                "Studienummer": part["patient_id"],
                "Laesie": part["lesion_id"],
                f"{tracer} datum": _dutch(part["scan_date"]),
                f"{tracer} SUVmax": _comma(part["suvmax"]),
                f"{tracer} SUVpeak": _comma(part["suvpeak"]),
                f"{tracer} SUVmean": _comma(part["suvmean"]),
                f"{tracer} volume (ccm)": _comma(part["volume_ml"]),
                f"{tracer} visueel": part["visual"].map(CALLS),
            }
            | {f"{tracer} {axis} (mm)": _comma(part[f"{axis}_mm"]) for axis in "xyz"}
        )
        frame = frame.merge(side, on=["Studienummer", "Laesie"], how="left")
    return frame.fillna("")


def _vumc_lifex(study: dict) -> pd.DataFrame:
    """LIFEx 7: one row per region and scan, volumes in mm3, region names behind an apostrophe."""
    rows = _readings(study, "VUMC")
    tracer = rows["modality"].str[:3]
    frame = pd.DataFrame(
        {
            "INFORMATIONS": "LIFEx7.4.0-Wed Dec 13 16:24:36 CET 2023",
            "INFO_PatientName": rows["patient_id"],
            "INFO_PatientID": rows["patient_id"],
            "INFO_SeriesDate": rows["scan_date"].dt.strftime("%Y-%m-%d"),
            "INFO_SeriesPath": "D:\\PET\\" + rows["patient_id"],
            "INFO_Series": tracer + " PET AC",
            "INFO_NameOfRoi": "'" + rows["lesion_id"],
            "PARAMS_BinSize": "0.25",
            "PARAMS_ZSpatialResampling": "2.0",
            "MORPHOLOGICAL_Volume(IBSI:RNU0)[mm3]": (rows["volume_ml"] * 1000).map("{:.1f}".format),
            "MORPHOLOGICAL_Centroid(IBSI:No)[vx]": "z16.47 y49.10 x59.04",
            "INTENSITY-BASED_MeanIntensity(IBSI:Q4LE)[SUV]": rows["suvmean"].map("{:.3f}".format),
            "INTENSITY-BASED_MaximumIntensity(IBSI:84IY)[SUV]": rows["suvmax"].map("{:.3f}".format),
            "LOCAL_INTENSITY_BASED_GlobalIntensityPeak(IBSI:0F91)[SUV]": rows["suvpeak"].map("{:.3f}".format),
            "INTENSITY-BASED_TotalLesionGlycolysis(IBSI:No)[SUVxmL]": "private",
        }
    )
    return frame.reset_index(drop=True)


def _vumc_scores(study: dict) -> pd.DataFrame:
    rows = _readings(study, "VUMC")
    lesions = rows[["patient_id", "lesion_id", "organ", "laterality"]].drop_duplicates()
    frame = lesions.rename(
        columns={"patient_id": "subject", "lesion_id": "lesion", "organ": "site", "laterality": "side"}
    )
    for tracer in ("fes", "fdg"):
        part = rows[rows["modality"] == f"{tracer.upper()}-PET"]
        scored = pd.DataFrame(
            {
                "subject": part["patient_id"],
                "lesion": part["lesion_id"],
                f"{tracer}_date": part["scan_date"].dt.strftime("%Y-%m-%d"),
                f"{tracer}_call": part["visual"],
            }
        )
        frame = frame.merge(scored, on=["subject", "lesion"], how="left")
    return frame.fillna("")


def _ct_worksheet(study: dict) -> pd.DataFrame:
    rows = study["measurements"].merge(study["scans"][["scan_id", "scan_date"]], on="scan_id")
    rows = rows.merge(study["lesions"].drop(columns=["source_file", "source_row"]), on=["patient_id", "lesion_id"])
    rows = rows.sort_values(["patient_id", "scan_date", "lesion_id"], ignore_index=True)
    size = rows["diameter_mm"].map("{:g}".format, na_action="ignore")
    return pd.DataFrame(
        {
            "SONImage nr": rows["patient_id"],
            "Laesie": rows["lesion_id"],
            "Orgaan": rows["organ"].map(ORGANS_DUTCH),
            "Zijde": rows["laterality"].map(SIDES_DUTCH).fillna(""),
            "Klier": rows["is_node"].map({True: "j", False: "n"}),
            "Type": rows["role"].map({"TARGET": "T", "NON-TARGET": "NT", "NEW": "N"}),
            "CT datum": _dutch(rows["scan_date"]),
            "Meting": size.where(rows["state"] == "MEASURED", rows["state"].map(STATES_DUTCH)),
        }
    )


def _dicom_scans(study: dict) -> pd.DataFrame:
    pet = study["scans"][study["scans"]["modality"] != "CT"].sort_values("scan_id", ignore_index=True)
    return pet.merge(study["patients"][["patient_id", "centre"]], on="patient_id", validate="many_to_one")
