"""Models of lesions with patients as clusters: FES uptake, and response on CT (outcome 3), each estimated in several ways.

Lesions of a patient resemble each other. A mixed model (REML), estimating equations with robust errors, and an estimate that
gives each patient the same weight stand side by side, the last with limits from a bootstrap over patients.
"""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special
from statsmodels.genmod import cov_struct, families, generalized_estimating_equations
from statsmodels.regression.mixed_linear_model import MixedLM

from sonimage import tables
from sonimage.tables import LESION

MIXED, GEE, GEE_LOGIT = "mixed model, REML", "GEE, exchangeable", "GEE, independence, log odds"
WEIGHTED, ONE_WAY = "patient-weighted, bootstrap over patients", "analysis of variance, bootstrap over patients"
ICC, INTERCEPT, OTHER_SITE = "ICC", "intercept", "other"
REFERENCES = {"fes_negative": "fes_positive"}
RESPONDING = ("gone", "responding")
LIMITS = (2.5, 97.5)
OPTIMISERS = ("bfgs", "lbfgs", "cg", "powell")
FEWEST = 5  # patients; fewer give no model


class Design(NamedTuple):
    """Outcome, columns (intercept first) and cluster of each lesion, with the reference of each term."""

    outcome: np.ndarray
    columns: pd.DataFrame
    patient: np.ndarray
    references: dict[str, str | None]


def fit_lesion_models(
    fes_status: pd.DataFrame,
    lesion_change: pd.DataFrame,
    analyses: list[dict],
    *,
    sites: list[str],
    n_bootstrap: int,
    seed: int,
) -> pd.DataFrame:
    """Return estimates of every model by every method (schema lesion_models).

    `analyses`: those of the plan with method lesion_model. `sites`: organs that stand for themselves, the first the
    reference; the rest is `other`.
    """
    lesions = gather_lesions(fes_status, lesion_change, sites)
    parts = [
        pd.DataFrame(_fit(build_design(lesions, analysis, sites), analysis, n_bootstrap, seed)).assign(
            analysis_id=analysis["id"], outcome=analysis["outcome"]
        )
        for analysis in analyses
    ]
    return tables.conform(pd.concat(parts) if parts else tables.empty("lesion_models"), "lesion_models")


def gather_lesions(fes_status: pd.DataFrame, lesion_change: pd.DataFrame, sites: list[str]) -> pd.DataFrame:
    """One row per lesion seen at baseline with the variables of the models; liver has no FES status and no FES uptake."""
    change = lesion_change[[*LESION, "best_change_percent", "category"]]
    rows = fes_status[tables.known_true(fes_status["in_d2"])].merge(
        change, on=LESION, how="left", validate="one_to_one"
    )
    judged = rows["fes_status"].isin(["pos", "neg"])
    return rows.assign(
        log_fes_suvmax=np.log(rows["fes_suvmax"].where((rows["fes_suvmax"] > 0) & judged)),
        log_fdg_suvmax=np.log(rows["fdg_suvmax"].where(rows["fdg_suvmax"] > 0)),
        fes_negative=(rows["fes_status"] == "neg").astype(float).where(judged),
        is_responding=rows["category"].isin(RESPONDING).astype(float).where(rows["best_change_percent"].notna()),
        site=rows["organ"].where(rows["organ"].isin(sites), OTHER_SITE),
    ).sort_values(LESION, ignore_index=True)


def build_design(lesions: pd.DataFrame, model: dict, sites: list[str]) -> Design:
    """Complete rows of a model; a term that does not vary is left out. The reference site is the first that occurs."""
    named = [term for term in model["terms"] if term != "site"]
    rows = lesions.dropna(subset=[model["outcome"], *named])
    columns, references = {INTERCEPT: pd.Series(1.0, index=rows.index)}, {}
    for term in named:
        columns[term], references[term] = rows[term], REFERENCES.get(term)
    if "site" in model["terms"]:
        reference, *others = [site for site in [*sites, OTHER_SITE] if (rows["site"] == site).any()] or [None]
        columns |= {site: (rows["site"] == site).astype(float) for site in others}
        references |= dict.fromkeys(others, reference)
    varying = [name for name in columns if name == INTERCEPT or columns[name].min() < columns[name].max()]
    frame = pd.DataFrame(columns)[varying].astype(float)
    return Design(rows[model["outcome"]].to_numpy(dtype=float), frame, rows["patient_id"].to_numpy(), references)


