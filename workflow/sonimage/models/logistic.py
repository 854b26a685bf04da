"""Logistic regression of response on heterogeneity group and allocation (registry outcome 2).

Maximum likelihood by statsmodels; Firth's penalised likelihood (firthmodels; Heinze and Schemper, Stat Med 2002;21:2409)
where a level has no patient with, or none without, a response, and beside it where such a number is below five.
"""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools import add_constant
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationError, PerfectSeparationWarning

from sonimage import schemas, tables

LIKELIHOOD = "logistic, maximum likelihood"
FIRTH = "logistic, Firth, profile-likelihood CI"
NOT_FITTED = "not fitted"
FEW = 5  # patients with, or without, a response in a level
SEPARATED = 10  # a log odds ratio beyond this has run away
# coefficients; likelihoods of tests, which stall when asked for more
CLOSE, ENOUGH = {"gtol": 1e-6, "xtol": 1e-6}, {"gtol": 1e-4, "xtol": 1e-4}
ESTIMATES = ["coef", "se", "odds_ratio", "ci_lower", "ci_upper", "p_value"]


class Design(NamedTuple):
    """Outcome and one column per term of the complete rows; the terms with their variable and reference."""

    outcome: pd.Series
    columns: pd.DataFrame
    terms: pd.DataFrame
    cells: list[tuple[str, int, int]]  # level, patients with and without the outcome


def fit_response_models(analysis_set: pd.DataFrame, analyses: list[dict]) -> pd.DataFrame:
    """Return one row per model, term and method (schema response_models); odds ratios are level against reference.

    `analyses`: those of the plan with method logistic. A patient whose response is not known has none, as in the response
    rates.
    """
    rows = analysis_set.sort_values("patient_id", ignore_index=True)
    fitted = [_fit_model(rows, analysis) for analysis in analyses]
    return tables.conform(pd.concat(fitted) if fitted else tables.empty("response_models"), "response_models")


def build_design(rows: pd.DataFrame, outcome: str, variables: list[str]) -> Design:
    """Indicator columns of every level but the first, for the patients whose levels are all known."""
    rows = rows.dropna(subset=variables)
    responded = tables.known_true(rows[outcome])
    columns, terms, cells = {}, [], []
    for variable in variables:
        reference, *others = schemas.levels("analysis_set", variable)
        for level in (reference, *others):
            members = responded[rows[variable] == level]
            cells.append((level, int(members.sum()), int((~members).sum())))
        for level in others:
            columns[level] = (rows[variable] == level).astype(float)
            terms.append({"term": level, "reference": reference})
    frame = pd.DataFrame(columns, index=rows.index, dtype=float)
    return Design(responded.astype(float), frame, pd.DataFrame(terms, columns=["term", "reference"]), cells)


def _fit_model(analysis_set: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    rows = analysis_set[tables.known_true(analysis_set[analysis["population"]])]
    variables = [*filter(None, [analysis["grouping"]]), *analysis["covariates"]]
    design = build_design(rows, analysis["outcome"], variables)
    varying = [term for term in design.columns if 0 < design.columns[term].sum() < len(design.columns)]
    absent = [term for term in design.columns if term not in varying]
    problem, few = _scarcity(design.cells)
    estimates = None
    if problem is None:
        estimates, problem = fit_likelihood(design.outcome, design.columns[varying])
    note = "; ".join(filter(None, [problem, f"no contrast for {', '.join(absent)}" if absent else ""])) or None
    method = LIKELIHOOD if estimates is not None else f"{LIKELIHOOD}: {NOT_FITTED}"
    parts = [_rows(design.terms, estimates, method, note)]
    if (problem or few) and varying and 0 < design.outcome.sum() < len(design.outcome):
        estimates, failure = fit_firth_logistic(design.outcome, design.columns[varying])
        reason = failure or problem or f"fewer than {FEW} with or without a response in {', '.join(few)}"
        parts.append(_rows(design.terms, estimates, FIRTH if failure is None else f"{FIRTH}: {NOT_FITTED}", reason))
    counts = {"n": len(design.outcome), "n_responding": int(design.outcome.sum())}
    named = {"analysis_id": analysis["id"], "outcome": analysis["outcome"], "population": analysis["population"]}
    return pd.concat(parts).assign(**named, **counts)


def _scarcity(cells: list[tuple[str, int, int]]) -> tuple[str | None, list[str]]:
    """Why maximum likelihood has no finite answer, if a cell shows it; and the levels with few on one side."""
    occurring = [(level, {"with": yes, "without": no}) for level, yes, no in cells if yes + no]
    one_sided = [
        f"no patient {words} a response in {level}"
        for level, counts in occurring
        for words in counts
        if not counts[words]
    ]
    few = [level for level, counts in occurring if min(counts.values()) < FEW]
    return "; ".join(one_sided) or (None if occurring else "no patient"), few


def fit_likelihood(outcome: pd.Series, columns: pd.DataFrame) -> tuple[pd.DataFrame | None, str | None]:
    """Estimates per term by maximum likelihood with Wald limits; the second answer says why there are none."""
    if columns.empty:
        return None, "no term varies"
    design = add_constant(columns, has_constant="add")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None, "terms cannot be told apart"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for kind in (ConvergenceWarning, PerfectSeparationWarning, RuntimeWarning):
            warnings.simplefilter("error", kind)
        try:
            fit = Logit(outcome, design).fit(disp=0, maxiter=100, tol=1e-12)
            limits = fit.conf_int().loc[columns.columns]
        except (Warning, PerfectSeparationError, ValueError, ArithmeticError, np.linalg.LinAlgError):
            return None, "separation or no convergence"
    coef, se = fit.params[columns.columns], fit.bse[columns.columns]
    if (coef.abs() > SEPARATED).any() or not np.isfinite(se).all():
        return None, "separation"
    return _estimates(columns.columns, coef, se, limits.to_numpy(), fit.pvalues[columns.columns]), None


def fit_firth_logistic(outcome: pd.Series, columns: pd.DataFrame) -> tuple[pd.DataFrame | None, str | None]:
    """Estimates per term by Firth's likelihood with profile limits and likelihood-ratio p-values, or why there are none."""
    # firthmodels takes 3 s to import and is needed only when maximum likelihood breaks
    from firthmodels import FirthLogisticRegression

    n = columns.shape[1]  # the intercept comes last
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # as in firth.py: compiling would take longer than all fits
            fit = FirthLogisticRegression(backend="numpy", max_iter=200, **CLOSE)
            fit.fit(columns.to_numpy(), outcome.to_numpy().astype(int))
            limits = fit.conf_int(method="pl", max_iter=200)[:n]
            fit.set_params(**ENOUGH).lrt()
        except (ValueError, ArithmeticError, RuntimeError) as error:
            return None, f"not fitted: {error}"
    if not fit.converged_:
        return None, "not fitted: no convergence"
    return _estimates(columns.columns, fit.coef_, fit.bse_[:n], limits, fit.lrt_pvalues_[:n]), None


def _estimates(terms: pd.Index, coef, se, limits: np.ndarray, p_value) -> pd.DataFrame:
    coef, (lower, upper) = np.asarray(coef), np.exp(limits).T
    values = [coef, np.asarray(se), np.exp(coef), lower, upper, np.asarray(p_value)]
    return pd.DataFrame(dict(zip(ESTIMATES, values, strict=True)), index=terms)


def _rows(terms: pd.DataFrame, estimates: pd.DataFrame | None, method: str, note: str | None) -> pd.DataFrame:
    rows = terms.join(estimates, on="term") if estimates is not None else terms
    return rows.assign(method=method, note=note)
