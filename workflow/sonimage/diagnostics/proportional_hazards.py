"""Test of proportional hazards: the score test of x times g(time), as cox.zph of R's survival has it since 2019.

Grambsch and Therneau, Biometrika 1994;81:515. lifelines has the approximation of before (see docs/decisions.md).
"""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cox.design_matrix import EVENT
from sonimage.cox.hazard_ratios import Analysed
from sonimage.cox.inference import chi_squared_tail
from sonimage.cox.partial_likelihood import CoxData, CoxFit
from sonimage.diagnostics.martingales import HazardSteps, hazard_steps, schoenfeld

TRANSFORMS = ("km", "identity", "rank", "log")

TRANSFORM = "km"


def transform_times(data: CoxData, times: np.ndarray, transform: str) -> np.ndarray:
    """g(time) of each event. km: 1 - S(t-) of all patients in one curve; rank: among all
    times, ties sharing their mean rank."""
    if transform == "identity":
        return times
    if transform == "log":
        return np.log(times)
    if transform == "rank":
        return (_count(data.time, times) + 1 + np.searchsorted(np.sort(data.time), times)) / 2
    if transform != "km":
        raise ValueError(f"transform {transform} is none of {', '.join(TRANSFORMS)}")
    moments = np.unique(times)
    at_risk = _count(-data.time, -moments) - _count(-data.entry, -moments)
    survival = np.cumprod(1 - np.bincount(np.searchsorted(moments, times)) / at_risk)
    return 1 - np.append(1.0, survival)[np.searchsorted(moments, times)]


def _count(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """How many values are at most each limit."""
    return np.searchsorted(np.sort(values), limits, side="right")


def score_proportional_hazards(data: CoxData, fit: CoxFit, terms: list, transform: str = "km") -> pd.DataFrame:
    """Return level (coefficient, term, global), name, statistic, degrees_of_freedom, p_value.

    `terms`: the variable of each column; a factor has several columns and one test as a term.
    R: cox.zph(fit, transform = transform, terms = FALSE and TRUE). Raises ValueError with case weights (not compared with R).
    """
    if (data.weight != 1).any():
        raise ValueError("the test of proportional hazards takes no case weights")
    times, residuals = schoenfeld(data, fit)
    g = transform_times(data, times, transform)
    g = g - g.mean()
    u, steps = g @ residuals, hazard_steps(data, fit)
    at_step = _at_steps(steps, times, g)
    information = np.einsum("k,kij->ij", steps.weight, steps.variance)
    mixed = np.einsum("k,kij->ij", steps.weight * at_step, steps.variance)
    squared = np.einsum("k,kij->ij", steps.weight * at_step**2, steps.variance)
    remaining = squared - mixed @ np.linalg.solve(information, mixed)
    tested = [("coefficient", str(j), [j]) for j in range(len(terms))]
    tested += [("term", name, [j for j, term in enumerate(terms) if term == name]) for name in dict.fromkeys(terms)]
    tested.append(("global", "global", list(range(len(terms)))))
    return pd.DataFrame([_score_test(u, remaining, *entry) for entry in tested])


def _at_steps(steps: HazardSteps, times: np.ndarray, g: np.ndarray) -> np.ndarray:
    """g at the time of each step of the hazard."""
    moments, first = np.unique(times, return_index=True)
    return g[first][np.searchsorted(moments, steps.time)]


def _score_test(u, remaining, level: str, name: str, columns: list[int]) -> dict:
    """u' V^-1 u of the columns tested, the coefficients themselves being estimated; NaN where too few events tell of time."""
    variance = remaining[np.ix_(columns, columns)]
    is_known = np.linalg.matrix_rank(variance, hermitian=True) == len(columns)
    statistic = float(u[columns] @ np.linalg.solve(variance, u[columns])) if is_known else np.nan
    return {
        "level": level,
        "name": name,
        "statistic": statistic,
        "degrees_of_freedom": len(columns),
        "p_value": float(chi_squared_tail(statistic, len(columns))),
    }


def check_proportional_hazards(analysed: list[Analysed]) -> pd.DataFrame:
    """cox.zph of every analysis: per coefficient, per variable and as a whole (schema proportional_hazards)."""
    return tables.conform(pd.concat([_zph_rows(one) for one in analysed]), "proportional_hazards")


def _zph_rows(one: Analysed) -> pd.DataFrame:
    facts = {
        "analysis_id": one.analysis["id"],
        "transform": TRANSFORM,
        "n_events": int(one.design.frame[EVENT].sum()),
    }
    if one.fitted is None:
        return pd.DataFrame([facts | {"level": "global", "name": "global", "note": one.problem}])
    data, fit, terms = one.fitted
    variables = one.design.terms.set_index("term")["variable"][terms].tolist()
    rows = score_proportional_hazards(data, fit, variables, TRANSFORM)
    names = dict(enumerate(terms))
    is_coefficient = rows["level"] == "coefficient"
    note = np.where(rows["statistic"].isna(), "too few events to tell of time", None)
    return rows.assign(**facts, name=rows["name"].where(~is_coefficient, pd.Series(names)), note=note)
