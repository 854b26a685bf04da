"""Cox models for PFS1 between heterogeneity groups (registry outcome 5), by lifelines with Efron ties.

Fit options are tight because lifelines' defaults stop early (coefficients off by 2e-4 against R's survival).
"""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning
from scipy import stats

from sonimage import schemas, tables
from sonimage.firth import fit_firth

FIT_OPTIONS = {"precision": 1e-12, "max_steps": 500, "r_precision": 1e-15}
EFRON = "Cox, Efron ties"
NOT_FITTED = "not fitted"
FEW_EVENTS = 5  # in a level: Firth beside maximum likelihood
SEPARATED = 10  # |coefficient| x standard deviation beyond this has run away
DURATION, EVENT = "pfs1_months", "pfs1_event"
CONTINUOUS = {
    "fes_pos_frac_10": lambda rows: rows["fes_pos_frac"] * 10,
    "log_n_lesions": lambda rows: np.log(rows["n_lesions"].astype(float).where(rows["n_lesions"] > 0)),
    "log_fes_suvmax": lambda rows: np.log(rows["fes_suvmax_gmean"]),
    "log_fdg_suvmax": lambda rows: np.log(rows["fdg_suvmax_gmean"]),
}


class Design(NamedTuple):
    """What one model is fitted to: durations, events and strata beside a column per term."""

    frame: pd.DataFrame
    terms: pd.DataFrame  # term, variable, reference
    strata: list[str]


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


