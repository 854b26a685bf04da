"""Coverage of multiple imputation: simulated studies with half of the patients incomplete, missing at random.

Run from the project's root: `PYTHONPATH=tests .venv/bin/python benchmarks/imputation.py`.
"""

import time

import numpy as np
import pandas as pd
from models.simulated_covariates import TRUTH, fit_model, impute_and_pool, simulate
from scipy import stats

STUDIES, SEED = 500, 4125277
CHAINS = {"n_imputations": 50, "n_cycles": 10}
TERMS = ["mixed", "all_neg", "A", "yes or no", "number"]


def by_likelihood(columns, times, events) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients, standard errors, and whether Wald limits hold the truth."""
    coef, variance = fit_model(columns, times, events)
    return coef, np.sqrt(variance), np.abs(coef - TRUTH) < stats.norm.ppf(0.975) * np.sqrt(variance)


def by_imputation(columns, times, events, **settings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same after multiple imputation, with its limits by Student's t."""
    pooled = impute_and_pool(columns, times, events, **settings)
    lower, upper = pooled.limits()
    return pooled.estimate, pooled.se, (lower < TRUTH) & (upper > TRUTH)


def run(n: int) -> pd.DataFrame:
    """Bias, spread, mean standard error and coverage of each term and method, over all studies of `n` patients."""
    rng, rows = np.random.default_rng(SEED), []
    for study in range(STUDIES):
        columns, times, events = simulate(n, rng)
        whole = ~np.isnan(columns).any(axis=1)
        answers = {
            "complete cases": by_likelihood(columns[whole], times[whole], events[whole]),
            "imputed": by_imputation(columns, times, events, seed=study, **CHAINS),
            "imputed without outcome": by_imputation(columns, times, events, seed=study, has_outcome=False, **CHAINS),
        }
        rows += [
            (method, term, coef - truth, se, is_covered)
            for method, answer in answers.items()
            for term, truth, coef, se, is_covered in zip(TERMS, TRUTH, *answer, strict=True)
        ]
    table = pd.DataFrame(rows, columns=["method", "term", "error", "se", "coverage"]).groupby(
        ["method", "term"], sort=False
    )
    return table.agg(
        bias=("error", "mean"),
        rmse=("error", lambda error: np.sqrt(np.mean(error**2))),
        spread=("error", "std"),
        mean_se=("se", "mean"),
        coverage=("coverage", "mean"),
    )


if __name__ == "__main__":
    for size in (100, 300):
        began = time.perf_counter()
        print(f"{size} patients, {STUDIES} studies", run(size).round(3).to_string(), sep="\n")
        print(f"{time.perf_counter() - began:.0f} s")
