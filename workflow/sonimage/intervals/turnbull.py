"""Turnbull's curve: the survival function of interval-censored times with the largest likelihood, no shape assumed.

An event lies in (lower, upper], or on a day where lower = upper; without an upper end it is right-censored. The likelihood
fixes the probability of some innermost intervals alone (Turnbull, J R Stat Soc B 1976;38:290): within them the curve
is not defined. Intervals are open at their lower end, as in R's survfit and icenReg; the day after a visit free of
progression is the first on which it can happen.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls

MAX_STEPS = 200
SIZES = tuple(0.5 ** np.arange(40))  # of a step that loses likelihood
CLOSE = 1e-8  # the log likelihood is at most this far below its maximum
ROUNDING = 1e-13  # of the log likelihood: a step that loses less is a step
NEGLIGIBLE = 1e-9  # probability of an interval


class TurnbullFit(NamedTuple):
    """Where probability lies: one entry per interval (lower, upper], `upper` inf beyond the last assessment."""

    lower: np.ndarray
    upper: np.ndarray
    mass: np.ndarray
    survival: np.ndarray  # after the interval
    log_likelihood: float
    is_converged: bool


def fit_turnbull(lower: np.ndarray, upper: np.ndarray) -> TurnbullFit:
    """Fit the curve to one or more patients; `upper` is inf or missing where the patient is censored.

    Raises ValueError where an interval is reversed, begins before 0 or is the point 0.
    """
    return _fit_counts(*np.unique(np.column_stack(read_intervals(lower, upper)), axis=0, return_counts=True))


def fit_samples(lower: np.ndarray, upper: np.ndarray, drawn: np.ndarray) -> Iterator[TurnbullFit]:
    """The curve of each sample of the patients; `drawn`: one row of their numbers per sample (a bootstrap)."""
    pairs, number = np.unique(np.column_stack(read_intervals(lower, upper)), axis=0, return_inverse=True)
    for sample in number[drawn]:
        counts = np.bincount(sample, minlength=len(pairs))
        yield _fit_counts(pairs[counts > 0], counts[counts > 0])


def _fit_counts(pairs: np.ndarray, counts: np.ndarray) -> TurnbullFit:
    """The curve of as many patients in each of some distinct intervals, (k, 2)."""
    starts, ends = innermost_intervals(pairs[:, 0], pairs[:, 1])
    contains = _containment(pairs, starts, ends)
    mass, gradient = _maximise(contains, counts)
    held = mass > NEGLIGIBLE
    kept = mass[held] / mass[held].sum()
    return TurnbullFit(
        lower=starts[held],
        upper=ends[held],
        mass=kept,
        survival=np.append(kept[::-1].cumsum()[::-1][1:], 0.0),
        log_likelihood=float(counts @ np.log(contains[:, held] @ kept)),
        is_converged=bool(gradient.max() <= CLOSE),
    )


def read_intervals(lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both ends as numbers, a missing upper end as inf."""
    lower, upper = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    upper = np.where(np.isnan(upper), np.inf, upper)
    if not ((lower >= 0) & (lower <= upper) & np.isfinite(lower) & (upper > 0)).all():
        raise ValueError("an interval ends before it begins, begins before 0 or is the point 0")
    return lower, upper


def innermost_intervals(lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower ends followed by an upper end: all that the likelihood can tell apart.

    Each begins where some patient's interval does, which contains none before it: so no two distributions over them have the
    same probabilities of all patients, and the maximum is one (`_containment` has full column rank).
    At one time an exact event comes first, then the ends of intervals, then the beginnings of those that exclude it.
    """
    ends = np.concatenate([lower, upper])
    rank = np.concatenate([np.where(lower == upper, 0, 2), np.ones(len(upper))])
    order = np.lexsort((rank, ends))
    begins = rank[order] != 1
    at = np.flatnonzero(begins[:-1] & ~begins[1:])
    return ends[order][at], ends[order][at + 1]


def _containment(pairs: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """One row per pair of ends and one column per innermost interval: 1 where the first contains the second."""
    lower, upper = pairs[:, :1], pairs[:, 1:]
    inside = (starts >= lower) & (ends <= upper)
    on_open_end = (starts == ends) & (starts == lower) & (lower < upper)
    return (inside & ~on_open_end).astype(float)


@np.errstate(divide="ignore")  # a step to no chance at all
def _maximise(contains: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the largest likelihood, and the gradient there less its value on a held interval.

    Constrained Newton steps (Wang, J R Stat Soc B 2007;69:185): each is a least-squares problem without negative
    probabilities; a step is halved until the likelihood grows. The likelihood is concave and falls short of its maximum by at
    most the largest gradient, so the last gradient proves the answer.
    """
    mass = np.full(contains.shape[1], 1 / contains.shape[1])
    counts, roots = counts.astype(float), np.sqrt(counts)[:, None]
    chances, n = contains @ mass, counts.sum()
    likelihood = counts @ np.log(chances)
    for _ in range(MAX_STEPS):
        scaled = contains / chances[:, None]
        gradient = counts @ scaled - n
        if gradient.max() <= CLOSE:
            break
        try:
            step = _newton_aim(scaled, roots, (mass > 0) | (gradient > 0)) - mass
        except RuntimeError:  # least squares without an answer: the gradient says how far from the maximum
            break
        for size in SIZES:
            moved = np.maximum(mass + size * step, 0)
            chances = contains @ moved
            reached = counts @ np.log(chances)
            if reached >= likelihood - ROUNDING * abs(likelihood):
                break
        else:
            break
        mass, likelihood = moved, reached
    return mass, gradient


def _newton_aim(scaled: np.ndarray, roots: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The probabilities, 0 outside `free`, that maximise the quadratic approximation of the log likelihood.

    `roots`: of the counts, as a column.
    """
    system = np.ones((len(scaled) + 1, np.count_nonzero(free)))
    system[:-1] = roots * (scaled[:, free] - 2)
    wanted = np.zeros(len(system))
    wanted[-1] = 1.0
    answer, _ = nnls(system, wanted, maxiter=30 * system.shape[1])
    aim = np.zeros(len(free))
    aim[free] = answer / answer.sum()
    return aim
