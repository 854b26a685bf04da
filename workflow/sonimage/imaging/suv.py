"""Arithmetic of standardised uptake: lean body mass, uptake time, activity (formulas as in calculate-suv and SNMMI)."""

import numpy as np
import pandas as pd

HALF_LIFE_F18_S = 6586.2  # 109.77 min


def lean_body_mass_janmahasatian(weight_kg: pd.Series, height_cm: pd.Series, sex: pd.Series) -> pd.Series:
    """Lean body mass in kg (Janmahasatian, Clin Pharmacokinet 2005;44:1051); weight in kg, height in cm."""
    bmi = weight_kg / (height_cm / 100) ** 2
    female = 9270 * weight_kg / (8780 + 244 * bmi)
    male = 9270 * weight_kg / (6680 + 216 * bmi)
    return pd.Series(np.where(sex == "M", male, female), index=weight_kg.index)


def lean_body_mass_james(weight_kg: pd.Series, height_cm: pd.Series, sex: pd.Series) -> pd.Series:
    """Lean body mass in kg (James, 1976); weight in kg, height in cm."""
    ratio = (weight_kg / height_cm) ** 2
    return pd.Series(
        np.where(sex == "M", 1.10 * weight_kg - 120 * ratio, 1.07 * weight_kg - 148 * ratio), index=weight_kg.index
    )


LEAN_BODY_MASS = {"janmahasatian": lean_body_mass_janmahasatian, "james": lean_body_mass_james}


def sul_factor(weight_kg: pd.Series, height_cm: pd.Series, sex: pd.Series, formula: str = "janmahasatian") -> pd.Series:
    """What SUVbw is multiplied with to give SUL: lean body mass over weight."""
    return LEAN_BODY_MASS[formula](weight_kg, height_cm, sex) / weight_kg


def decay_factor(minutes: pd.Series, half_life_s: pd.Series) -> pd.Series:
    """What is left of an activity after some minutes."""
    return 2 ** (-60 * minutes / half_life_s)


def reference_activity_mbq(
    activity_mbq: pd.Series, minutes: pd.Series, half_life_s: pd.Series, decay_correction: pd.Series
) -> pd.Series:
    """Injected activity at the moment to which the image is decay corrected (DICOM Decay Correction, 0054,1102).

    START: decayed to the start of the scan. ADMIN: the image is corrected to the injection, so nothing is decayed again
    (Horos #653 did). NONE, or not recorded: the moment is unknown and the answer empty.
    """
    at_start = activity_mbq * decay_factor(minutes.where(minutes >= 0), half_life_s)
    return at_start.where(decay_correction == "START", activity_mbq.where(decay_correction == "ADMIN"))


def suv_factor(scans: pd.DataFrame, minutes: pd.Series) -> pd.Series:
    """What an image value is multiplied with to give SUVbw (g/mL), by the units of the image (DICOM Units, 0054,1001).

    BQML: weight (g) over reference activity (Bq). GML: the image is SUV already, 1. CNTS: Philips' private SUV factor, or
    else Philips' activity factor (Bq/mL per count) times the factor of BQML. Anything else, or no weight: empty.
    """
    activity = reference_activity_mbq(
        scans["injected_activity_mbq"], minutes, scans["half_life_s"], scans["decay_correction"]
    )
    weight = scans["weight_kg"].where(scans["weight_kg"] > 0)
    per_becquerel = weight * 1e3 / (activity.where(activity > 0) * 1e6)
    to_suv, to_becquerel = (
        scans[name].where(scans[name] > 0) for name in ("philips_suv_factor", "philips_activity_factor")
    )
    factor = per_becquerel.where(scans["units"] == "BQML").mask(scans["units"] == "GML", 1.0)
    return factor.mask(scans["units"] == "CNTS", to_suv.fillna(to_becquerel * per_becquerel))


def suv_of_activity(activity_kbq_ml: pd.Series, scans: pd.DataFrame, minutes: pd.Series) -> pd.Series:
    """SUVbw (g/mL) of an activity concentration read in kBq/mL; `scans` and `minutes` row by row beside it."""
    return activity_kbq_ml * 1e3 * suv_factor(scans.assign(units="BQML"), minutes)
