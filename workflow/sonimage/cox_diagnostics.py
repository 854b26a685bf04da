"""What a referee asks of the Cox models: proportional hazards, residuals and influence of patients, internal validation."""

import numpy as np
import pandas as pd

from sonimage import cox_inference, cox_residuals, replicates, tables
from sonimage.cox import SEPARATED, Analysed, TermFit
from sonimage.cox_design import EVENT
from sonimage.cox_zph import score_proportional_hazards

TRANSFORM = "km"
LIMITS = (2.5, 97.5)


def check_proportional_hazards(analysed: list[Analysed]) -> pd.DataFrame:
    """cox.zph of every analysis: per coefficient, per variable and as a whole (schema proportional_hazards)."""
    return tables.conform(pd.concat([_zph_rows(one) for one in analysed]), "proportional_hazards")


def _zph_rows(one: Analysed) -> pd.DataFrame:
    facts = {
        "analysis_id": one.analysis["id"],
        "transform": TRANSFORM,
        "n_events": int(one.design.frame[EVENT].sum()),
    }
    if one.fitted is None:
        return pd.DataFrame([facts | {"level": "global", "name": "global", "note": one.problem}])
    data, fit, terms = one.fitted
    variables = one.design.terms.set_index("term")["variable"][terms].tolist()
    rows = score_proportional_hazards(data, fit, variables, TRANSFORM)
    names = dict(enumerate(terms))
    is_coefficient = rows["level"] == "coefficient"
    note = np.where(rows["statistic"].isna(), "too few events to tell of time", None)
    return rows.assign(**facts, name=rows["name"].where(~is_coefficient, pd.Series(names)), note=note)


def list_residuals(one: Analysed) -> pd.DataFrame:
    """Residuals of each patient, per term the approximate and the exact change without the patient (schema cox_residuals)."""
    if one.fitted is None:
        return tables.empty("cox_residuals")
    data, fit, terms = one.fitted
    without = replicates.fit_replicates(data, fit, replicates.leave_one_out(len(data.time))).coef
    n, p = without.shape
    rows = pd.DataFrame(
        {
            "patient_id": np.repeat(one.patients.loc[one.design.frame.index, "patient_id"].to_numpy(), p),
            "analysis_id": one.analysis["id"],
            "term": np.tile(terms, n),
            "martingale": np.repeat(cox_residuals.martingale(data, fit), p),
            "deviance": np.repeat(cox_residuals.deviance(data, fit), p),
            "dfbeta": cox_residuals.dfbeta(data, fit).ravel(),
            "change_when_left_out": (without - fit.coef).ravel(),
            EVENT: np.repeat(one.design.frame[EVENT].to_numpy(), p),
        }
    )
    return tables.conform(rows, "cox_residuals")


def summarise_influence(one: Analysed, residuals: pd.DataFrame) -> pd.DataFrame:
    """How far single patients move each hazard ratio, no patient being named (schema cox_influence).

    Influential: |dfbeta| over 2 standard errors / sqrt(n) (Belsley, Kuh and Welsch 1980).
    """
    facts = {"analysis_id": one.analysis["id"], "n": len(one.design.frame)}
    if one.fitted is None:
        rows = one.design.terms[["term", "reference"]].assign(**facts, note=one.problem)
        return tables.conform(rows, "cox_influence")
    _, fit, terms = one.fitted
    whole = pd.DataFrame({"coef": fit.coef, "se": fit.se}, index=pd.Index(terms, name="term"))
    change, dfbeta = (residuals.groupby("term")[name] for name in ("change_when_left_out", "dfbeta"))
    rows = whole.assign(
        hazard_ratio=np.exp(whole["coef"]),
        hazard_ratio_lowest=np.exp(whole["coef"] + change.min()),
        hazard_ratio_highest=np.exp(whole["coef"] + change.max()),
        largest_dfbetas=dfbeta.agg(lambda values: values.abs().max()) / whole["se"],
    )
    bound = residuals["term"].map(2 * whole["se"] / np.sqrt(facts["n"]))
    rows["n_influential"] = (residuals["dfbeta"].abs() > bound).groupby(residuals["term"]).sum()
    rows = one.design.terms[["term", "reference"]].merge(rows.reset_index(), on="term", how="left")
    return tables.conform(rows.assign(**facts), "cox_influence")


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
    restricted = cox_inference.restricted_fit(data, fit, columns)
    observed = cox_inference.score_test(data, restricted, len(columns)).statistic
    orders = replicates.draw_permutations(len(data.time), n_permutation, seed)
    permuted = replicates.permute_marker(data, restricted, columns, orders)
    p_value = replicates.permutation_p_value(observed, permuted)
    n_used = int(np.isfinite(permuted).sum())
    return [_row(None, "score test of the group", observed, n_used, "permutation of the group", p_value=p_value)]


def _optimism_rows(fitted: TermFit, refits: replicates.Replicates, counts: np.ndarray) -> list[dict]:
    """Harrell's C as it is, its optimism, and what remains; the mean calibration slope of the replicates' models."""
    apparent = cox_inference.harrell_c(fitted.data, fitted.fit.coef)
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
