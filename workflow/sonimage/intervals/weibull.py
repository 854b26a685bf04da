"""Weibull models of exact, right-censored and interval-censored times by maximum likelihood.

log time = intercept + columns @ coef + scale * W, exp(-exp(w)) being the survival function of W: R's survreg. Divided by
the scale the log likelihood is concave (Burridge, J R Stat Soc B 1981;43:41), so that Newton's steps find its one maximum, and
the divided coefficients are log hazard ratios with their sign turned.
"""

from typing import NamedTuple

import numpy as np

MAX_STEPS = 100
CLOSE = 1e-12  # of Newton's decrement before the last step; the error after it is about the square
LARGEST = 300.0  # exponent beyond which survival is 0 in double precision


class WeibullFit(NamedTuple):
    """Log time ratios (the intercept first), scale, and what follows for hazards."""

    coef: np.ndarray
    se: np.ndarray
    scale: float
    se_log_scale: float
    log_hazard_ratio: np.ndarray  # without an intercept
    se_log_hazard_ratio: np.ndarray
    log_likelihood: float
    is_converged: bool


def fit_weibull(columns: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> WeibullFit:
    """Fit events in (lower, upper], on a day where both are equal, or after `lower` where `upper` is inf.

    `columns`: one row per patient, without an intercept. Errors come from the observed information. Where the
    likelihood has no maximum, or columns depend on each other, `is_converged` is false or an error is not finite.
    """
    design = np.column_stack([np.ones(len(lower)), np.asarray(columns, dtype=float).reshape(len(lower), -1)])
    times = np.where(np.isfinite(upper), upper, lower)
    theta = np.zeros(design.shape[1] + 1)
    theta[0], theta[-1] = np.log(times.mean()), 1.0
    theta, value, information, is_converged = _newton(theta, design, lower, upper)
    with np.errstate(all="ignore"):
        return _describe(theta, value, _inverse(information), is_converged)


def _newton(theta: np.ndarray, design: np.ndarray, lower: np.ndarray, upper: np.ndarray):
    value, gradient, information = log_likelihood(theta, design, lower, upper)
    is_converged = False
    for _ in range(MAX_STEPS):
        step = _inverse(information) @ gradient
        decrement = step @ gradient
        if not np.isfinite(decrement) or decrement < 0:
            break
        for size in 0.5 ** np.arange(40):
            moved = log_likelihood(theta + size * step, design, lower, upper)
            if moved[0] >= value - 1e-12 * abs(value):
                break
        else:
            break
        theta, (value, gradient, information) = theta + size * step, moved
        if decrement < CLOSE:
            is_converged = True
            break
    return theta, value, information, is_converged


def log_likelihood(theta: np.ndarray, design: np.ndarray, lower: np.ndarray, upper: np.ndarray):
    """Log likelihood, gradient and information at `theta`: coefficients over scale, then 1/scale."""
    shape = theta[-1]
    if shape <= 0:
        return -np.inf, None, None
    at = [_at(theta, design, end) for end in (lower, upper)]
    is_exact = lower == upper
    value, slopes, curves = _interval_terms(at[0][0], at[1][0])
    exponent, hazard = at[0][1], at[0][0]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(is_exact, np.log(shape) + exponent - hazard - np.log(lower), value)
    slopes = np.where(is_exact, [1 - hazard, 0 * hazard], slopes)
    curves = np.where(is_exact, [-hazard, 0 * hazard, 0 * hazard], curves)
    if not np.isfinite(value).all():
        return -np.inf, None, None
    (first, second), n_exact = (at[0][2], at[1][2]), is_exact.sum()
    gradient = slopes[0] @ first + slopes[1] @ second
    cross = first.T @ (curves[1][:, None] * second)
    information = -(first.T @ (curves[0][:, None] * first) + second.T @ (curves[2][:, None] * second) + cross + cross.T)
    gradient[-1] += n_exact / shape
    information[-1, -1] += n_exact / shape**2
    return value.sum(), gradient, information


def _at(theta: np.ndarray, design: np.ndarray, times: np.ndarray):
    """Cumulative hazard at `times`, its logarithm, and the logarithm's derivatives; 0 at time 0, infinite at inf."""
    is_inside = (times > 0) & np.isfinite(times)
    log_times = np.log(np.where(is_inside, times, 1.0))
    exponent = theta[-1] * log_times - design @ theta[:-1]
    hazard = np.where(is_inside, np.exp(np.minimum(exponent, LARGEST)), np.where(times > 0, np.inf, 0.0))
    return hazard, exponent, np.column_stack([-design, log_times]) * is_inside[:, None]


def _interval_terms(a: np.ndarray, b: np.ndarray):
    """log(exp(-a) - exp(-b)), its two first and three second derivatives in log a and log b, row by row."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        after, before = 1 / np.expm1(b - a), -1 / np.expm1(a - b)  # survival at either end over the difference
        value = -a + np.log(-np.expm1(a - b))
        end = np.where(np.isinf(b), 0.0, b)
        slopes = np.array([-a * before, end * after])
        both = before * after
        curves = np.array([-a * before - a**2 * both, a * end * both, end * after - end**2 * both])
    return value, slopes, curves


def _inverse(matrix: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return np.full_like(matrix, np.nan)


def _describe(theta: np.ndarray, value: float, covariance: np.ndarray, is_converged: bool) -> WeibullFit:
    """The fit on the scale of log times; errors by the delta method, exact at the maximum."""
    shape, divided = theta[-1], theta[:-1]
    coef = divided / shape
    to_times = np.column_stack([np.eye(len(coef)), -coef]) / shape
    return WeibullFit(
        coef=coef,
        se=np.sqrt(np.diag(to_times @ covariance @ to_times.T)),
        scale=float(1 / shape),
        se_log_scale=float(np.sqrt(covariance[-1, -1]) / shape),
        log_hazard_ratio=-divided[1:],
        se_log_hazard_ratio=np.sqrt(np.diag(covariance))[1:-1],
        log_likelihood=float(value),
        is_converged=is_converged,
    )
