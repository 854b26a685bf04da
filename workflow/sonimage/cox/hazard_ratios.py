"""Cox models for PFS1 between heterogeneity groups (registry outcome 5), Efron ties, from our own core (`partial_likelihood`).

The core equals R's survival to 1e-8; lifelines fits every model once more in each run (`engines`).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

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
    fitted = [report(one) for one in analysed]
    return (
        tables.conform(pd.concat([rows for rows, _ in fitted]), "cox"),
        tables.conform(pd.concat([tests for _, tests in fitted]), "cox_tests"),
    )


def analyse(analysis_set: pd.DataFrame, analysis: dict) -> Analysed:
    """Fit one analysis to its patients by maximum likelihood, where that exists."""
    patients = select_population(analysis_set.sort_values("patient_id", ignore_index=True), analysis)
    design = build_design(patients, analysis)
    fitted, problem = fit_if_possible(design, analysis)
    return Analysed(analysis, patients, design, fitted, problem)


def report(one: Analysed) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows and tests of one analysis; Firth's likelihood where maximum likelihood has no answer or a level has few events."""
    analysis, design, problem = one.analysis, one.design, one.problem
    empty = empty_terms(design)
    _, few = scarce_terms(design, analysis.get("grouping"))
    note = "; ".join(filter(None, [problem, f"no contrast for {', '.join(empty)}" if empty else ""])) or None
    rows = [_estimates(design, one.fitted, EFRON if one.fitted is not None else f"{EFRON}: {NOT_FITTED}")]
    rows[0]["note"] = note
    has_contrast = len(empty) < len(design.terms)
    if (problem or few) and has_contrast and design.frame[EVENT].sum() > 0 and not design.strata:
        rows.append(
            _firth_rows(design, empty).assign(note=problem or f"fewer than {FEW_EVENTS} events in {', '.join(few)}")
        )
    tests = _tests(one, note)
    named = {"analysis_id": analysis["id"], "model": analysis.get("objective"), "grouping": analysis.get("grouping")}
    counts = {"n": len(design.frame), "n_events": int(design.frame[EVENT].sum()), "population": analysis["population"]}
    return pd.concat(rows).assign(**named, **counts), tests.assign(analysis_id=analysis["id"])


def fit_if_possible(design: Design, analysis: dict) -> tuple[TermFit | None, str | None]:
    """The maximum likelihood fit of an analysis, or the reason why there is none: no event in a level, separation."""
    without_events, _ = scarce_terms(design, analysis.get("grouping"))
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


def _estimates(design: Design, fitted: TermFit | None, method: str) -> pd.DataFrame:
    rows = design.terms.set_index("term")
    if fitted is not None:
        fit, half = fitted.fit, stats.norm.ppf(0.975) * fitted.fit.se
        profile = np.exp(inference.profile_limits(fitted.data, fit))
        estimates = {
            "coef": fit.coef,
            "se": fit.se,
            "hazard_ratio": np.exp(fit.coef),
            "ci_lower": np.exp(fit.coef - half),
            "ci_upper": np.exp(fit.coef + half),
            "ci_lower_profile": profile[:, 0],
            "ci_upper_profile": profile[:, 1],
            "p_value": stats.chi2.sf((fit.coef / fit.se) ** 2, 1),
        }
        rows = rows.join(pd.DataFrame(estimates, index=fitted.terms))
    return rows.reset_index().assign(method=method)


def _firth_rows(design: Design, empty: list[str]) -> pd.DataFrame:
    terms = [term for term in design.terms["term"] if term not in empty]
    estimates = fit_firth(design.frame[terms], design.frame[DURATION], design.frame[EVENT])
    return design.terms.merge(estimates, on="term", how="left")


def _tests(one: Analysed, note: str | None) -> pd.DataFrame:
    """Tests of the group, interaction or spline as a whole, events per parameter, Harrell's C, patients left out."""
    design, fitted, n_events = one.design, one.fitted, int(one.design.frame[EVENT].sum())
    facts = {"n": len(design.frame), "n_events": n_events, "n_left_out": len(one.patients) - len(design.frame)}
    hypotheses = _hypotheses(design, one.analysis)
    if fitted is None:
        return pd.DataFrame([facts | {"note": note, "hypothesis": next(iter(hypotheses))}])
    per_parameter = n_events / len(fitted.terms)
    facts |= {
        "note": note,
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
