"""Restricted cubic splines of a continuous variable: linear beyond the outer knots (Stone and Koo 1985; Harrell 2015, 2.4.5)."""

import numpy as np

# Percentiles of the knots: Harrell, Regression Modeling Strategies (2015), table 2.3.
PERCENTILES = {3: (10, 50, 90), 4: (5, 35, 65, 95), 5: (5, 27.5, 50, 72.5, 95)}


def place_knots(values, n_knots: int) -> np.ndarray:
    """Knots at Harrell's percentiles of the known values; all NaN where two would coincide: too few distinct values."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    knots = np.percentile(known, PERCENTILES[n_knots]) if len(known) else np.full(n_knots, np.nan)
    return knots if (np.diff(knots) > 0).all() else np.full(n_knots, np.nan)


def bend(values: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """The columns beside the linear one, (n, knots - 2), over the squared distance of the outer knots (R: Hmisc::rcspline.eval).

    All 0 without knots, so that the model has no bend to fit.
    """
    values = np.asarray(values, dtype=float)
    if np.isnan(knots).any():
        return np.where(np.isnan(values)[:, None], np.nan, np.zeros((len(values), len(knots) - 2)))
    cubes = np.clip(values[:, None] - knots, 0, None) ** 3
    last, before = knots[-1], knots[-2]
    share = (knots[:-2] - before) / (last - before)
    curved = cubes[:, :-2] - cubes[:, [-2]] * (last - knots[:-2]) / (last - before)
    return (curved - cubes[:, [-1]] * share) / (last - knots[0]) ** 2
