"""Internal validation of a Cox model: limits by bootstrap, groups dealt anew, concordance and calibration less optimism."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cox import inference
from sonimage.cox.hazard_ratios import SEPARATED, Analysed, TermFit
from sonimage.diagnostics import replicates

LIMITS = (2.5, 97.5)


def validate(one: Analysed, *, n_bootstrap: int, n_permutation: int, seed: int) -> pd.DataFrame:
    """Bootstrap limits, permutation test of the group, C and calibration less optimism (schema cox_validation)."""
    if one.fitted is None:
        rows = [_row(None, "hazard ratio", None, None, "bootstrap") | {"note": one.problem}]
    else:
        counts = replicates.draw_bootstrap(len(one.design.frame), n_bootstrap, seed)
        refits = replicates.fit_replicates(one.fitted.data, one.fitted.fit, counts)
        rows = [
            *_bootstrap_rows(one.fitted, refits),
            *_permutation_rows(one, n_permutation, seed),
            *_optimism_rows(one.fitted, refits, counts),
        ]
    return tables.conform(pd.DataFrame(rows).assign(analysis_id=one.analysis["id"]), "cox_validation")


def _row(term, statistic: str, estimate, n_used, method: str, limits=(None, None), p_value=None) -> dict:
    named = {"term": term, "statistic": statistic, "estimate": estimate, "n_used": n_used, "method": method}
    return named | {"ci_lower": limits[0], "ci_upper": limits[1], "p_value": p_value}


def _bootstrap_rows(fitted: TermFit, refits: replicates.Replicates) -> list[dict]:
    """Percentile limits; a limit that is itself a separated replicate is empty."""
    kept = refits.coef[refits.is_converged]
    if not len(kept):
        return []
    limits = np.percentile(kept, LIMITS, axis=0)
    limits = np.exp(np.where(np.abs(limits) > SEPARATED, np.nan, limits))
    ratios = np.exp(fitted.fit.coef)
    method = "bootstrap, percentiles"
    return [
        _row(term, "hazard ratio", ratios[j], len(kept), method, limits[:, j]) for j, term in enumerate(fitted.terms)
    ]


def _permutation_rows(one: Analysed, n_permutation: int, seed: int) -> list[dict]:
    """Score test of the group against the same test with groups dealt anew; models without strata only."""
    data, fit, terms = one.fitted
    of_group = one.design.terms.loc[one.design.terms["variable"] == one.analysis.get("grouping"), "term"]
    columns = [j for j, term in enumerate(terms) if term in set(of_group)]
    if not columns or one.design.strata:
        return []
    restricted = inference.restricted_fit(data, fit, columns)
    observed = inference.score_test(data, restricted, len(columns)).statistic
    orders = replicates.draw_permutations(len(data.time), n_permutation, seed)
    permuted = replicates.permute_marker(data, restricted, columns, orders)
    p_value = replicates.permutation_p_value(observed, permuted)
    n_used = int(np.isfinite(permuted).sum())
    return [_row(None, "score test of the group", observed, n_used, "permutation of the group", p_value=p_value)]


def _optimism_rows(fitted: TermFit, refits: replicates.Replicates, counts: np.ndarray) -> list[dict]:
    """Harrell's C as it is, its optimism, and what remains; the mean calibration slope of the replicates' models."""
    apparent = inference.harrell_c(fitted.data, fitted.fit.coef)
    scores = replicates.performance(fitted.data, fitted.fit, refits, counts)
    scores = scores[np.isfinite(scores).all(axis=1)]
    if not len(scores):
        return []
    inside, outside, slope = scores.mean(axis=0)
    optimism, method = inside - outside, "bootstrap, optimism after Harrell 1996"
    return [
        _row(None, "Harrell's C, apparent", apparent, None, "this sample"),
        _row(None, "optimism of C", optimism, len(scores), method),
        _row(None, "Harrell's C, corrected", apparent - optimism, len(scores), method),
        _row(None, "calibration slope, corrected", slope, len(scores), method),
    ]
