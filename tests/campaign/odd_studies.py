"""Odd studies run to their pages: nobody, a handful, one patient, no PET, no event; no page stops and every gap is explained."""

import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from subprocess import CompletedProcess

import pandas as pd
from first_stages import example_study
from whole_runs import clone, snakemake

Tables = dict[str, pd.DataFrame]
N_PAGES = 8


def nobody(study: Tables, seed: int) -> Tables:
    """Every file there, with its header alone."""
    return {name: rows.iloc[:0] for name, rows in study.items()}


def handful_of_one_arm(study: Tables, seed: int) -> Tables:
    """Every ninth patient, all of arm A, some without a centre: nothing to compare in most models."""
    few = of_patients(study, lambda numbers: numbers % 9 == seed % 9)
    patients = few["patients"]
    gaps = {
        "centre": patients["centre"].where(patients.index % 3 > 0),
        "visceral_disease": patients["visceral_disease"].where(patients.index % 2 > 0),
    }
    return few | {"patients": patients.assign(allocation="A", menopausal_status="postmenopausal", **gaps)}


def one_patient(study: Tables, seed: int) -> Tables:
    """The first of the study and nobody else."""
    return of_patients(study, lambda numbers: numbers == numbers.sort_values().iloc[seed - 1])


def no_pet(study: Tables, seed: int) -> Tables:
    """CT alone: nobody has a group."""
    return study | {"scans": study["scans"].query("modality == 'CT'"), "uptake": study["uptake"].iloc[:0]}


def no_event(study: Tables, seed: int) -> Tables:
    """Nobody was seen again after randomisation, and nobody died."""
    first = study["scans"].merge(study["patients"][["patient_id", "randomisation_date"]], how="left")
    scans = study["scans"][(first["scan_date"] <= first["randomisation_date"]).to_numpy()]
    kept = {name: study[name][study[name]["scan_id"].isin(scans["scan_id"])] for name in ("measurements", "uptake")}
    empty = {name: study[name].iloc[:0] for name in ("assessments", "events")}
    return study | kept | empty | {"scans": scans, "patients": study["patients"].assign(death_date=pd.NaT)}


def lesions_each(n: int) -> Callable[[Tables, int], Tables]:
    """Every patient has the same number of lesions, each on every scan."""

    def make(study: Tables, seed: int) -> Tables:
        lesions = study["lesions"].drop_duplicates("patient_id")
        copies = pd.concat([lesions.assign(lesion_id=f"L{number:02}") for number in range(n)])
        key = ["patient_id", "scan_id"]
        measured = study["measurements"].drop_duplicates(key).drop(columns="lesion_id")
        uptake = study["uptake"].drop_duplicates(key).drop(columns="lesion_id")
        numbers = pd.DataFrame({"lesion_id": [f"L{number:02}" for number in range(n)]})
        columns = {"lesions": copies.assign(merged_into=None, split_from=None)}
        return (
            study
            | columns
            | {
                "measurements": measured.merge(numbers, how="cross"),
                "uptake": uptake.merge(numbers, how="cross"),
            }
        )

    return make


def ten_centres(study: Tables, seed: int) -> Tables:
    """Two centres become ten."""
    patients = study["patients"]
    return study | {"patients": patients.assign(centre=[f"centre {number % 10}" for number in range(len(patients))])}


def fes_alone_and_dead_on_day_one(study: Tables, seed: int) -> Tables:
    """FES-PET is the only scan, and everybody dies on the day of randomisation."""
    scans = study["scans"].query("modality == 'FES-PET'")
    patients = study["patients"]
    dead = {"death_date": patients["randomisation_date"], "last_contact_date": patients["randomisation_date"]}
    return study | {
        "scans": scans,
        "uptake": study["uptake"][study["uptake"]["scan_id"].isin(scans["scan_id"])],
        "patients": patients.assign(**dead),
        **{name: study[name].iloc[:0] for name in ("measurements", "assessments", "events")},
    }


def without(*names: str) -> Callable[[Tables, int], Tables]:
    """These tables have their header alone."""
    return lambda study, seed: study | {name: study[name].iloc[:0] for name in names}


def patients_alone(study: Tables, seed: int) -> Tables:
    """Patients, and no row of any other table."""
    return without(*(name for name in study if name != "patients"))(study, seed)


TABLES = ("patients", "scans", "lesions", "measurements", "uptake", "assessments", "events")
STUDIES: dict[str, Callable[[Tables, int], Tables]] = {
    odd.__name__: odd
    for odd in (nobody, handful_of_one_arm, one_patient, no_pet, no_event, ten_centres, patients_alone)
}
STUDIES |= {"one_lesion_each": lesions_each(1), "forty_lesions_each": lesions_each(40)}
STUDIES |= {"fes_alone_and_dead_on_day_one": fes_alone_and_dead_on_day_one}
STUDIES |= {f"no_{name}": without(name) for name in TABLES}
STUDIES |= {f"no_{one}_no_{two}": without(one, two) for one, two in combinations(TABLES, 2)}


def of_patients(study: Tables, chosen: Callable[[pd.Series], pd.Series]) -> Tables:
    """The rows of some patients, chosen by number."""
    numbers = {name: rows["patient_id"].str[-3:].astype(int) for name, rows in study.items()}
    ids = set(study["patients"]["patient_id"][chosen(numbers["patients"])])
    return {name: rows[rows["patient_id"].isin(ids)] for name, rows in study.items()}


def run_odd_study(name: str, folder: Path, *targets: str, seed: int = 1) -> CompletedProcess:
    """Write the study in the plain layout into a clone of the project, and run everything there, or up to the targets."""
    clone(folder)
    (folder / "raw").mkdir()
    for table, rows in STUDIES[name](example_study(), seed).items():
        rows = rows.drop(columns=["source_file", "source_row", "source_no"])
        rows.to_csv(folder / f"raw/{table}.csv", index=False, date_format="%Y-%m-%d")
    of_study = ("--config", "raw_dir=raw", "export_map=config/exports/plain.yaml")
    return snakemake(folder, "--cores", "2", *targets, *of_study)


def findings(folder: Path) -> dict[str, bool]:
    """What must hold of the results of any study."""
    read = {name: pd.read_csv(folder / f"results/{name}.csv") for name in ("5_analyse/cox", "7_audit/disclosure")}
    cox = read["5_analyse/cox"]
    return {
        "all_pages": len(list((folder / "results/6_report").glob("*.html"))) == N_PAGES,
        "gaps_explained": bool(cox.loc[cox["hazard_ratio"].isna(), "note"].notna().all()),
        "rows_accounted_for": bool(pd.read_csv(folder / "results/7_audit/reconciliation.csv")["is_balanced"].all()),
        "nothing_disclosed": not (read["7_audit/disclosure"]["status"] == "fail").any(),
    }


def run(seed: int) -> Iterator[dict]:
    """One row per odd study."""
    for name in STUDIES:
        with tempfile.TemporaryDirectory() as place:
            folder, start = Path(place), time.monotonic()
            answer = run_odd_study(name, folder, seed=seed)
            ended = answer.returncode == 0
            found = findings(folder) if ended else {}
            yield {
                "study": name,
                "seconds": round(time.monotonic() - start),
                "fails": "; ".join(what for what, holds in found.items() if not holds),
                "last_words": "" if ended else " ".join((answer.stdout + answer.stderr)[-500:].split()),
                "holds": ended and all(found.values()),
            }
