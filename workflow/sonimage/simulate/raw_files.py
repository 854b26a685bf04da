"""The simulated study as raw exports: Castor, key table, PET lesion tables, CT worksheet, DICOM headers."""

from pathlib import Path

import numpy as np
import pandas as pd

from sonimage.simulate import castor, defects, dicom_headers, reading_rooms, workbook

CASTOR = "castor/SONIA_study_csv_export_20251001120000"
README = "SIMULATED DATA: no real patient. Made by the rule simulate_example from config/simulation.yaml.\n"


def write_exports(study: dict, parameters: dict, folder: Path, generator: np.random.Generator) -> pd.DataFrame:
    """Write the raw files below `folder` with the defects of `parameters` and return the list of defects."""
    raw = {
        "castor_study": castor.study_form(study),
        "castor_events": castor.event_forms(study),
        "castor_assessments": castor.assessment_forms(study),
        "key_table": castor.key_table(study),
        "umcg_pet": reading_rooms.umcg_pet(study),
        "vumc_lifex": reading_rooms.vumc_lifex(study),
        "vumc_scores": reading_rooms.vumc_scores(study),
        "ct_worksheet": reading_rooms.ct_worksheet(study),
        "dicom": reading_rooms.dicom_scans(study),
    }
    raw, listed = defects.inject(raw, parameters["defects"], generator)
    forms = folder / CASTOR
    (folder / "linkage").mkdir(parents=True, exist_ok=True)
    (folder / "pet").mkdir(exist_ok=True)
    forms.mkdir(parents=True, exist_ok=True)
    castor.write_castor(raw["castor_study"], forms / "SONIA_study_export_20251001.csv")
    castor.write_castor(raw["castor_events"], forms / "SONIA_study_Events_export_20251001.csv")
    castor.write_castor(raw["castor_assessments"], forms / "SONIA_study_Assessments_export_20251001.csv")
    options = pd.DataFrame(castor.OPTIONS, columns=["Option group name", "Option name", "Option value"])
    options.to_csv(forms / "SONIA_study_field_options.csv", sep=";", index=False, lineterminator="\n")
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
