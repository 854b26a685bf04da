"""Sensitivity S10: a Cox model on complete cases beside the same model after multiple imputation of clinical covariates.

Never imputed are the marker (groups, any summary of uptake), the allocation, strata and the endpoint.
"""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cox import hazard_ratios
from sonimage.cox.design_matrix import DURATION, EVENT, Design, design_with_gaps, select_population
from sonimage.models.imputation import impute, nelson_aalen
from sonimage.models.pooling import pool

IMPUTED = (
    "age_years",
    "de_novo_metastatic",
    "prior_endocrine_therapy",
    "visceral_disease",
    "bone_only",
    "who_performance_status",
    "er_percent",
    "n_lesions",
    "log_n_lesions",
)
COMPLETE, MULTIPLE = "complete cases", "multiple imputation"
COUNTS = ["n", "n_events"]
ESTIMATES = ["coef", "se", "hazard_ratio", "ci_lower", "ci_upper", "p_value"]


def fit_imputed_models(
    planned: list[tuple[dict, pd.DataFrame]], *, n_imputations: int, n_cycles: int, seed: int
) -> pd.DataFrame:
    """Return one row per analysis, term and method (schema imputed_models).

    `planned`: each analysis of the plan (method imputed_cox) with the analysis set by its definition of PFS1. The seed
    starts every analysis anew: adding one moves no other.
    """
    chains = {"n_imputations": n_imputations, "n_cycles": n_cycles, "seed": seed}
    parts = [part for analysis, analysis_set in planned for part in _fit_both(analysis_set, analysis, chains)]
    return tables.conform(pd.concat(parts) if parts else tables.empty("imputed_models"), "imputed_models")


def _fit_both(analysis_set: pd.DataFrame, analysis: dict, chains: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    analysis_set = analysis_set.sort_values("patient_id", ignore_index=True)
    design = design_with_gaps(select_population(analysis_set, analysis), analysis)
    terms = design.terms.assign(n_missing=count_missing(design))
    fitted = hazard_ratios.list_estimates(hazard_ratios.analyse(analysis_set, analysis))
    fitted = fitted[fitted["method"].str.startswith(hazard_ratios.EFRON)].reindex(
        columns=["term", *COUNTS, "note", *ESTIMATES]
    )
    complete = terms.merge(fitted, on="term", validate="one_to_one")
    kept, notes = leave_out(design)
    facts = {"n": len(kept.frame), "n_events": int(kept.frame[EVENT].sum())}
    if kept.frame.notna().all(axis=None):
        same = {"fraction_missing_information": 0.0, "relative_increase": 0.0}
        imputed = complete.assign(**{name: value for name, value in same.items() if complete["coef"].notna().any()})
        notes = [*complete["note"].dropna().unique(), *notes, f"nothing to impute: as {COMPLETE}"]
    else:
        estimates, problems = _fit_imputations(kept, chains)
        imputed = terms.merge(estimates, on="term", how="left", validate="one_to_one")
        notes += problems
    named = {name: analysis.get(name) for name in ("population", "grouping")}
    named |= {"analysis_id": analysis["id"], "model": analysis.get("objective")}
    return (
        complete.assign(method=COMPLETE, **named),
        imputed.assign(method=MULTIPLE, note="; ".join(notes) or None, **facts, **named),
    )


def count_missing(design: Design) -> list[int]:
    """Patients whose value is missing, for each term."""
    return [int(design.frame[term].isna().sum()) for term in design.terms["term"]]


def leave_out(design: Design) -> tuple[Design, list[str]]:
    """The design without patients who lack what is never imputed, and what they lack, in words."""
    variables = design.terms.loc[~design.terms["variable"].isin([*IMPUTED, "interaction"])]
    columns = [(entry.variable, entry.term) for entry in variables.itertuples()] + [
        (name, name) for name in design.strata
    ]
    gaps = {variable: design.frame[column].isna() for variable, column in columns}
    notes = [
        f"patients without {variable} left out: it is never imputed" for variable, gap in gaps.items() if gap.any()
    ]
    is_left_out = np.logical_or.reduce([np.zeros(len(design.frame), dtype=bool), *gaps.values()])
    return design._replace(frame=design.frame[~is_left_out]), notes


def complete_designs(design: Design, chains: dict) -> list[Design]:
    """Completed copies: every covariate that is imputed, from all other columns, strata, event and cumulative hazard."""
    frame = design.frame
    is_imputed = design.terms["variable"].isin(IMPUTED)
    targets, others = design.terms.loc[is_imputed, "term"].tolist(), design.terms.loc[~is_imputed, "term"].tolist()
    strata = pd.get_dummies(frame[design.strata].astype(str), drop_first=True) if design.strata else frame[[]]
    hazard = nelson_aalen(frame[DURATION].to_numpy(dtype=float), frame[EVENT].to_numpy())
    known = np.column_stack([frame[others], strata, frame[EVENT], hazard]).astype(float)
    completed = impute(frame[targets].to_numpy(dtype=float), known, **chains)
    return [design._replace(frame=frame.assign(**dict(zip(targets, values.T, strict=True)))) for values in completed]


def _fit_imputations(design: Design, chains: dict) -> tuple[pd.DataFrame, list[str]]:
    """Pooled estimates per term, and what is to be said about them; no estimates if one imputation has no fit."""
    nothing = pd.DataFrame(columns=["term", *ESTIMATES])
    unknown = [term for term in design.terms["term"] if design.frame[term].isna().all()]
    if unknown:
        return nothing, ["no value to impute from: " + ", ".join(unknown)]
    fits, problems = zip(*(hazard_ratios.fit_if_possible(one) for one in complete_designs(design, chains)), strict=True)
    reasons = [problem for problem in problems if problem]
    if reasons:
        words = ", ".join(sorted(set(reasons)))
        return nothing, [f"{len(reasons)} of {len(fits)} imputations without a fit: {words}"]
    terms, n_events = fits[0].terms, design.frame[EVENT].sum()
    pooled = pool(
        np.array([one.fit.coef for one in fits]), np.array([one.fit.se**2 for one in fits]), n_events - len(terms)
    )
    is_few = 100 * design.frame.isna().any(axis=1).mean() > len(fits)
    few = ["fewer imputations than percent of patients with a gap"] if is_few else []
    absent = [term for term in design.terms["term"] if term not in terms]
    few += [f"no patient in {', '.join(absent)}"] if absent else []
    lower, upper = np.exp(pooled.limits())
    estimates = {
        "term": terms,
        "coef": pooled.estimate,
        "se": pooled.se,
        "hazard_ratio": np.exp(pooled.estimate),
        "ci_lower": lower,
        "ci_upper": upper,
        "p_value": pooled.p_value,
        "degrees_of_freedom": pooled.degrees_of_freedom,
        "fraction_missing_information": pooled.fraction_missing_information,
        "relative_increase": pooled.relative_increase,
    }
    return pd.DataFrame(estimates), few
