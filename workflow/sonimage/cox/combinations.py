"""Combinations of coefficients of a Cox model: hazard ratios within an interaction, and the curve of a spline."""

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.cox import splines
from sonimage.cox.design_matrix import EVENT
from sonimage.cox.hazard_ratios import REACH, Analysed, TermFit

ESTIMATION_ONLY = "estimation only: no test of a prediction"
N_POINTS, ENDS = 41, (5, 95)  # of a curve; percentiles of the variable between which it is drawn


def combine(fitted: TermFit, weights: list[dict[str, float]]) -> pd.DataFrame:
    """Return coef, se, hazard_ratio and Wald limits of sums of coefficients (`weights`: term -> its factor)."""
    factors = np.array([[one.get(term, 0.0) for term in fitted.terms] for one in weights]).reshape(len(weights), -1)
    coef = factors @ fitted.fit.coef
    se = np.sqrt(np.einsum("ij,jk,ik->i", factors, fitted.fit.covariance, factors))
    limits = {"ci_lower": np.exp(coef - REACH * se), "ci_upper": np.exp(coef + REACH * se)}
    return pd.DataFrame({"coef": coef, "se": se, "hazard_ratio": np.exp(coef)} | limits)


def contrast_interactions(analysed: list[Analysed]) -> pd.DataFrame:
    """Hazard ratio of A against B within each group, and of each group within each arm (schema cox_contrasts).

    Of the models with an interaction. No p-values: a difference of significance is no interaction, and the likelihood-ratio
    test of the interaction (schema cox_tests) is the one test.
    """
    parts = [_contrasts(one) for one in analysed if one.analysis.get("interaction")]
    return tables.conform(pd.concat(parts) if parts else tables.empty("cox_contrasts"), "cox_contrasts")


def _contrasts(one: Analysed) -> pd.DataFrame:
    grouping, frame = one.analysis["grouping"], one.patients.loc[one.design.frame.index]
    first, *others = schemas.levels("analysis_set", grouping)
    cells = [("A", "B", grouping, first, {"A": 1.0})]
    cells += [("A", "B", grouping, level, {"A": 1.0, f"{level} x A": 1.0}) for level in others]
    cells += [(level, first, "allocation", "B", {level: 1.0}) for level in others]
    cells += [(level, first, "allocation", "A", {level: 1.0, f"{level} x A": 1.0}) for level in others]
    rows = pd.DataFrame(cells, columns=["term", "reference", "variable", "within", "weights"])
    compared = {"A": frame["allocation"].notna()} | {level: frame[grouping].isin([first, level]) for level in others}
    inside = [compared[term] & (frame[where] == within) for term, _, where, within, _ in cells]
    rows["n"] = [int(members.sum()) for members in inside]
    rows["n_events"] = [int(tables.known_true(frame.loc[members, EVENT]).sum()) for members in inside]
    is_told_apart = [one.fitted is not None and set(row) <= set(one.fitted.terms) for row in rows["weights"]]
    found = rows.index[is_told_apart]
    if len(found):
        rows = rows.join(combine(one.fitted, rows.loc[found, "weights"].tolist()).set_axis(found))
    note = np.where(is_told_apart, ESTIMATION_ONLY, one.problem or "patients or events are missing for this comparison")
    return rows.assign(analysis_id=one.analysis["id"], grouping=grouping, note=note)


def trace_splines(analysed: list[Analysed]) -> pd.DataFrame:
    """Hazard ratio along each spline variable against its median, the other variables held (schema spline_curves)."""
    parts = [_trace(one, name) for one in analysed for name in one.analysis.get("splines") or {}]
    return tables.conform(pd.concat(parts) if parts else tables.empty("spline_curves"), "spline_curves")


def _trace(one: Analysed, variable: str) -> pd.DataFrame:
    frame = one.design.frame
    facts = {
        "analysis_id": one.analysis["id"],
        "variable": variable,
        "n": len(frame),
        "n_events": int(frame[EVENT].sum()),
    }
    terms = one.design.terms.loc[one.design.terms["variable"] == variable, "term"].tolist()
    if one.fitted is None or not set(terms) <= set(one.fitted.terms):
        return pd.DataFrame([facts | {"note": one.problem or "knots coincide: too few distinct values"}])
    values = frame[variable].to_numpy()
    knots = splines.place_knots(values, one.analysis["splines"][variable])
    median, points = np.median(values), np.linspace(*np.percentile(values, ENDS), N_POINTS)
    columns = [np.column_stack([at, splines.bend(at, knots)]) for at in (points, np.array([median]))]
    curve = combine(one.fitted, [dict(zip(terms, row, strict=True)) for row in columns[0] - columns[1]])
    words = ", ".join(f"{knot:.3g}" for knot in knots)
    return curve.assign(**facts, value=points, reference_value=median, knots=words)