def _fit(design: Design, model: dict, n_bootstrap: int, seed: int) -> list[dict]:
    facts = {"n_patients": len(set(design.patient)), "n_lesions": len(design.outcome)}
    if facts["n_patients"] < FEWEST or len(set(design.outcome)) < 2:
        return [facts | {"method": "none", "term": INTERCEPT, "note": f"fewer than {FEWEST} patients, or all alike"}]
    is_binary = set(design.outcome) <= {0.0, 1.0}
    generator = np.random.default_rng(seed)
    rows = [
        *([] if is_binary else fit_mixed(design)),
        *fit_gee(design, is_binary),
        *fit_patient_weighted(design, n_bootstrap, generator),
        *estimate_icc(design, n_bootstrap, generator),
    ]
    return [facts | {"reference": design.references.get(row["term"])} | row for row in rows]


def fit_mixed(design: Design) -> list[dict]:
    """Random intercept per patient, restricted maximum likelihood; limits after Wald; and the intraclass correlation."""
    scale = design.outcome.std()
    model = MixedLM(design.outcome / scale, design.columns, groups=design.patient)
    fitted, note = _first_that_converges(model)
    if fitted is None:
        return [{"method": MIXED, "term": INTERCEPT, "note": note}]
    between = float(fitted.cov_re.iloc[0, 0])
    names = design.columns.columns
    rows = _wald(MIXED, names, scale * fitted.fe_params[names], scale * fitted.bse_fe[names], note)
    return [*rows, {"method": MIXED, "term": ICC, "estimate": between / (between + fitted.scale), "note": note}]


def _first_that_converges(model: MixedLM):
    """The fit of the first optimiser that converges without a warning, else of the last that gave one; and a note.

    An optimiser of MixedLM can run into a singular matrix where the next one does not.
    """
    last = None
    for optimiser in OPTIMISERS:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                fitted = model.fit(reml=True, method=optimiser)
            except np.linalg.LinAlgError:
                continue
            last = fitted
        if fitted.converged and not caught:
            return fitted, None
    return last, "at the edge or not converged" if last is not None else "not fitted: singular"


def fit_gee(design: Design, is_binary: bool) -> list[dict]:
    """Estimating equations with robust standard errors: exchangeable correlation; for a yes or no log odds, independence.

    A status that varies within the patient biases an exchangeable logistic fit where lesions of a patient are nearly all
    alike (Pepe and Anderson, Commun Stat Simul 1994;23:939).
    """
    method = GEE_LOGIT if is_binary else GEE
    family = families.Binomial() if is_binary else families.Gaussian()
    correlation = cov_struct.Independence() if is_binary else cov_struct.Exchangeable()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fitted = generalized_estimating_equations.GEE(
                design.outcome, design.columns, groups=design.patient, family=family, cov_struct=correlation
            ).fit(maxiter=200)  # fmt: skip
        except (np.linalg.LinAlgError, ValueError):
            return [{"method": method, "term": INTERCEPT, "note": "not fitted: singular"}]
        errors = np.asarray(fitted.bse)
    note = "not converged" if caught or not fitted.converged else None
    return _wald(method, design.columns.columns, fitted.params, errors, note)


