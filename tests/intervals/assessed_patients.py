"""Patients whose events are known to lie between two assessments."""

import numpy as np
import pandas as pd
from sonimage import tables

INF = np.inf
CURVES = {
    "id": "curves",
    "method": "turnbull",
    "population": "in_imaging_set",
    "definition": "S5",
    "grouping": "het3",
    "covariates": [],
}


def visits_every_three_months(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Weibull times (median 12 months), seen at the next of about three-monthly visits, until 20 to 60 months."""
    draw = np.random.default_rng(seed)
    times = 12 * (draw.exponential(1, n) / np.log(2)) ** 0.8
    visits = np.cumsum(draw.normal(2.76, 0.23, (n, 60)), axis=1)
    visits = np.column_stack([np.zeros(n), np.where(visits < draw.uniform(20, 60, (n, 1)), visits, INF)])
    upper = np.where(visits >= times[:, None], visits, INF).min(axis=1)
    return np.where((visits < times[:, None]) & np.isfinite(visits), visits, 0).max(axis=1), upper


def study(lower, upper, groups) -> tuple[pd.DataFrame, pd.DataFrame]:
    """An analysis set and its PFS1 by definition S5; every patient on arm B."""
    names = [f"P{number:04d}" for number in range(len(lower))]
    analysis_set = pd.DataFrame({"patient_id": names, "het3": groups, "allocation": "B"})
    endpoint = pd.DataFrame({"patient_id": names, "definition": "S5", "interval_lower_months": lower})
    endpoint = endpoint.assign(interval_upper_months=upper).replace(INF, np.nan)
    endpoint = endpoint.assign(pfs1_event=endpoint["interval_upper_months"].notna())
    return (
        tables.conform(analysis_set.assign(in_imaging_set=True, fes_eval_n=3), "analysis_set"),
        tables.conform(endpoint, "pfs1_definitions"),
    )
