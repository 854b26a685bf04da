"""Studies with covariates missing at random, and their Cox model before and after multiple imputation."""

import numpy as np
from sonimage.cox import partial_likelihood
from sonimage.models import imputation, pooling

TRUTH = np.array([0.6, 1.0, -0.6, 0.7, 0.5])  # mixed, all_neg, A, a yes or no, a number


def simulate(n: int, rng: np.random.Generator):
    """Group, allocation, a yes or no and a number; the last two are missing more often after early events in arm B."""
    group, arm = rng.choice(3, n, p=[0.5, 0.3, 0.2]), rng.integers(0, 2, n)
    value = rng.normal(size=n) + 0.5 * (group == 2)
    flag = rng.random(n) < 1 / (1 + np.exp(0.4 - 0.6 * value - 0.5 * (group == 1)))
    columns = np.column_stack([group == 1, group == 2, arm, flag, value]).astype(float)
    time, censoring = rng.exponential(1 / np.exp(columns @ TRUTH)), rng.uniform(0.3, 4, n)
    time, event = np.minimum(time, censoring), time <= censoring
    missing = rng.random((n, 2)) < 1 / (1 + np.exp(1.7 - 1.2 * event * (1 - arm) - 0.8 * (time < 0.3)))[:, None]
    columns[:, 3:][missing] = np.nan
    return columns, time, event


def fit_model(columns, time, event) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and their variances."""
    one = partial_likelihood.fit_cox(partial_likelihood.prepare(columns, time, event))
    return one.coef, one.se**2


def impute_and_pool(columns, time, event, *, has_outcome: bool = True, **chains) -> pooling.Pooled:
    """The model after multiple imputation; without the outcome in the imputation model it is known to be biased."""
    outcome = [event, imputation.nelson_aalen(time, event)] if has_outcome else []
    known = np.column_stack([columns[:, :3], *outcome])
    completed = imputation.impute(columns[:, 3:], known, **chains)
    coefs, variances = zip(
        *(fit_model(np.column_stack([columns[:, :3], values]), time, event) for values in completed), strict=True
    )
    return pooling.pool(np.array(coefs), np.array(variances), event.sum() - 5)
