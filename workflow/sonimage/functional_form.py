"""Does a continuous variable act on the log hazard along a straight line?

Martingale residuals of the model without the variable follow its shape (Therneau, Grambsch and Fleming, Biometrika
1990;77:147); beside their smooth a test of a curve against the line.
"""

import numpy as np
import pandas as pd

from sonimage import cox_core, cox_inference, cox_residuals, tables
from sonimage.cox import fit_efron
from sonimage.cox_design import DURATION, EVENT, Design, build_design, empty_terms, select_population
from sonimage.smoothing import lowess_weights, place_knots, spline_basis

POINTS = 50
SHARE = 2 / 3  # of the patients that each point of the smooth looks at, R's default
REACH = 2  # standard errors to either side
DEGREES = 3  # of the curve that is tested, beside the constant


def list_functional_form(
    analysis_set: pd.DataFrame, analysis: dict, variables: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return residuals against each variable (schema functional_form) and the tests of a curve (schema functional_form_tests).

    `analysis`: population and covariates of the model that the variable is missing from; patients whose variable is known.
    """
    rows = select_population(analysis_set.sort_values("patient_id", ignore_index=True), analysis)
    patients, tests = [tables.empty("functional_form")], []
    for variable in variables:
        design = build_design(rows, analysis | {"grouping": None, "covariates": [*analysis["covariates"], variable]})
        base = design._replace(terms=design.terms[design.terms["variable"] != variable])
        fitted, problem = fit_efron(base, empty_terms(base))
        counts = {"variable": variable, "n": len(design.frame), "n_events": int(design.frame[EVENT].sum())}
        if fitted is None:
            tests.append(counts | {"note": problem})
            continue
        patients.append(
            pd.DataFrame(
                {
                    "patient_id": rows.loc[design.frame.index, "patient_id"],
                    "variable": variable,
                    "value": design.frame[variable],
                    "martingale": cox_residuals.martingale(fitted.data, fitted.fit),
                    EVENT: design.frame[EVENT],
                }
            )
        )
        tests.append(counts | _test_curve(design, fitted.terms, variable))
    return tables.conform(pd.concat(patients), "functional_form"), tables.conform(
        pd.DataFrame(tests), "functional_form_tests"
    )


def _test_curve(design: Design, terms: list[str], variable: str) -> dict:
    """Likelihood ratio of a natural spline against a straight line, both beside the other terms."""
    frame = design.frame
    values = frame[variable].to_numpy(dtype=float)
    knots = place_knots(np.unique(values), DEGREES + 1)  # many patients have all lesions positive
    if knots is None:
        return {"note": f"too few different values for a curve of {DEGREES} degrees of freedom"}
    columns = np.column_stack([frame[terms].to_numpy(dtype=float), values, spline_basis(values, knots)[:, 1:-1]])
    straight, curved = (
        cox_core.fit_cox(cox_core.prepare(part, frame[DURATION], frame[EVENT]))
        for part in (columns[:, : len(terms) + 1], columns)
    )
    if not (curved.is_converged and straight.is_converged):
        return {"note": "separation or no convergence"}
    test = cox_inference.likelihood_ratio_test(curved, straight, DEGREES - 1)
    return {"coef": straight.coef[-1], "se": straight.se[-1]} | test._asdict()


def smooth_functional_form(residuals: pd.DataFrame) -> pd.DataFrame:
    """Return the smooth and the straight line through the residuals of each variable (schema functional_form_curves).

    Lowess without robust steps, which would take long survivors for outliers; its band is 2 standard errors wide to
    either side, from each patient's own distance to the curve; the line is that of least squares.
    """
    parts = [tables.empty("functional_form_curves")]
    for variable, rows in residuals.groupby("variable", sort=False):
        values, martingale = (rows[name].to_numpy(dtype=float) for name in ("value", "martingale"))
        if len(np.unique(values)) < 3:
            continue
        grid = np.linspace(values.min(), values.max(), POINTS)
        of_grid, of_patients = (lowess_weights(values, at, SHARE) for at in (grid, values))
        error = np.sqrt(of_grid**2 @ (martingale - of_patients @ martingale) ** 2)
        slope, level = np.polyfit(values, martingale, 1)
        smooth = of_grid @ martingale
        curve = {"variable": variable, "value": grid, "smooth": smooth, "straight": level + slope * grid}
        parts.append(pd.DataFrame(curve | {"ci_lower": smooth - REACH * error, "ci_upper": smooth + REACH * error}))
    return tables.conform(pd.concat(parts), "functional_form_curves")
