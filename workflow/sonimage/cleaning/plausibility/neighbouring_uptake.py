"""Uptake and organs that the patient's other lesions, the other tracer or other lesions of the organ contradict."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cleaning.plausibility.rule import Rule, Study
from sonimage.tables import LESION

TO_DEVIATIONS = 1.4826  # from a median distance to a standard deviation, robust
FAR = 3.5  # standard deviations
NEARER_BY_TEN = np.log(10) / 2  # a tenth of the value is nearer to the others than the value
OUT_OF_PROPORTION, FEWEST_RATIOS = 4, 10
READ_ON_BOTH, FEWEST_LESIONS = 0.95, 20
NEARLY_ALL, FEWEST_OTHERS = 0.9, 5
FAR_FROM_ORGAN, TWICE = 5, np.log(2)


def with_readings(study: Study, organs_without_status: list[str]) -> Study:
    """The study with `readings`, uptake with its modality and the number and organ of its lesion.

    Lesions (`without_status`) and FES readings (`background`, marked `covered`) in organs whose own uptake leaves a lesion
    no FES status stand by themselves.
    """
    lesions = study["lesions"].reset_index(drop=True)
    numbered = lesions[[*LESION, "organ"]].assign(number=lesions.index)
    rows = study["uptake"].merge(study["scans"][["scan_id", "modality"]], on="scan_id").merge(numbered, on=LESION)
    covered = (rows["modality"] == "FES-PET") & rows["organ"].isin(organs_without_status)
    without_status = lesions[lesions["organ"].isin(organs_without_status)]
    readings = rows.assign(covered=covered)
    return study | {"readings": readings, "without_status": without_status, "background": readings[covered]}


def _median_of_the_others(values: pd.Series, groups: pd.Series) -> tuple[pd.Series, pd.Series]:
    """For each value the median of the other values of its group (missing where there is none), and their number."""
    code = pd.factorize(groups)[0]
    order = np.lexsort([values, code])
    ordered, code = values.to_numpy()[order], code[order]
    size = np.bincount(code)[code]
    start = np.searchsorted(code, code)
    rank = np.arange(len(code)) - start

    def other(number: np.ndarray) -> np.ndarray:
        return ordered[np.minimum(start + number + (number >= rank), len(code) - 1)]

    median = np.where(size > 1, (other((size - 2) // 2) + other((size - 1) // 2)) / 2, np.nan)
    return pd.Series(median, values.index[order]), pd.Series(size - 1, values.index[order])


def _distance_to_the_others(rows: pd.DataFrame, groups: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Log ratio of each SUVmax to the median of the others of its group, and their number."""
    suvmax = np.log(rows["suvmax"])
    median, n = _median_of_the_others(suvmax, groups)
    return suvmax - median, n


def suv_far_above_the_others(study: Study) -> pd.DataFrame:
    """An SUVmax far above the patient's other lesions on the scan, by the spread of the study: ten times too high?"""
    rows = study["readings"]
    rows = rows[(rows["suvmax"] > 0) & ~rows["covered"]]
    above, n = _distance_to_the_others(rows, rows["scan_id"])
    scaled = (above / np.sqrt(1 + 1 / n)).reindex(rows.index)  # the fewer the others, the less their median says
    spread = TO_DEVIATIONS * scaled.abs().groupby(rows["modality"]).transform("median")
    return rows[(scaled > FAR * spread) & (above > NEARER_BY_TEN).reindex(rows.index)]


def suvmax_out_of_proportion(study: Study) -> pd.DataFrame:
    """An SUVmax that exceeds SUVmean or SUVpeak four times more than is usual for the tracer in this study."""
    rows = study["readings"]
    rows = rows[rows["suvmax"] > 0]

    def exceeds(column: str) -> pd.Series:
        ratio = rows["suvmax"] / rows[column].where(rows[column] > 0)
        usual, n = (ratio.groupby(rows["modality"]).transform(word) for word in ("median", "count"))
        return (ratio > OUT_OF_PROPORTION * usual) & (n >= FEWEST_RATIOS)

    return rows[exceeds("suvmean") | exceeds("suvpeak")]


