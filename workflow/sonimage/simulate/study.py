"""A simulated SONImage study: the study's tables with known truth, and raw exports as hospitals deliver them."""

from pathlib import Path

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.simulate import courses, lesions, patients, raw_files


def simulate_trial(parameters: dict) -> dict[str, pd.DataFrame]:
    """Return the seven tables of the plain layout and the truth (truth_patients, truth_lesions), without defects.

    `parameters`: config/simulation.yaml. The same parameters give the same study.
    """
    generator = np.random.default_rng(parameters["seed"])
    study = simulate_readings(parameters, generator)
    return study | {"assessments": courses.investigate(study, parameters, generator)}


def simulate_readings(parameters: dict, generator: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return the tables of `simulate_trial` without the investigator's assessments."""
    cohort = patients.draw_patients(parameters, generator)
    found = lesions.draw_lesions(cohort, parameters, generator)
    cohort = patients.draw_outcomes(cohort, found, parameters, generator)
    scans, uptake = lesions.draw_scans_and_uptake(cohort, found, parameters, generator)
    followed = courses.draw_courses(cohort, found, parameters, generator)
    study = {
        "patients": cohort.assign(visceral_disease=cohort["patient_id"].isin(lesions.visceral_patients(found))),
        "scans": pd.concat([scans, followed["scans"]]),
        "lesions": pd.concat([found, followed["new_lesions"]]),
        "measurements": followed["measurements"],
        "uptake": uptake,
        "events": followed["events"],
    }
    study = {name: tables.conform(frame, name) for name, frame in study.items()}
    return study | {"truth_patients": cohort, "truth_lesions": found}


def write_plain(study: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write the study in the plain layout (config/exports/plain.yaml)."""
    for name in ("patients", "scans", "lesions", "measurements", "uptake", "assessments", "events"):
        tables.save(study[name].drop(columns=["source_file", "source_row", "source_no"]), folder / f"{name}.csv", name)


def simulate_study(parameters: dict, folder: Path, truth_folder: Path) -> None:
    """Write the raw exports of a simulated study below `folder`, and what is true of it below `truth_folder`."""
    study = simulate_trial(parameters)
    defects = raw_files.write_exports(study, parameters, Path(folder), np.random.default_rng(parameters["seed"] + 1))
    Path(truth_folder).mkdir(parents=True, exist_ok=True)
    truth_columns = ["patient_id", "true_het3", "true_months", "event_kind"]
    tables.write_text(study["truth_patients"][truth_columns], Path(truth_folder) / "truth_patients.csv")
    lesion_columns = ["patient_id", "lesion_id", "organ", "true_fes", "true_suvmax"]
    tables.write_text(study["truth_lesions"][lesion_columns], Path(truth_folder) / "truth_lesions.csv")
    tables.write_text(defects, Path(truth_folder) / "truth_defects.csv")
