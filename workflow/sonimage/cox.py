"""Cox models for PFS1 between heterogeneity groups (registry outcome 5), Efron ties."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from lifelines.utils import concordance_index
from scipy import stats

from sonimage import cox_core, schemas, tables
from sonimage.cox_core import CoxData, CoxFit
from sonimage.firth import fit_firth

EFRON = "Cox, Efron ties"
NOT_FITTED = "not fitted"
FEW_EVENTS = 5  # in a level: Firth beside maximum likelihood
FEW_PER_PARAMETER = 10  # Peduzzi 1995: prudent
REACH = stats.norm.ppf(0.975)
DURATION, EVENT = "pfs1_months", "pfs1_event"
CONTINUOUS = {
    "fes_pos_frac_10": lambda rows: rows["fes_pos_frac"] * 10,
    "log_n_lesions": lambda rows: np.log(rows["n_lesions"].astype(float).where(rows["n_lesions"] > 0)),
    "log_fes_suvmax": lambda rows: np.log(rows["fes_suvmax_gmean"]),
    "log_fdg_suvmax": lambda rows: np.log(rows["fdg_suvmax_gmean"]),
}


class Fitted(NamedTuple):
    """A fit of the core, the rows it was fitted to, and the names of its terms."""

    fit: CoxFit
    data: CoxData
    terms: list[str]

    def errors(self) -> np.ndarray:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.fit.variance))


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


def population_of(analysis_set: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    """The patients of an analysis: its population, enough evaluable lesions, PFS1 known."""
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
    design = build_design(population_of(analysis_set, analysis), analysis)
    empty = empty_terms(design)
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


def empty_terms(design: Design) -> list[str]:
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


def fit_efron(design: Design, empty: list[str]) -> tuple[Fitted | None, str | None]:
    """Fit by maximum partial likelihood with Efron ties; the second answer says why there is no fit."""
    terms = [term for term in design.terms["term"] if term not in empty]
    if not design.frame[EVENT].sum():
        return None, "no events"
    if not terms:
        return None, "no term varies"
    strata = design.frame.groupby(design.strata).ngroup().to_numpy() if design.strata else None
    data = cox_core.prepare(
        design.frame[terms].to_numpy(), design.frame[DURATION].to_numpy(), design.frame[EVENT].to_numpy(), strata
    )
    fit = cox_core.fit(data)
    usable = fit.is_converged and np.isfinite(fit.variance).all() and (np.diag(fit.variance) > 0).all()
    return (Fitted(fit, data, terms), None) if usable else (None, "separation or no convergence")


def _estimates(design: Design, fitted: Fitted | None, method: str) -> pd.DataFrame:
    rows = design.terms.set_index("term")
    if fitted is not None:
        coef, error = (pd.Series(values, index=fitted.terms) for values in (fitted.fit.coef, fitted.errors()))
        profile = pd.DataFrame(cox_core.profile_limits(fitted.data, fitted.fit), index=fitted.terms)
        rows = rows.assign(
            coef=coef,
            se=error,
            hazard_ratio=np.exp(coef),
            ci_lower=np.exp(coef - REACH * error),
            ci_upper=np.exp(coef + REACH * error),
            p_value=pd.Series(2 * stats.norm.sf((coef / error).abs()), index=fitted.terms),
            ci_lower_profile=np.exp(profile[0]),
            ci_upper_profile=np.exp(profile[1]),
        )
    return rows.reset_index().assign(method=method)


def _firth_rows(design: Design, empty: list[str]) -> pd.DataFrame:
    terms = [term for term in design.terms["term"] if term not in empty]
    estimates = fit_firth(design.frame[terms], design.frame[DURATION], design.frame[EVENT])
    return design.terms.merge(estimates, on="term", how="left")


def _tests(design: Design, analysis: dict, fitted: Fitted | None, empty: list[str], note: str | None) -> pd.DataFrame:
    """Likelihood-ratio and Wald test of the group (or interaction) as a whole, events per parameter, Harrell's C."""
    n_events = int(design.frame[EVENT].sum())
    facts = {"n": len(design.frame), "n_events": n_events, "note": note}
    tested = "interaction" if analysis.get("interaction") else analysis.get("grouping")
    hypothesis = f"{tested} has no effect" if tested else "no variable has an effect"
    if fitted is None:
        return pd.DataFrame([facts | {"hypothesis": hypothesis}])
    of_tested = set(design.terms.loc[design.terms["variable"] == tested, "term"])
    dropped = [term for term in fitted.terms if term in of_tested] or fitted.terms
    smaller, _ = fit_efron(design, [*empty, *dropped])
    statistic = 2 * (fitted.fit.loglik - (smaller.fit.loglik if smaller else fitted.fit.loglik_null))
    at = [fitted.terms.index(term) for term in dropped]
    wald = fitted.fit.coef[at] @ np.linalg.solve(fitted.fit.variance[np.ix_(at, at)], fitted.fit.coef[at])
    per_parameter = n_events / len(fitted.terms)
    warning = f"fewer than {FEW_PER_PARAMETER} events per parameter" if per_parameter < FEW_PER_PARAMETER else None
    return pd.DataFrame(
        [
            facts
            | {
                "hypothesis": hypothesis,
                "statistic": statistic,
                "degrees_of_freedom": len(dropped),
                "p_value": stats.chi2.sf(statistic, len(dropped)),
                "wald_statistic": wald,
                "wald_p_value": stats.chi2.sf(wald, len(dropped)),
                "events_per_parameter": per_parameter,
                "concordance": _concordance(fitted),
                "note": "; ".join(filter(None, [note, warning])) or None,
            }
        ]
    )


def _concordance(fitted: Fitted) -> float:
    """Harrell's C; with strata of pairs within them. The linear predictor is rounded, so that equal ones are tied."""
    data = fitted.data
    risk = np.round(data.x @ fitted.fit.coef, 10)
    stratum = data.stratum[data.group]
    parts = []
    for number in np.unique(stratum):
        rows = stratum == number
        time, event = data.time[rows], data.event[rows]
        if event.any() and len(np.unique(time)) > 1:
            pairs = (len(time) - np.searchsorted(np.sort(time), time[event], side="right")).sum()
            parts.append((concordance_index(time, -risk[rows], event), pairs))
    weights = [pairs for _, pairs in parts]
    return float(np.average([index for index, _ in parts], weights=weights)) if sum(weights) else np.nan
