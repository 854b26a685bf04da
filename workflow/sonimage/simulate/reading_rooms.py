"""The simulated study as reading rooms keep it: PET lesion tables of two centres, the CT worksheet, DICOM scans."""

import pandas as pd

from sonimage.simulate import dutch

CALLS = {"positive": "1", "negative": "0", "not evaluable": "9"}


def _readings(study: dict, centre: str) -> pd.DataFrame:
    """Readings of one centre with lesion and scan beside them."""
    rows = study["uptake"].merge(study["scans"][["scan_id", "modality", "scan_date"]], on="scan_id")
    rows = rows.merge(
        study["lesions"][["patient_id", "lesion_id", "organ", "laterality"]], on=["patient_id", "lesion_id"]
    )
    rows = rows.merge(study["patients"][["patient_id", "centre"]], on="patient_id")
    return rows[rows["centre"] == centre].sort_values(["patient_id", "lesion_id", "modality"])


def umcg_pet(study: dict) -> pd.DataFrame:
    """One row per lesion, FES and FDG side by side, decimal comma, Dutch words."""
    rows = _readings(study, "UMCG")
    lesions = rows[["patient_id", "lesion_id", "organ", "laterality"]].drop_duplicates()
    frame = lesions.rename(
        columns={"patient_id": "Studienummer", "lesion_id": "Laesie", "organ": "Orgaan", "laterality": "Zijde"}
    )
    frame = frame.assign(Orgaan=frame["Orgaan"].map(dutch.ORGANS), Zijde=frame["Zijde"].map(dutch.SIDES).fillna(""))
    for tracer in ("FES", "FDG"):
        part = rows[rows["modality"] == f"{tracer}-PET"]
        side = pd.DataFrame(
            {
                "Studienummer": part["patient_id"],
                "Laesie": part["lesion_id"],
                f"{tracer} datum": dutch.date(part["scan_date"]),
                f"{tracer} SUVmax": dutch.number(part["suvmax"]),
                f"{tracer} SUVpeak": dutch.number(part["suvpeak"]),
                f"{tracer} SUVmean": dutch.number(part["suvmean"]),
                f"{tracer} volume (ccm)": dutch.number(part["volume_ml"]),
                f"{tracer} visueel": part["visual"].map(CALLS),
            }
            | {f"{tracer} {axis} (mm)": dutch.number(part[f"{axis}_mm"]) for axis in "xyz"}
        )
        frame = frame.merge(side, on=["Studienummer", "Laesie"], how="left")
    return frame.fillna("")


def vumc_lifex(study: dict) -> pd.DataFrame:
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


def vumc_scores(study: dict) -> pd.DataFrame:
    """The readers' visual scores beside LIFEx's table."""
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


def ct_worksheet(study: dict) -> pd.DataFrame:
    """The CT worksheet: one row per lesion and scan, sizes as numbers, states as Dutch words."""
    rows = study["measurements"].merge(study["scans"][["scan_id", "scan_date"]], on="scan_id")
    rows = rows.merge(
        study["lesions"].drop(columns=["source_file", "source_row", "source_no"]), on=["patient_id", "lesion_id"]
    )
    rows = rows.sort_values(["patient_id", "scan_date", "lesion_id"], ignore_index=True)
    size = rows["diameter_mm"].map("{:g}".format, na_action="ignore")
    return pd.DataFrame(
        {
            "SONImage nr": rows["patient_id"],
            "Laesie": rows["lesion_id"],
            "Orgaan": rows["organ"].map(dutch.ORGANS),
            "Zijde": rows["laterality"].map(dutch.SIDES).fillna(""),
            "Klier": rows["is_node"].map({True: "j", False: "n"}),
            "Type": rows["role"].map({"TARGET": "T", "NON-TARGET": "NT", "NEW": "N"}),
            "CT datum": dutch.date(rows["scan_date"]),
            "Meting": size.where(rows["state"] == "MEASURED", rows["state"].map(dutch.STATES)),
        }
    )


def dicom_scans(study: dict) -> pd.DataFrame:
    """What the DICOM headers of each PET scan say."""
    pet = study["scans"][study["scans"]["modality"] != "CT"].sort_values("scan_id", ignore_index=True)
    return pet.merge(study["patients"][["patient_id", "centre"]], on="patient_id", validate="many_to_one")
