"""Does a continuous variable act on the log hazard along a straight line?

Martingale residuals of the model without the variable follow its shape (Therneau, Grambsch and Fleming, Biometrika
1990;77:147); beside their smooth the test of a restricted cubic spline against the line.
"""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cox import hazard_ratios
from sonimage.cox.design_matrix import EVENT, empty_terms
from sonimage.diagnostics import martingales
from sonimage.diagnostics.smoothing import lowess_weights

POINTS = 50
SHARE = 2 / 3  # of the patients that each point of the smooth looks at, R's default
REACH = 2  # standard errors to either side
KNOTS = 3  # of the curve that is tested, as in the spline models of the plan


def list_functional_form(
    analysis_set: pd.DataFrame, analysis: dict, variables: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return residuals against each variable (schema functional_form) and the tests of a curve (schema functional_form_tests).

    `analysis`: population and covariates of the model that the variable is missing from; patients whose variable is known.
    """
    bent = [
        hazard_ratios.analyse(
            analysis_set,
            analysis | {"grouping": None, "covariates": [name, *analysis["covariates"]], "splines": {name: KNOTS}},
        )
        for name in variables
    ]
    tests = [_test_curve(one, name) for one, name in zip(bent, variables, strict=True)]
    patients = [_list_patients(one, name) for one, name in zip(bent, variables, strict=True)]
    return tables.conform(pd.concat([tables.empty("functional_form"), *patients]), "functional_form"), tables.conform(
        pd.DataFrame(tests), "functional_form_tests"
    )


def _test_curve(one: hazard_ratios.Analysed, variable: str) -> dict:
    """Likelihood ratio of the spline against a straight line, both beside the other covariates."""
    return hazard_ratios.list_tests(one).iloc[-1].to_dict() | {"variable": variable}


def _list_patients(one: hazard_ratios.Analysed, variable: str) -> pd.DataFrame:
    """Martingale residuals of the model without the variable; no row where that has no fit."""
    terms = one.design.terms
    base = one.design._replace(terms=terms[terms["variable"] != variable])
    fitted, _ = hazard_ratios.fit_efron(base, empty_terms(base))
    if fitted is None:
        return pd.DataFrame()
    frame = one.design.frame
    return pd.DataFrame(
        {
            "patient_id": one.patients.loc[frame.index, "patient_id"],
            "analysis_id": one.analysis["id"],
            "variable": variable,
            "value": frame[variable],
            "martingale": martingales.martingale(fitted.data, fitted.fit),
            EVENT: frame[EVENT],
        }
    )


def smooth_functional_form(residuals: pd.DataFrame) -> pd.DataFrame:
    """Return the smooth and the straight line through the residuals of each variable (schema functional_form_curves).

    Lowess without robust steps, which would take long survivors for outliers; its band is 2 standard errors wide to
    either side, from each patient's own distance to the curve; the line is that of least squares.
    """
    parts = [tables.empty("functional_form_curves")]
    for (analysis, variable), rows in residuals.groupby(["analysis_id", "variable"], sort=False):
        values, martingale = (rows[name].to_numpy(dtype=float) for name in ("value", "martingale"))
        if len(np.unique(values)) < 3:
            continue
        grid = np.linspace(values.min(), values.max(), POINTS)
        of_grid, of_patients = (lowess_weights(values, at, SHARE) for at in (grid, values))
        error = np.sqrt(of_grid**2 @ (martingale - of_patients @ martingale) ** 2)
        slope, level = np.polyfit(values, martingale, 1)
        smooth = of_grid @ martingale
        named = {"analysis_id": analysis, "variable": variable}
        curve = named | {"value": grid, "smooth": smooth, "straight": level + slope * grid}
        parts.append(pd.DataFrame(curve | {"ci_lower": smooth - REACH * error, "ci_upper": smooth + REACH * error}))
    return tables.conform(pd.concat(parts), "functional_form_curves")