def read_on_one_tracer(study: Study) -> pd.DataFrame:
    """A lesion read on one tracer in a patient read on both, in a centre that reads nearly all lesions on both."""
    readings, lesions = study["readings"], study["lesions"].reset_index(drop=True)
    fes, fdg = (readings[readings["modality"] == modality] for modality in ("FES-PET", "FDG-PET"))
    on_fes, on_fdg = lesions.index.isin(fes["number"]), lesions.index.isin(fdg["number"])
    read_twice = lesions["patient_id"].isin(set(fes["patient_id"]) & set(fdg["patient_id"]))
    lesions = lesions.assign(on_both=on_fes & on_fdg)[read_twice & (on_fes | on_fdg)]
    centres = study["patients"].set_index("patient_id")["centre"].fillna("")
    of_centre = lesions.groupby(lesions["patient_id"].map(centres).fillna(""))["on_both"]
    usual = (of_centre.transform("mean") >= READ_ON_BOTH) & (of_centre.transform("size") >= FEWEST_LESIONS)
    return lesions[usual & ~lesions["on_both"]]


def _unlike_nearly_all(odd: pd.Series, organs: pd.Series) -> pd.Series:
    """Odd rows of an organ of which nearly all other rows are not odd."""
    of_organ = odd.groupby(organs)
    n, n_odd = of_organ.transform("size") - 1, of_organ.transform("sum") - odd
    return odd & (n >= FEWEST_OTHERS) & (n_odd <= (1 - NEARLY_ALL) * n)


def organ_against_the_patient(study: Study) -> pd.DataFrame:
    """A lesion, not called new, in an organ without status (liver), of a patient without visceral disease or with bone alone."""
    lesions, patients = study["without_status"], study["patients"].set_index("patient_id")
    lesions = lesions[lesions["role"] != "NEW"]
    bone_only = tables.known_true(lesions["patient_id"].map(patients["bone_only"]))
    visceral = lesions["patient_id"].map(patients["visceral_disease"]).astype("boolean")
    return lesions[bone_only | tables.known_true(~visceral)]


def organ_with_a_side(study: Study) -> pd.DataFrame:
    """A side for a lesion in an organ without status, where nearly all other lesions of that organ have none."""
    lesions = study["without_status"]
    return lesions[_unlike_nearly_all(lesions["laterality"].notna(), lesions["organ"])]


def organ_with_a_call(study: Study) -> pd.DataFrame:
    """A call on FES in an organ without status, where nearly all other lesions of that organ have none."""
    rows = study["background"]
    return rows[_unlike_nearly_all(rows["visual"].isin(["positive", "negative"]), rows["organ"])]


def organ_with_another_uptake(study: Study) -> pd.DataFrame:
    """FES uptake far from that of all other lesions of an organ whose own uptake covers them."""
    rows = study["background"]
    rows = rows[rows["suvmax"] > 0]
    away, n = (column.reindex(rows.index) for column in _distance_to_the_others(rows, rows["organ"]))
    away = away.abs()
    spread = TO_DEVIATIONS * away.groupby(rows["organ"]).transform("median")
    return rows[(away > FAR_FROM_ORGAN * spread) & (away > TWICE) & (n >= FEWEST_OTHERS)]


RULES = (
    Rule("SUV_FAR_ABOVE", "uptake", "suvmax", "an SUVmax like the patient's other lesions on the scan", "Ten times too high?", suv_far_above_the_others),
    Rule("SUV_PROPORTION", "uptake", "suvmax, suvpeak, suvmean", "the study's usual ratio of SUVmax to SUVmean and SUVpeak", "Ten times too high?", suvmax_out_of_proportion),
    Rule("ONE_TRACER", "lesions", "lesion_id", "a reading on both tracers, as for nearly all lesions of the centre", "Is a reading lacking in the export?", read_on_one_tracer),
    Rule("ORGAN_AGAINST_PATIENT", "lesions", "organ", "visceral disease, and not bone alone, with a lesion in the liver (or another organ without FES status)", "Is the organ right?", organ_against_the_patient),
    Rule("ORGAN_WITH_SIDE", "lesions", "organ, laterality", "no side, as for nearly all lesions of the organ", "Is the organ right?", organ_with_a_side),
    Rule("ORGAN_WITH_CALL", "uptake", "visual", "no call on FES, as for nearly all lesions of the organ", "Is the organ right?", organ_with_a_call),
    Rule("ORGAN_UPTAKE", "uptake", "suvmax", "FES uptake like other lesions of the organ", "Is the organ right?", organ_with_another_uptake),
)  # fmt: skip