def _population(analysis_set: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    rows = analysis_set[tables.known_true(analysis_set[analysis["population"]])]
    enough = rows["fes_eval_n"].fillna(0) >= (analysis.get("minimum_lesions") or 0)
    return rows[enough & rows[DURATION].notna()]


def build_design(rows: pd.DataFrame, analysis: dict) -> Design:
    """Indicator columns of groups and allocation, numbers as they are, products for an interaction; complete rows only."""
    grouping, strata = analysis.get("grouping"), analysis.get("strata") or []
    columns, terms = {}, []
    for variable in [*([grouping] if grouping else []), *analysis["covariates"]]:
        for term, reference, column in _columns_of(rows, variable):
            columns[term] = column
            terms.append({"term": term, "variable": variable, "reference": reference})
    if analysis.get("interaction"):
        for term in [entry["term"] for entry in terms if entry["variable"] == grouping]:
            columns[f"{term} x A"] = columns[term] * columns["A"]
            terms.append({"term": f"{term} x A", "variable": "interaction", "reference": None})
    frame = pd.DataFrame(columns, index=rows.index, dtype=float)
    frame = frame.assign(
        **{DURATION: rows[DURATION], EVENT: tables.known_true(rows[EVENT])}, **{name: rows[name] for name in strata}
    )
    return Design(frame.dropna(), pd.DataFrame(terms, columns=["term", "variable", "reference"]), strata)


def _columns_of(rows: pd.DataFrame, variable: str):
    """Term, reference and values of each column a variable enters with."""
    if variable in CONTINUOUS:
        return [(variable, None, CONTINUOUS[variable](rows))]
    field = schemas.fields("analysis_set")[variable]
    if field["type"] == "boolean":
        return [(variable, "False", rows[variable].astype(float))]
    if field["type"] != "string":
        return [(variable, None, rows[variable].astype(float))]
    reference, *others = schemas.levels("analysis_set", variable)
    return [
        (level, reference, (rows[variable] == level).astype(float).where(rows[variable].notna())) for level in others
    ]


def fit_analysis(analysis_set: pd.DataFrame, analysis: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit one analysis; maximum likelihood where it exists, Firth's where it does not or a level has few events."""
    design = build_design(_population(analysis_set, analysis), analysis)
    empty = _empty_terms(design)
    without_events, few = _scarce_terms(design, analysis.get("grouping"))
    fit, problem = (None, "no event in " + ", ".join(without_events)) if without_events else fit_efron(design, empty)
    note = "; ".join(filter(None, [problem, f"no patient in {', '.join(empty)}" if empty else ""])) or None
    rows = [_estimates(design, fit, EFRON if fit is not None else f"{EFRON}: {NOT_FITTED}").assign(note=note)]
    if (problem or few) and design.frame[EVENT].sum() > 0 and not design.strata:
        rows.append(
            _firth_rows(design, empty).assign(note=problem or f"fewer than {FEW_EVENTS} events in {', '.join(few)}")
        )
    tests = _tests(design, analysis, fit, empty, note)
    named = {"analysis_id": analysis["id"], "model": analysis.get("objective"), "grouping": analysis.get("grouping")}
    counts = {"n": len(design.frame), "n_events": int(design.frame[EVENT].sum()), "population": analysis["population"]}
    return pd.concat(rows).assign(**named, **counts), tests.assign(analysis_id=analysis["id"])


def _empty_terms(design: Design) -> list[str]:
    """Terms without variation: no patient in the level, or all."""
    return [term for term in design.terms["term"] if design.frame[term].nunique() < 2]


def _scarce_terms(design: Design, grouping: str | None) -> tuple[list[str], list[str]]:
    """Levels with patients but no event, and levels with fewer than five; the reference level included."""
    frame, counts = design.frame, {}
    for variable, entries in design.terms.groupby("variable", sort=False):
        members = {
            term: frame[term] == 1
            for term in entries["term"]
            if entries["reference"].notna().all() or variable == "interaction"
        }
        reference = entries["reference"].iloc[0]
        if reference is not None and members:
            members[reference] = ~np.logical_or.reduce(list(members.values()))
        counts |= {level: int(frame.loc[rows, EVENT].sum()) for level, rows in members.items() if rows.any()}
    return [level for level, n in counts.items() if n == 0], [
        level for level, n in counts.items() if 0 < n < FEW_EVENTS
    ]


def fit_efron(design: Design, empty: list[str]) -> tuple[CoxPHFitter | None, str | None]:
    """Fit by maximum partial likelihood with Efron ties; the second answer says why there is no fit."""
    frame = design.frame.drop(columns=empty)
    if not frame[EVENT].sum():
        return None, "no events"
    if set(frame.columns) <= {DURATION, EVENT, *design.strata}:
        return None, "no term varies"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            fit = CoxPHFitter().fit(frame, DURATION, EVENT, strata=design.strata or None, fit_options=FIT_OPTIONS)
        except (ConvergenceError, ConvergenceWarning, np.linalg.LinAlgError):
            return None, "separation or no convergence"
    runaway = (fit.params_.abs() * frame[fit.params_.index].std() > SEPARATED) | ~np.isfinite(fit.standard_errors_)
    return (None, "separation") if runaway.any() else (fit, None)


def _estimates(design: Design, fit: CoxPHFitter | None, method: str) -> pd.DataFrame:
    rows = design.terms.set_index("term")
    if fit is not None:
        summary = fit.summary
        rows = rows.assign(
            coef=summary["coef"],
            se=summary["se(coef)"],
            hazard_ratio=summary["exp(coef)"],
            ci_lower=summary["exp(coef) lower 95%"],
            ci_upper=summary["exp(coef) upper 95%"],
            p_value=summary["p"],
        )
    return rows.reset_index().assign(method=method)


def _firth_rows(design: Design, empty: list[str]) -> pd.DataFrame:
    terms = [term for term in design.terms["term"] if term not in empty]
    estimates = fit_firth(design.frame[terms], design.frame[DURATION], design.frame[EVENT])
    return design.terms.merge(estimates, on="term", how="left")


def _tests(design: Design, analysis: dict, fit: CoxPHFitter | None, empty: list[str], note: str | None) -> pd.DataFrame:
    """Likelihood-ratio test of the group (or interaction) as a whole, events per parameter, Harrell's C."""
    n_events = int(design.frame[EVENT].sum())
    facts = {"n": len(design.frame), "n_events": n_events, "note": note}
    tested = "interaction" if analysis.get("interaction") else analysis.get("grouping")
    hypothesis = f"{tested} has no effect" if tested else "no variable has an effect"
    if fit is None:
        return pd.DataFrame([facts | {"hypothesis": hypothesis}])
    dropped = [
        term for term in design.terms.loc[design.terms["variable"] == tested, "term"] if term not in empty
    ] or list(fit.params_.index)
    smaller, _ = fit_efron(design, [*empty, *dropped])
    null = smaller.log_likelihood_ if smaller is not None else _null_likelihood(fit)
    statistic = 2 * (fit.log_likelihood_ - null)
    return pd.DataFrame(
        [
            facts
            | {
                "hypothesis": hypothesis,
                "statistic": statistic,
                "degrees_of_freedom": len(dropped),
                "p_value": stats.chi2.sf(statistic, len(dropped)),
                "events_per_parameter": n_events / len(fit.params_),
                "concordance": fit.concordance_index_,
            }
        ]
    )


def _null_likelihood(fit: CoxPHFitter) -> float:
    """Log likelihood of the model without any term."""
    return fit.log_likelihood_ - fit.log_likelihood_ratio_test().test_statistic / 2
