"""Weibull models of interval-censored PFS1: progression happened between two assessments, not on the day of the scan (S5).

A scan finds a progression late, by up to the time between assessments; these models compare groups without that delay.
Coefficients are log time ratios (accelerated failure time), beside them the hazard ratios they imply.
"""

import numpy as np
import pandas as pd
from scipy import special

from sonimage import tables
from sonimage.cox.design_matrix import (
    DURATION,
    EVENT,
    FEW_EVENTS,
    Design,
    build_design,
    empty_terms,
    scarce_terms,
    select_population,
)
from sonimage.intervals.turnbull import read_intervals
from sonimage.intervals.weibull import WeibullFit, fit_weibull

LOWER, UPPER = "interval_lower_months", "interval_upper_months"
WEIBULL = "Weibull, interval-censored"
NOT_FITTED = "not fitted"
INTERCEPT = "intercept"
RUNAWAY = 10  # log hazard ratio or its error per standard deviation of the column, or error of the log scale
REACH = special.ndtri(0.975)


def fit_interval_models(
    analysis_set: pd.DataFrame, pfs1_definitions: pd.DataFrame, analyses: list[dict]
) -> pd.DataFrame:
    """Return one row per term of every analysis whose method is `weibull` (schema interval_models).

    `analyses`: id, objective, method, population, definition (of PFS1), grouping, covariates; optionally
    minimum_lesions and interaction. Ratios are A against B and level against reference.
    """
    parts = []
    for analysis in analyses:
        if analysis["method"] == "weibull":
            rows = with_intervals(analysis_set, pfs1_definitions, analysis["definition"])
            parts.append(fit_members(select_population(rows, analysis), analysis))
    return tables.conform(pd.concat(parts), "interval_models") if parts else tables.empty("interval_models")


def with_intervals(analysis_set: pd.DataFrame, pfs1_definitions: pd.DataFrame, definition: str) -> pd.DataFrame:
    """The analysis set with PFS1 of a definition and its intervals; empty for patients whom the definition leaves out.

    Raises ValueError for a definition that the table does not hold.
    """
    mine = pfs1_definitions[pfs1_definitions["definition"] == definition]
    if mine.empty and len(pfs1_definitions):
        raise ValueError(f"PFS1 has no definition {definition}")
    known = mine[mine[EVENT].notna()].set_index("patient_id")[[EVENT, LOWER, UPPER]]
    rows = analysis_set.drop(columns=[DURATION, EVENT]).merge(
        known, left_on="patient_id", right_index=True, how="left", validate="one_to_one"
    )
    # sums must not depend on the order of patients
    return rows.assign(**{DURATION: rows[UPPER].fillna(rows[LOWER])}).sort_values("patient_id", ignore_index=True)


def count_kinds(lower: np.ndarray, upper: np.ndarray) -> dict[str, int]:
    """Patients, events, and events in an interval or on a day, and patients without an event."""
    is_censored, is_exact = np.isinf(upper), lower == upper
    n, n_censored, n_exact = len(lower), int(is_censored.sum()), int(is_exact.sum())
    kinds = {"n_interval": n - n_censored - n_exact, "n_exact": n_exact, "n_censored": n_censored}
    return {"n": n, "n_events": n - n_censored} | kinds


