"""Eligibility: each inclusion and exclusion criterion of the registry record, patient by patient.

`met` means that the criterion applies: an inclusion criterion should be met, an exclusion criterion should not.
A criterion whose data are absent is `unknown`, never assumed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from sonimage import tables


class Criterion(NamedTuple):
    """One criterion: number, kind, the record's words, and a function that gives (applies, value) per patient."""

    criterion_id: str
    kind: str
    words: str
    judge: Callable[[pd.DataFrame, dict], tuple[pd.Series, pd.Series]]


def derive_eligibility(
    patients: pd.DataFrame,
    pet_baselines: pd.DataFrame,
    *,
    minimum_age_years: int,
    er_percent_above: float,
    er_ligand_washout_days: int,
) -> pd.DataFrame:
    """Return each criterion for each patient with its status and the value it was judged on (schema eligibility).

    Values are years, percentages, days and codes; no full date.
    """
    fes = pet_baselines[["patient_id", "fes_scan_date"]]
    known = patients.merge(fes, on="patient_id", how="left", validate="one_to_one")
    limits = {"age": minimum_age_years, "er": er_percent_above, "washout": er_ligand_washout_days}
    judged = [_judge(criterion, known, limits) for criterion in CRITERIA]
    order = {criterion.criterion_id: number for number, criterion in enumerate(CRITERIA)}
    listed = pd.concat(judged).sort_values(
        ["patient_id", "criterion_id"],
        key=lambda column: column.map(order) if column.name == "criterion_id" else column,
    )
    return tables.conform(listed, "eligibility")


def _judge(criterion: Criterion, known: pd.DataFrame, limits: dict) -> pd.DataFrame:
    applies, value = criterion.judge(known, limits)
    applies = applies.astype("boolean")
    status = np.select([applies.isna(), tables.known_true(applies)], ["unknown", "met"], "not met")
    return known[["patient_id", "source_file", "source_row"]].assign(
        criterion_id=criterion.criterion_id,
        kind=criterion.kind,
        criterion=criterion.words,
        status=status,
        value=value.astype(object).where(value.notna()),
    )


def participates_in_sonia(known: pd.DataFrame, limits: dict):
    """Randomised in SONIA: a randomisation date and an allocation."""
    value = np.where(known["randomisation_date"].notna(), "randomised", "no date") + pd.Series(
        np.where(known["allocation"].notna(), ", allocated", ", no allocation"), index=known.index
    )
    return (known["randomisation_date"].notna() & known["allocation"].notna()), value


def gave_consent(known: pd.DataFrame, limits: dict):
    given = known["consent_date"].notna()
    return given.astype("boolean").where(given), pd.Series(np.where(given, "dated", None), index=known.index)


def expresses_er(known: pd.DataFrame, limits: dict):
    percent = known["er_percent"]
    return _unless_missing(percent > limits["er"], percent), percent.map("{:g} %".format, na_action="ignore")


def is_adult(known: pd.DataFrame, limits: dict):
    age = age_years(known)
    return _unless_missing(age >= limits["age"], age), age.astype(object).map("{} years".format, na_action="ignore")


def is_female(known: pd.DataFrame, limits: dict):
    return _unless_missing(known["sex"] == "F", known["sex"]), known["sex"]


def meets_sonia_exclusion(known: pd.DataFrame, limits: dict):
    """The export holds none of SONIA's exclusion criteria; SONIA's own screening decided."""
    nothing = pd.Series(None, index=known.index, dtype=object)
    return nothing.astype("boolean"), nothing


def has_pet_contraindication(known: pd.DataFrame, limits: dict):
    return known["pet_contraindication"], known["pet_contraindication"].astype(object).map(str, na_action="ignore")


def used_er_ligand(known: pd.DataFrame, limits: dict):
    """ER ligand within the washout before FES-PET; a last day after the scan (days below 0) means that it was still used."""
    days = (known["fes_scan_date"] - known["last_er_ligand_date"]).dt.days
    applies = days <= limits["washout"]
    value = days.astype("Int64").astype(object).map("{} days before FES-PET".format, na_action="ignore")
    return _unless_missing(applies, days), value


def age_years(patients: pd.DataFrame) -> pd.Series:
    """Age in the year of randomisation, the year of birth being all that is exported."""
    return (patients["randomisation_date"].dt.year.astype("Int64") - patients["birth_year"]).astype("Int64")


def _unless_missing(applies: pd.Series, value: pd.Series) -> pd.Series:
    return applies.astype("boolean").where(value.notna().astype(bool))


CRITERIA = (
    Criterion("I1", "inclusion", "Participates in the SONIA trial for ER+ MBC", participates_in_sonia),
    Criterion("I2", "inclusion", "Written informed consent", gave_consent),
    Criterion("I3", "inclusion", "ER expression above 10 %", expresses_er),
    Criterion("I4", "inclusion", "18 years or older", is_adult),
    Criterion("I5", "inclusion", "Female", is_female),
    Criterion("E1", "exclusion", "Exclusion criteria of the SONIA trial", meets_sonia_exclusion),
    Criterion("E2", "exclusion", "Contra-indication for PET imaging", has_pet_contraindication),
    Criterion("E3", "exclusion", "ER ligand 5 weeks or less before FES-PET imaging", used_er_ligand),
)


def is_eligible(eligibility: pd.DataFrame) -> pd.Series:
    """Per patient: no inclusion criterion known to fail and no exclusion criterion known to apply."""
    inclusion = eligibility["kind"] == "inclusion"
    violated = (inclusion & (eligibility["status"] == "not met")) | (~inclusion & (eligibility["status"] == "met"))
    return ~violated.groupby(eligibility["patient_id"]).any()
