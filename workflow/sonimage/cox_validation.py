"""Does the primary model hold? Proportional hazards, bootstrap limits, a permutation test of the marker, optimism of C."""

import numpy as np
import pandas as pd
from lifelines.utils import concordance_index

from sonimage import cox, cox_core, tables
from sonimage.cox_diagnostics import proportional_hazards

LIMITS = (2.5, 97.5)
MOST_FOR_OPTIMISM = 300  # draws; each needs two concordance indices


def check_proportional_hazards(analysis_set: pd.DataFrame, analyses: list[dict], *, transform: str) -> pd.DataFrame:
    """Return the tests of proportional hazards of every analysis with a fit (schema proportional_hazards).

    Score tests as R's cox.zph of survival 3, per coefficient, per variable and as a whole.
    """
    parts = []
    for analysis in analyses:
        design, fitted = _fitted(analysis_set, analysis)
        if fitted is None:
            continue
        variable = design.terms.set_index("term")["variable"]
        rows = proportional_hazards(
            fitted.data, fitted.fit, [variable[term] for term in fitted.terms], transform=transform
        )
        named = [
            fitted.terms[name] if kind == "coefficient" else name
            for kind, name in zip(rows["kind"], rows["column"], strict=True)
        ]
        parts.append(rows.assign(analysis_id=analysis["id"], term=named, transform=transform))
    return tables.conform(pd.concat(parts) if parts else pd.DataFrame(), "proportional_hazards")


def validate_model(
    analysis_set: pd.DataFrame, analysis: dict, *, n_bootstrap: int, n_permutation: int, seed: int
) -> pd.DataFrame:
    """Return bootstrap limits of each hazard ratio, permutation test of the group, optimism of C (schema cox_validation).

    Indices are drawn outside the fits, so that no number of threads changes an answer. Empty without a fit.
    """
    design, fitted = _fitted(analysis_set, analysis)
    if fitted is None:
        return tables.empty("cox_validation")
    generator = np.random.default_rng(seed)
    n = len(design.frame)
    counts = generator.multinomial(n, np.full(n, 1 / n), size=n_bootstrap)
    coefficients, converged = cox_core.fit_replicates(fitted.data, counts, fitted.fit.coef)
    rows = [
        *_limits(fitted, coefficients[converged], n_bootstrap),
        _permutation(design, analysis, fitted, n_permutation, generator),
    ]
    rows.append(_optimism(fitted, counts[converged], coefficients[converged]))
    return tables.conform(pd.DataFrame(rows).assign(analysis_id=analysis["id"], n=n), "cox_validation")


def _fitted(analysis_set: pd.DataFrame, analysis: dict):
    ordered = analysis_set.sort_values("patient_id", ignore_index=True)
    design = cox.build_design(cox.population_of(ordered, analysis), analysis)
    return design, cox.fit_efron(design, cox.empty_terms(design))[0]


def _limits(fitted: cox.Fitted, coefficients: np.ndarray, n_drawn: int) -> list[dict]:
    """Percentiles over draws of patients; draws without a finite maximum are counted and left out."""
    return [
        {
            "statistic": "hazard ratio, bootstrap percentiles",
            "term": term,
            "value": np.exp(fitted.fit.coef[number]),
            "ci_lower": np.exp(np.percentile(coefficients[:, number], LIMITS[0])) if len(coefficients) else np.nan,
            "ci_upper": np.exp(np.percentile(coefficients[:, number], LIMITS[1])) if len(coefficients) else np.nan,
            "n_replicates": n_drawn,
            "n_used": len(coefficients),
        }
        for number, term in enumerate(fitted.terms)
    ]


def _permutation(design, analysis: dict, fitted: cox.Fitted, n_drawn: int, generator: np.random.Generator) -> dict:
    """How often a marker that is dealt out at random does as well: (1 + as good or better) / (1 + draws)."""
    data, tested = fitted.data, set(design.terms.loc[design.terms["variable"] == analysis["grouping"], "term"])
    at = [number for number, term in enumerate(fitted.terms) if term in tested]
    as_good, used = 0, 0
    for _ in range(n_drawn):
        x = data.x.copy()
        x[:, at] = x[generator.permutation(len(x))][:, at]
        drawn = cox_core.fit(data._replace(x=x))
        used += drawn.is_converged
        as_good += drawn.loglik >= fitted.fit.loglik
    return {
        "statistic": "likelihood ratio of the group, permutation p",
        "term": analysis["grouping"],
        "value": (1 + as_good) / (1 + n_drawn),
        "n_replicates": n_drawn,
        "n_used": int(used),
    }


def _optimism(fitted: cox.Fitted, counts: np.ndarray, coefficients: np.ndarray) -> dict:
    """Harrell's C corrected by the mean optimism of models fitted to draws of patients (Harrell 1996)."""
    data = fitted.data
    ordered = counts[:, data.order]

    def index(coef: np.ndarray, times: np.ndarray) -> float:
        rows = np.repeat(np.arange(len(times)), times)
        return concordance_index(data.time[rows], -np.round(data.x[rows] @ coef, 10), data.event[rows])

    once = np.ones(len(data.time), dtype=int)
    apparent = index(fitted.fit.coef, once)
    used = min(len(ordered), MOST_FOR_OPTIMISM)
    optimism = [index(coefficients[b], ordered[b]) - index(coefficients[b], once) for b in range(used)]
    return {
        "statistic": "Harrell's C, corrected for optimism",
        "term": None,
        "value": apparent - np.mean(optimism) if optimism else np.nan,
        "apparent": apparent,
        "n_replicates": used,
        "n_used": used,
    }