def fit_members(members: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    """Return the rows of one analysis fitted to its patients, whose PFS1 stands in intervals (`with_intervals`)."""
    if analysis.get("strata"):
        raise ValueError(f"analysis {analysis['id']}: a Weibull model has no strata")
    design = build_design(members, analysis)
    lower, upper = read_intervals(*(members.loc[design.frame.index, name] for name in (LOWER, UPPER)))
    terms, empty = list(design.terms["term"]), empty_terms(design)
    varying = [term for term in terms if term not in empty]
    fit, problem = _fit_if_possible(design, varying, lower, upper)
    _, few = scarce_terms(design)
    notes = [
        problem,
        f"all patients alike in {', '.join(empty)}" if empty and len(lower) else None,
        f"fewer than {FEW_EVENTS} events in {', '.join(few)}" if few else None,
    ]
    facts = {"analysis_id": analysis["id"], "model": analysis.get("objective")}
    facts |= {"note": "; ".join(filter(None, notes)) or None} | count_kinds(lower, upper)
    facts |= {name: analysis.get(name) for name in ("population", "definition", "grouping")}
    named = {name: [None, *design.terms[name]] for name in ("variable", "reference")} | {"term": [INTERCEPT, *terms]}
    if fit is None:
        return pd.DataFrame(named | facts | {"method": f"{WEIBULL}: {NOT_FITTED}"})
    facts |= {"scale": fit.scale, "se_log_scale": fit.se_log_scale, "log_likelihood": fit.log_likelihood}
    facts["p_value_group"] = _test_group(design, analysis, varying, lower, upper, fit)
    rows = pd.DataFrame(named | facts | {"method": WEIBULL})
    return rows.join(_estimates(fit, varying), on="term")


def _fit_if_possible(
    design: Design, terms: list[str], lower: np.ndarray, upper: np.ndarray
) -> tuple[WeibullFit | None, str | None]:
    """The fit, or the reason why there is none."""
    without_events, _ = scarce_terms(design)
    columns = design.frame[terms].to_numpy(dtype=float)
    if not len(lower):
        return None, "no patient"
    if not np.isfinite(upper).any():
        return None, "no events"
    if without_events:
        return None, "no event in " + ", ".join(without_events)
    if len(design.terms) and not terms:
        return None, "no term varies"
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(columns)), columns])) <= len(terms):
        return None, "terms cannot be told apart"
    fit = fit_weibull(columns, lower, upper)
    errors = np.append(fit.se, [fit.se_log_scale, *fit.se_log_hazard_ratio])
    if not fit.is_converged or not np.isfinite(errors).all():
        return None, "no largest likelihood or no convergence"
    runaway = np.maximum(np.abs(fit.log_hazard_ratio), fit.se_log_hazard_ratio) * columns.std(axis=0) > RUNAWAY
    return (None, "separation") if runaway.any() or fit.se_log_scale > RUNAWAY else (fit, None)


def _estimates(fit: WeibullFit, terms: list[str]) -> pd.DataFrame:
    """Time ratios and hazard ratios with Wald limits; the intercept is no ratio."""
    no_ratio = np.where(np.arange(len(fit.coef)) == 0, np.nan, 1.0)
    log_hazard, error = np.append(np.nan, fit.log_hazard_ratio), np.append(np.nan, fit.se_log_hazard_ratio)
    return pd.DataFrame(
        {
            "coef": fit.coef,
            "se": fit.se,
            "time_ratio": np.exp(fit.coef) * no_ratio,
            "ci_lower": np.exp(fit.coef - REACH * fit.se) * no_ratio,
            "ci_upper": np.exp(fit.coef + REACH * fit.se) * no_ratio,
            "hazard_ratio": np.exp(log_hazard),
            "hazard_ratio_lower": np.exp(log_hazard - REACH * error),
            "hazard_ratio_upper": np.exp(log_hazard + REACH * error),
            "p_value": special.chdtrc(1, (fit.coef / fit.se) ** 2) * no_ratio,
        },
        index=[INTERCEPT, *terms],
    )


def _test_group(
    design: Design, analysis: dict, terms: list[str], lower: np.ndarray, upper: np.ndarray, fit: WeibullFit
) -> float:
    """P value of the likelihood-ratio test that the group (or its interaction with the arm) has no effect."""
    tested = "interaction" if analysis.get("interaction") else analysis.get("grouping")
    variable = design.terms.set_index("term")["variable"]
    kept = [term for term in terms if variable[term] != tested]
    if len(kept) == len(terms):
        return np.nan
    restricted = fit_weibull(design.frame[kept].to_numpy(dtype=float), lower, upper)
    ratio = 2 * (fit.log_likelihood - restricted.log_likelihood)
    return float(special.chdtrc(len(terms) - len(kept), max(ratio, 0)))
