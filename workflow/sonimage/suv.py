"""Arithmetic of standardised uptake: lean body mass, uptake time, activity (formulas as in calculate-suv and SNMMI)."""

import numpy as np
import pandas as pd

HALF_LIFE_F18_S = 6586.2  # 109.77 min
MINUTES_A_DAY = 1440


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


def sul_factor(weight_kg: pd.Series, height_cm: pd.Series, sex: pd.Series) -> pd.Series:
    """What SUVbw is multiplied with to give SUL: lean body mass (Janmahasatian) over weight."""
    return lean_body_mass_janmahasatian(weight_kg, height_cm, sex) / weight_kg


def uptake_minutes(injection_time: pd.Series, acquisition_time: pd.Series) -> pd.Series:
    """Minutes from injection to the start of acquisition; a scan that starts on the next day counts across midnight."""
    injected, started = (pd.to_timedelta(times).dt.total_seconds() / 60 for times in (injection_time, acquisition_time))
    return (started - injected) % MINUTES_A_DAY
