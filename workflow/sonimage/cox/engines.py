"""Every Cox model once more by lifelines: do two engines that share no code of the fit give the same answer?

lifelines is fitted as tightly as it can be; what then remains against R's survival is below 1e-6 (docs/decisions.md).
"""

import warnings

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceWarning

from sonimage import tables
from sonimage.cox.design_matrix import DURATION, EFRON, EVENT, Design, build_design, empty_terms, select_population

TIGHT = {"precision": 1e-12, "max_steps": 500, "r_precision": 1e-15}
AGREE, DIFFER, NOT_FITTED = "agree", "differ", "not fitted"
BY_LIFELINES = ["coef_lifelines", "se_lifelines", "problem"]


def compare_engines(planned: list[tuple[dict, pd.DataFrame]], cox: pd.DataFrame, *, tolerance: float) -> pd.DataFrame:
    """Return each term that `cox` has by maximum likelihood beside lifelines' fit (schema cox_engines).

    `planned`: each Cox analysis with its analysis set; `cox`: the table of their results. The difference is that of the
    coefficient or of its standard error, whichever is larger, in standard errors. Terms differ if it exceeds
    `tolerance`, or if lifelines finds an estimate without complaint where `cox` says that there is none.
    """
    is_by_likelihood = cox["method"].fillna("").str.startswith(EFRON)
    ours = cox.loc[is_by_likelihood, ["analysis_id", "term", "coef", "se", "note"]]
    again = [fit_by_lifelines(analysis_set, analysis) for analysis, analysis_set in planned]
    again = pd.concat(again) if again else pd.DataFrame(columns=["analysis_id", "term", *BY_LIFELINES])
    rows = ours.merge(again, on=["analysis_id", "term"], how="left", validate="one_to_one")
    gaps = pd.DataFrame({name: (rows[f"{name}_lifelines"] - rows[name]).abs() for name in ("coef", "se")})
    difference = gaps.max(axis=1, skipna=False) / rows["se"]
    is_found_here, is_found_there = rows["coef"].notna(), rows["coef_lifelines"].notna()
    differs = (difference > tolerance) | (~is_found_here & is_found_there & rows["problem"].isna())
    verdict = np.select([differs, is_found_here & is_found_there], [DIFFER, AGREE], NOT_FITTED)
    return tables.conform(
        rows.assign(difference=difference, verdict=verdict, note=_words(rows).where(verdict != AGREE)), "cox_engines"
    )


def fit_by_lifelines(analysis_set: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    """Return analysis_id, term, coef_lifelines, se_lifelines and the problem that lifelines had with the model, if any."""
    design = build_design(select_population(analysis_set, analysis), analysis)
    terms = [term for term in design.terms["term"] if term not in empty_terms(design)]
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        try:
            fitted, problem = _fit(design, terms).summary, None
        except (ValueError, ArithmeticError, np.linalg.LinAlgError, IndexError) as error:
            fitted, problem = pd.DataFrame(index=terms, columns=["coef", "se(coef)"], dtype=float), _first_words(error)
    complaints = [one.message for one in raised if issubclass(one.category, ConvergenceWarning)]
    problem = problem or (_first_words(complaints[0]) if complaints else None)
    numbers = fitted[["coef", "se(coef)"]].set_axis(["coef_lifelines", "se_lifelines"], axis=1).rename_axis("term")
    return numbers.reset_index().assign(analysis_id=analysis["id"], problem=problem)


def _fit(design: Design, terms: list[str]) -> CoxPHFitter:
    frame = design.frame[[*terms, DURATION, EVENT, *design.strata]]
    return CoxPHFitter().fit(frame, DURATION, EVENT, strata=design.strata or None, fit_options=TIGHT)


def _first_words(message: object) -> str:
    """What lifelines says, to the end of its first sentence."""
    return " ".join(str(message).split()).split(". ")[0]


def _words(rows: pd.DataFrame) -> pd.Series:
    """Why there is no estimate here, and what lifelines says of the model."""
    theirs = ("lifelines: " + rows["problem"].astype(object)).fillna("")
    both = rows["note"].astype(object).fillna("").str.cat(theirs, sep="; ").str.strip("; ")
    return both.mask(both == "")
