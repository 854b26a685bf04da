"""Cox models for PFS1 between heterogeneity groups (registry outcome 5), Efron ties, from our own core (`partial_likelihood`).

The core equals R's survival to 1e-8; lifelines fits every model once more in each run (`engines`).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from sonimage import tables
from sonimage.cox import inference, partial_likelihood
from sonimage.cox.design_matrix import (
    DURATION,
    EFRON,
    EVENT,
    FEW_EVENTS,
    Design,
    build_design,
    empty_terms,
    scarce_terms,
    select_population,
)
from sonimage.cox.firth import fit_firth

NOT_FITTED = "not fitted"
SEPARATED = 10  # coefficient or standard error per standard deviation of the column, beyond which it has run away
PROFILE_LIMITS = ["ci_lower_profile", "ci_upper_profile"]
REACH = special.ndtri(0.975)
PRUDENT_EVENTS = 10  # per parameter: Peduzzi, J Clin Epidemiol 1995;48:1503


class TermFit(NamedTuple):
    """A fit with the rows it was fitted to and the term of each column."""

    data: partial_likelihood.CoxData
    fit: partial_likelihood.CoxFit
    terms: list[str]


class Analysed(NamedTuple):
    """An analysis with its patients, columns and fit (None where maximum likelihood has none, `problem` says why)."""

    analysis: dict
    patients: pd.DataFrame
    design: Design
    fitted: TermFit | None
    problem: str | None


def fit_cox_models(analysis_set: pd.DataFrame, analyses: list[dict]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit analyses of the plan (method cox) with PFS1 as it stands in the analysis set, and report them."""
    return report_models([analyse(analysis_set, analysis) for analysis in analyses])