def _wald(method: str, names: pd.Index, estimates: pd.Series, errors: pd.Series, note: str | None) -> list[dict]:
    reach = special.ndtri(0.975)
    return [
        {
            "method": method, "term": name, "estimate": value, "se": error, "note": note,
            "ci_lower": value - reach * error, "ci_upper": value + reach * error,
            "p_value": 2 * special.ndtr(-abs(value / error)) if error > 0 else np.nan,
        }
        for name, value, error in zip(names, np.asarray(estimates), np.asarray(errors), strict=True)
    ]  # fmt: skip


def fit_patient_weighted(design: Design, n_bootstrap: int, generator: np.random.Generator) -> list[dict]:
    """Least squares with weight 1/n for each of a patient's n lesions; percentile limits over draws of patients.

    The sums of a patient (X'X, X'y) are drawn and added, so no draw needs the lesions again.
    """
    code = np.unique(design.patient, return_inverse=True)[1]
    n = np.bincount(code)
    x, y = design.columns.to_numpy(), design.outcome
    squares = np.zeros((len(n), x.shape[1], x.shape[1]))
    products = np.zeros((len(n), x.shape[1]))
    np.add.at(squares, code, x[:, :, None] * x[:, None, :] / n[code][:, None, None])
    np.add.at(products, code, x * y[:, None] / n[code][:, None])
    estimate = np.linalg.lstsq(squares.sum(axis=0), products.sum(axis=0), rcond=None)[0]
    times = _draws(len(n), n_bootstrap, generator)
    left, right = np.tensordot(times, squares, axes=1), times @ products
    solved = np.linalg.matrix_rank(left) == x.shape[1]
    draws = np.linalg.solve(left[solved], right[solved][:, :, None])[:, :, 0]
    note = None if solved.all() else f"{n_bootstrap - solved.sum()} draws without a level of a term"
    return _percentiles(WEIGHTED, design.columns.columns, estimate, draws, note)


def estimate_icc(design: Design, n_bootstrap: int, generator: np.random.Generator) -> list[dict]:
    """Intraclass correlation of what the terms leave over, one-way analysis of variance, limits over draws of patients."""
    x, y = design.columns.to_numpy(), design.outcome
    left_over = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    code = np.unique(design.patient, return_inverse=True)[1]
    n = np.bincount(code).astype(float)
    sums, squares = np.bincount(code, left_over), np.bincount(code, left_over**2)
    times = np.vstack([np.ones(len(n)), _draws(len(n), n_bootstrap, generator)])
    values = _one_way_icc(times, n, sums, squares)
    return _percentiles(ONE_WAY, [ICC], values[:1], values[1:, None], None)


def _one_way_icc(times: np.ndarray, n: np.ndarray, sums: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """ICC(1) with unequal group sizes (Donner, Int Stat Rev 1986;54:67), one value per row of `times` each group is drawn."""
    total, groups, lesions = times @ sums, times.sum(axis=1), times @ n
    of_means = times @ (sums**2 / n)
    between = (of_means - total**2 / lesions) / (groups - 1)
    within = (times @ squares - of_means) / np.where(lesions > groups, lesions - groups, np.nan)
    size = (lesions - times @ n**2 / lesions) / (groups - 1)
    return (between - within) / (between + (size - 1) * within)


def _draws(n_patients: int, n_bootstrap: int, generator: np.random.Generator) -> np.ndarray:
    """How often each patient is drawn, one row per draw."""
    return generator.multinomial(n_patients, np.full(n_patients, 1 / n_patients), size=n_bootstrap).astype(float)


def _percentiles(method: str, names, estimate: np.ndarray, draws: np.ndarray, note: str | None) -> list[dict]:
    usable = draws[~np.isnan(draws).any(axis=1)]
    lower, upper = np.percentile(usable, LIMITS, axis=0) if len(usable) else np.full((2, len(names)), np.nan)
    errors = usable.std(axis=0, ddof=1) if len(usable) > 1 else np.full(len(names), np.nan)
    return [
        {"method": method, "term": name, "estimate": e, "se": s, "ci_lower": low, "ci_upper": high, "note": note}
        for name, e, s, low, high in zip(names, estimate, errors, lower, upper, strict=True)
    ]
