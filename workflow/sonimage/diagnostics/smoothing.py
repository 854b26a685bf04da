"""Curves through points: natural cubic splines as R's splines::ns has them, and the local lines of lowess."""

import numpy as np
from scipy.interpolate import CubicSpline


def place_knots(values: np.ndarray, degrees: int) -> np.ndarray | None:
    """Knots (degrees,) at the ends and at equal shares of the values between; None where they would coincide.

    `degrees`: of freedom, the constant included. R: ns(values, df = degrees, intercept = TRUE).
    """
    if not len(values):
        return None
    knots = np.quantile(values, np.linspace(0, 1, degrees))
    return knots if (np.diff(knots) > 1e-9 * max(np.ptp(values), 1e-300)).all() else None


def spline_basis(values: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Columns (n, k), one per knot: the natural spline that is 1 there and 0 at the others. They add up to 1.

    Cubic between the knots, straight at the outer ones.
    """
    return CubicSpline(knots, np.eye(len(knots)), bc_type="natural")(values)


def lowess_weights(values: np.ndarray, grid: np.ndarray, share: float) -> np.ndarray:
    """Weights (m, n) of n points in the lowess at each point of the grid: local lines, tricube, no robust steps.

    The nearest `share` of the points count. R: lowess(values, y, f = share, iter = 0) is the weights times y.
    """
    near = max(int(share * len(values) + 1e-10), 1)
    away = np.abs(grid[:, None] - values)
    reach = np.sort(away, axis=1)[:, [near - 1]]
    with np.errstate(invalid="ignore"):
        tricube = (1 - np.where(reach > 0, away / reach, 0) ** 3) ** 3
    # the limits of Cleveland's own program
    weight = np.where(away <= 0.001 * reach, 1.0, np.where(away > 0.999 * reach, 0.0, tricube))
    weight /= weight.sum(axis=1, keepdims=True)
    middle = weight @ values
    off = values - middle[:, None]
    spread = (weight * off**2).sum(axis=1)
    is_line = np.sqrt(spread) > 0.001 * np.ptp(values)  # else the points lie on one spot
    slope = np.divide(grid - middle, spread, out=np.zeros(len(grid)), where=is_line)
    return weight * (1 + slope[:, None] * off)