def report_models(analysed: list[Analysed]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per analysis and term (schema cox) and the tests of each analysis (schema cox_tests).

    Hazard ratios are A against B and level against reference.
    """
    return (
        tables.conform(pd.concat([_with_profile_limits(list_estimates(one), one) for one in analysed]), "cox"),
        tables.conform(pd.concat([list_tests(one) for one in analysed]), "cox_tests"),
    )


def analyse(analysis_set: pd.DataFrame, analysis: dict) -> Analysed:
    """Fit one analysis to its patients by maximum likelihood, where that exists."""
    return fit_members(select_population(analysis_set.sort_values("patient_id", ignore_index=True), analysis), analysis)


def fit_members(members: pd.DataFrame, analysis: dict) -> Analysed:
    """The same for patients already selected, in the order of their numbers."""
    design = build_design(members, analysis)
    return Analysed(analysis, members, design, *fit_if_possible(design))


def list_estimates(one: Analysed) -> pd.DataFrame:
    """Rows of one analysis; Firth's likelihood where maximum likelihood has no answer or a level has few events."""
    analysis, design, problem = one.analysis, one.design, one.problem
    empty, (_, few) = empty_terms(design), scarce_terms(design)
    n_events = int(design.frame[EVENT].sum())
    facts = {"analysis_id": analysis["id"], "model": analysis.get("objective"), "grouping": analysis.get("grouping")}
    facts |= {"n": len(design.frame), "n_events": n_events, "population": analysis["population"]}
    rows = pd.DataFrame(_by_likelihood(one) | facts | {"note": _note(one)})
    if not (problem or few) or len(empty) == len(design.terms) or not n_events or design.strata:
        return rows
    reason = problem or f"fewer than {FEW_EVENTS} events in {', '.join(few)}"
    return pd.concat([rows, _by_firth(design, empty).assign(**facts, note=reason)])


def _note(one: Analysed) -> str | None:
    """What is to be said about an analysis."""
    empty = empty_terms(one.design)
    return "; ".join(filter(None, [one.problem, f"no contrast for {', '.join(empty)}" if empty else ""])) or None


def fit_if_possible(design: Design) -> tuple[TermFit | None, str | None]:
    """The maximum likelihood fit, or the reason why there is none: no event in a level, separation."""
    without_events, _ = scarce_terms(design)
    if without_events:
        return None, "no event in " + ", ".join(without_events)
    return fit_efron(design, empty_terms(design))


def fit_efron(design: Design, empty: list[str]) -> tuple[TermFit | None, str | None]:
    """Fit by maximum partial likelihood with Efron ties; the second answer says why there is no fit."""
    terms = [term for term in design.terms["term"] if term not in empty]
    if not design.frame[EVENT].sum():
        return None, "no events"
    if not terms:
        return None, "no term varies"
    columns = design.frame[terms].to_numpy(dtype=float)
    data = partial_likelihood.prepare(columns, design.frame[DURATION], design.frame[EVENT], strata=strata_of(design))
    fit = partial_likelihood.fit_cox(data)
    if not fit.is_converged or not np.isfinite(fit.se).all():
        return None, "separation or no convergence"
    runaway = np.maximum(np.abs(fit.coef), fit.se) * columns.std(axis=0, ddof=1) > SEPARATED
    return (None, "separation") if runaway.any() else (TermFit(data, fit, terms), None)


def strata_of(design: Design) -> np.ndarray | None:
    """One number per combination of the strata; None without strata."""
    return design.frame.groupby(design.strata, sort=True).ngroup().to_numpy() if design.strata else None


def _by_likelihood(one: Analysed) -> dict:
    """Columns of the estimates by maximum likelihood, NaN for a term without one; none where there is no fit."""
    columns = {name: one.design.terms[name] for name in ("term", "reference")}
    if one.fitted is None:
        return columns | {"method": f"{EFRON}: {NOT_FITTED}"}
    _, fit, terms = one.fitted
    half = REACH * fit.se
    estimates = {
        "coef": fit.coef,
        "se": fit.se,
        "hazard_ratio": np.exp(fit.coef),
        "ci_lower": np.exp(fit.coef - half),
        "ci_upper": np.exp(fit.coef + half),
        "p_value": inference.chi_squared_tail((fit.coef / fit.se) ** 2, 1),
    }
    values = np.full((len(estimates), len(columns["term"])), np.nan)
    values[:, columns["term"].isin(terms)] = list(estimates.values())
    return columns | dict(zip(estimates, values, strict=True)) | {"method": EFRON}


def _with_profile_limits(rows: pd.DataFrame, one: Analysed) -> pd.DataFrame:
    """The rows with limits of the profile likelihood beside those after Wald."""
    if one.fitted is None:
        return rows
    data, fit, terms = one.fitted
    estimate = pd.MultiIndex.from_product([terms, [EFRON]])
    limits = pd.DataFrame(np.exp(inference.profile_limits(data, fit)), index=estimate, columns=PROFILE_LIMITS)
    return rows.join(limits, on=["term", "method"])


def _by_firth(design: Design, empty: list[str]) -> pd.DataFrame:
    terms = [term for term in design.terms["term"] if term not in empty]
    estimates = fit_firth(design.frame[terms], design.frame[DURATION], design.frame[EVENT])
    return design.terms.merge(estimates, on="term", how="left")


def list_tests(one: Analysed) -> pd.DataFrame:
    """Tests of the group, interaction or spline as a whole, events per parameter, Harrell's C, patients left out."""
    design, fitted, n_events = one.design, one.fitted, int(one.design.frame[EVENT].sum())
    facts = {"analysis_id": one.analysis["id"], "note": _note(one)}
    facts |= {"n": len(design.frame), "n_events": n_events, "n_left_out": len(one.patients) - len(design.frame)}
    hypotheses = _hypotheses(design, one.analysis)
    if fitted is None:
        return pd.DataFrame([facts | {"hypothesis": next(iter(hypotheses))}])
    per_parameter = n_events / len(fitted.terms)
    facts |= {
        "events_per_parameter": per_parameter,
        "concordance": inference.harrell_c(fitted.data, fitted.fit.coef),
        "warning": f"fewer than {PRUDENT_EVENTS} events per parameter" if per_parameter < PRUDENT_EVENTS else None,
    }
    rows = []
    for hypothesis, of_interest in hypotheses.items():
        dropped = [j for j, term in enumerate(fitted.terms) if term in of_interest]
        rows.append(facts | {"hypothesis": hypothesis} | (_three_tests(fitted, dropped) if dropped else {}))
    return pd.DataFrame(rows)


def _hypotheses(design: Design, analysis: dict) -> dict[str, list[str]]:
    """What is tested, and the terms that are 0 then."""
    tested = "interaction" if analysis.get("interaction") else analysis.get("grouping")
    terms = design.terms.groupby("variable", sort=False)["term"].agg(list)
    if tested:
        return {f"{tested} has no effect": terms[tested]}
    if analysis.get("splines"):
        bent = {f"{name} has no effect": terms[name] for name in analysis["splines"]}
        return bent | {f"{name} is linear": terms[name][1:] for name in analysis["splines"]}
    return {"no variable has an effect": list(design.terms["term"])}


def _three_tests(fitted: TermFit, dropped: list[int]) -> dict:
    """Likelihood-ratio, Wald and score test that the coefficients of some columns are 0."""
    restricted = inference.restricted_fit(fitted.data, fitted.fit, dropped)
    ratio = inference.likelihood_ratio_test(fitted.fit, restricted, len(dropped))
    wald = inference.wald_test(fitted.fit, dropped)
    score = inference.score_test(fitted.data, restricted, len(dropped))
    return ratio._asdict() | {
        "wald_statistic": wald.statistic,
        "wald_p_value": wald.p_value,
        "score_statistic": score.statistic,
        "score_p_value": score.p_value,
    }
