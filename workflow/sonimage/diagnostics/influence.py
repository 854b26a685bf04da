"""Residuals of a Cox model patient by patient, and how far single patients move its hazard ratios."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cox.design_matrix import EVENT
from sonimage.cox.hazard_ratios import Analysed
from sonimage.diagnostics import martingales, replicates


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
            "martingale": np.repeat(martingales.martingale(data, fit), p),
            "deviance": np.repeat(martingales.deviance(data, fit), p),
            "dfbeta": martingales.dfbeta(data, fit).ravel(),
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
