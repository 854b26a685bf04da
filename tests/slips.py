"""Slips of a hand, one at a time at a random place of a simulated study: the changed study and the patient it is in.

`clean_study` is the study without any; `bare` takes from it all but what a plain layout asks for.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from project import CONFIG, SIMULATION
from sonimage.simulate.study import simulate_trial

Study = dict[str, pd.DataFrame]
Slip = Callable[[Study, np.random.Generator], tuple[Study, str]]
QUERY_RULES = {
    "ct_interval_days": CONFIG["link"]["ct_interval_days"],
    "organs_without_status": [
        *CONFIG["fes_status"]["background_organs"],
        *CONFIG["fes_status"]["physiologic_organs"],
    ],
}


def clean_study(n_patients: int, seed: int) -> Study:
    """A simulated study without defects, its rows numbered as in seven plain files."""
    study = simulate_trial(SIMULATION | {"n_patients": n_patients, "seed": seed})
    return {
        name: frame.assign(source_file=f"{name}.csv", source_row=np.arange(len(frame)) + 2)
        for name, frame in study.items()
        if not name.startswith("truth")
    }


def bare(study: Study) -> Study:
    """The study without assessments, SUVmean, SUVpeak and flags, its scans in no order and their numbers without meaning."""
    generator, scans = np.random.default_rng(1), study["scans"]
    numbers = dict(zip(scans["scan_id"], generator.permutation(len(scans)).astype(str), strict=True))
    renamed = {
        name: study[name].assign(scan_id=study[name]["scan_id"].map(numbers))
        for name in ("scans", "measurements", "uptake")
    }
    return study | {
        "scans": renamed["scans"].assign(source_row=generator.permutation(len(scans)) + 2),
        "measurements": renamed["measurements"],
        "uptake": renamed["uptake"].assign(suvmean=np.nan, suvpeak=np.nan),
        "patients": study["patients"].assign(bone_only=pd.NA, visceral_disease=pd.NA),
        "assessments": study["assessments"][:0],
    }


def put(study: Study, table: str, row: int, **values) -> Study:
    """The study with other values in one row of a table."""
    frame = study[table].copy()
    for column, value in values.items():
        frame.loc[row, column] = value
    return study | {table: frame}


def pick(rows: pd.DataFrame, generator: np.random.Generator) -> pd.Series:
    """One row at random."""
    return rows.iloc[generator.integers(len(rows))]


def cts(study: Study) -> pd.DataFrame:
    """CTs of patients who have several, by patient in order of time."""
    scans = study["scans"][study["scans"]["modality"] == "CT"].sort_values(["patient_id", "scan_date"])
    return scans[scans.duplicated("patient_id", keep=False)]


def a_year_off(years: int) -> Slip:
    """A CT after the first dated years later."""

    def slip(study: Study, generator: np.random.Generator) -> tuple[Study, str]:
        ct = cts(study)
        one = pick(ct[ct.duplicated("patient_id")], generator)
        moved = one["scan_date"] + pd.DateOffset(years=years)
        return put(study, "scans", one.name, scan_date=moved), one["patient_id"]

    return slip


def dates_exchanged(study: Study, generator: np.random.Generator) -> tuple[Study, str]:
    """The dates of two CTs of a patient exchanged."""
    ct = cts(study)
    own = ct[ct["patient_id"] == pick(ct, generator)["patient_id"]]
    one, two = (own.iloc[number] for number in generator.choice(len(own), 2, replace=False))
    study = put(study, "scans", one.name, scan_date=two["scan_date"])
    return put(study, "scans", two.name, scan_date=one["scan_date"]), one["patient_id"]


def neighbours_exchanged(study: Study, generator: np.random.Generator) -> tuple[Study, str]:
    """The dates of a CT and of the next one exchanged."""
    ct = cts(study)
    first = np.flatnonzero((ct["patient_id"] == ct["patient_id"].shift(-1)).to_numpy())
    number = first[generator.integers(len(first))]
    one, two = ct.iloc[number], ct.iloc[number + 1]
    study = put(study, "scans", one.name, scan_date=two["scan_date"])
    return put(study, "scans", two.name, scan_date=one["scan_date"]), one["patient_id"]


def suvmax_tenfold(study: Study, generator: np.random.Generator) -> tuple[Study, str]:
    """A decimal mark lost."""
    one = pick(study["uptake"][study["uptake"]["suvmax"] > 0], generator)
    return put(study, "uptake", one.name, suvmax=round(one["suvmax"] * 10, 2)), one["patient_id"]


def tracer_unread(study: Study, generator: np.random.Generator) -> tuple[Study, str]:
    """The reading of a lesion on one tracer lost, in a patient with both scans."""
    rows = study["uptake"].merge(study["scans"][["scan_id", "modality"]], on="scan_id", how="left")
    both = rows.groupby("patient_id")["modality"].transform("nunique") == 2
    one = pick(study["uptake"][both.to_numpy()], generator)
    return study | {"uptake": study["uptake"].drop(index=one.name)}, one["patient_id"]


def turned(size: float) -> float:
    """Tens and units of a size exchanged."""
    whole = int(size)
    return round(whole % 10 * 10 + whole // 10 + size - whole, 2)


def digits_turned(study: Study, generator: np.random.Generator) -> tuple[Study, str]:
    """Two digits of a size exchanged."""
    sizes = study["measurements"]
    whole = np.floor(sizes["diameter_mm"])
    one = pick(sizes[whole.between(10, 99) & (whole % 10 != whole // 10)], generator)
    return put(study, "measurements", one.name, diameter_mm=turned(one["diameter_mm"])), one["patient_id"]


def called_liver(study: Study, generator: np.random.Generator) -> tuple[Study, str]:
    """A lesion of another organ called liver."""
    lesions = study["lesions"]
    one = pick(lesions[(lesions["organ"] != "liver") & (lesions["role"] != "NEW")], generator)
    return put(study, "lesions", one.name, organ="liver"), one["patient_id"]


SLIPS: dict[str, Slip] = {
    "a CT a year late": a_year_off(1),
    "a CT a year early": a_year_off(-1),
    "dates of two CTs exchanged": dates_exchanged,
    "dates of two CTs in succession exchanged": neighbours_exchanged,
    "SUVmax tenfold": suvmax_tenfold,
    "a lesion read on one tracer": tracer_unread,
    "two digits of a size turned": digits_turned,
    "an organ called liver": called_liver,
}
