"""Cox models for PFS1 between heterogeneity groups (registry outcome 5), Efron ties, from our own core (`cox_core`).

The core equals R's survival to 1e-8; lifelines checks it in the tests.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from sonimage import cox_core, cox_inference, tables
from sonimage.cox_design import (
    DURATION,
    EVENT,
    FEW_EVENTS,
    Design,
    build_design,
    empty_terms,
    scarce_terms,
    select_population,
)
from sonimage.firth import fit_firth

EFRON = "Cox, Efron ties"
NOT_FITTED = "not fitted"
SEPARATED = 10  # coefficient or standard error per standard deviation of the column, beyond which it has run away
PRUDENT_EVENTS = 10  # per parameter: Peduzzi, J Clin Epidemiol 1995;48:1503


class TermFit(NamedTuple):
    """A fit with the rows it was fitted to and the term of each column."""

    data: cox_core.CoxData
    fit: cox_core.CoxFit
    terms: list[str]


def fit_cox_models(analysis_set: pd.DataFrame, analyses: list[dict]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per analysis and term (schema cox) and the tests of each analysis (schema cox_tests).

    `analyses`: id, population, grouping, covariates, and optionally strata, minimum_lesions, interaction.
    Hazard ratios are A against B and level against reference.
    """
    analysis_set = analysis_set.sort_values("patient_id", ignore_index=True)
    fitted = [fit_analysis(analysis_set, analysis) for analysis in analyses]
    return (
        tables.conform(pd.concat([rows for rows, _ in fitted]), "cox"),
        tables.conform(pd.concat([tests for _, tests in fitted]), "cox_tests"),
    )


def with_fallback(analyses: list[dict], grouping_decision: pd.DataFrame) -> list[dict]:
    """The analyses, and `primary_het2` where one of the three groups is small, decided on counts (schema grouping_decision)."""
    is_small = not tables.known_true(grouping_decision["is_enough"]).all()
    primary = [analysis for analysis in analyses if is_small and analysis["id"] == "primary"]
    return [*analyses, *(analysis | {"id": "primary_het2", "grouping": "het2"} for analysis in primary)]


def fit_analysis(analysis_set: pd.DataFrame, analysis: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit one analysis; maximum likelihood where it exists, Firth's where it does not or a level has few events."""
    design = build_design(select_population(analysis_set, analysis), analysis)
    empty = empty_terms(design)
    _, few = scarce_terms(design, analysis.get("grouping"))
    fit, problem = fit_if_possible(design, analysis)
    note = "; ".join(filter(None, [problem, f"no patient in {', '.join(empty)}" if empty else ""])) or None
    rows = [_estimates(design, fit, EFRON if fit is not None else f"{EFRON}: {NOT_FITTED}").assign(note=note)]
    if (problem or few) and design.frame[EVENT].sum() > 0 and not design.strata:
        rows.append(
            _firth_rows(design, empty).assign(note=problem or f"fewer than {FEW_EVENTS} events in {', '.join(few)}")
        )
    tests = _tests(design, analysis, fit, note)
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
    data = cox_core.prepare(columns, design.frame[DURATION], design.frame[EVENT], strata=strata_of(design))
    fit = cox_core.fit_cox(data)
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
        profile = np.exp(cox_inference.profile_limits(fitted.data, fit))
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


def _tests(design: Design, analysis: dict, fitted: TermFit | None, note: str | None) -> pd.DataFrame:
    """Tests of the group (or interaction) as a whole, events per parameter, Harrell's C."""
    n_events = int(design.frame[EVENT].sum())
    facts = {"n": len(design.frame), "n_events": n_events, "note": note}
    tested = "interaction" if analysis.get("interaction") else analysis.get("grouping")
    facts["hypothesis"] = f"{tested} has no effect" if tested else "no variable has an effect"
    if fitted is None:
        return pd.DataFrame([facts])
    of_group = set(design.terms.loc[design.terms["variable"] == tested, "term"])
    dropped = [j for j, term in enumerate(fitted.terms) if term in of_group] or list(range(len(fitted.terms)))
    per_parameter = n_events / len(fitted.terms)
    return pd.DataFrame(
        [
            facts
            | _three_tests(fitted, dropped)
            | {
                "events_per_parameter": per_parameter,
                "concordance": cox_inference.harrell_c(fitted.data, fitted.fit.coef),
                "warning": f"fewer than {PRUDENT_EVENTS} events per parameter"
                if per_parameter < PRUDENT_EVENTS
                else None,
            }
        ]
    )


def _three_tests(fitted: TermFit, dropped: list[int]) -> dict:
    """Likelihood-ratio, Wald and score test that the coefficients of some columns are 0."""
    restricted = cox_inference.restricted_fit(fitted.data, fitted.fit, dropped)
    ratio = cox_inference.likelihood_ratio_test(fitted.fit, restricted, len(dropped))
    wald = cox_inference.wald_test(fitted.fit, dropped)
    score = cox_inference.score_test(fitted.data, restricted, len(dropped))
    return ratio._asdict() | {
        "wald_statistic": wald.statistic,
        "wald_p_value": wald.p_value,
        "score_statistic": score.statistic,
        "score_p_value": score.p_value,
    }
