"""Multiple imputation by chained equations, predictive mean matching for every column (White, Royston and Wood, Stat Med
2011;30:377): an imputed value is one that was observed, so yes or no stays so and whole numbers stay whole.

Matching is of type 1 (van Buuren, Flexible Imputation of Missing Data, 2018, section 3.4): predictions of those observed by the
estimate, of those missing by a draw of coefficients and variance.
"""

import numpy as np

DONORS = 5  # van Buuren 2018, section 3.4.3; mice's default
RIDGE = 1e-5  # share of the diagonal, for columns that nearly determine each other; mice's default
SAME_PREDICTION = (
    9  # decimals in standard deviations: which of two equal patients is nearer must not hang on the last bit
)


def nelson_aalen(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Cumulative hazard at the own time of each row: what stands for the outcome in a model of covariates beside the event
    indicator (White and Royston, Stat Med 2009;28:1982)."""
    times, row = np.unique(time, return_inverse=True)
    leaving = np.bincount(row, minlength=len(times))
    at_risk = np.cumsum(leaving[::-1])[::-1]
    return np.cumsum(np.bincount(row, weights=event, minlength=len(times)) / at_risk)[row]


def impute(
    columns: np.ndarray, known: np.ndarray, *, n_imputations: int, n_cycles: int, seed: int, donors: int = DONORS
) -> np.ndarray:
    """Return completed copies (m, n, p) of `columns` (n, p), NaN where missing.

    `known` (n, q): further predictors, complete. Every imputation is a chain of its own from values drawn at random; a column
    without any observed value stays empty and predicts nothing. The answer hangs on the order of rows: sort them.
    """
    is_missing = np.isnan(columns)
    usable = ~is_missing.all(axis=0)
    visits = [j for j in np.argsort(is_missing.sum(axis=0), kind="stable") if usable[j] and is_missing[:, j].any()]
    centre, scale = _standard(columns[:, usable])
    mean, spread = _standard(known)
    fixed = np.column_stack([np.ones(len(known)), (known - mean)[:, spread > 0] / spread[spread > 0]])
    completed = np.repeat(columns[None], n_imputations, axis=0)
    for values, stream in zip(completed, np.random.SeedSequence(seed).spawn(n_imputations), strict=True):
        rng = np.random.default_rng(stream)
        for j in visits:
            values[is_missing[:, j], j] = rng.choice(columns[~is_missing[:, j], j], is_missing[:, j].sum())
        for j in visits * n_cycles:
            others = usable.copy()
            others[j] = False
            kept = others[usable] & (scale > 0)
            x = np.column_stack([fixed, ((values[:, usable] - centre) / np.where(scale > 0, scale, 1))[:, kept]])
            values[is_missing[:, j], j] = match(x, columns[:, j], rng, donors)
    return completed


def match(x: np.ndarray, y: np.ndarray, rng: np.random.Generator, donors: int = DONORS) -> np.ndarray:
    """Values for the rows whose `y` (n,) is missing, each from one of the observed rows nearest in prediction from `x` (n, k)."""
    is_missing = np.isnan(y)
    observed = y[~is_missing]
    spread = observed.std()
    if spread == 0:
        return np.full(is_missing.sum(), observed[0])
    estimate, drawn = draw_coefficients(x[~is_missing], (observed - observed.mean()) / spread, rng)
    near = np.round(x[~is_missing] @ estimate, SAME_PREDICTION)
    aim = np.round(x[is_missing] @ drawn, SAME_PREDICTION)
    shuffled = rng.permutation(len(near))  # ties come in random order
    order = shuffled[np.argsort(near[shuffled], kind="stable")]
    around = np.searchsorted(near[order], aim)[:, None] + np.arange(-donors, donors)
    is_inside = (around >= 0) & (around < len(order))
    around = order[around.clip(0, len(order) - 1)]
    distance = np.where(is_inside, np.abs(aim[:, None] - near[around]), np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, : min(donors, len(order))]
    chosen = rng.integers(0, nearest.shape[1], (len(aim), 1))
    return observed[np.take_along_axis(around, np.take_along_axis(nearest, chosen, 1), 1)[:, 0]]


def draw_coefficients(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Least squares coefficients of `y` (n,) on `x` (n, k), and a draw from their posterior (Rubin 1987, p. 167)."""
    square = x.T @ x
    inverse = np.linalg.inv(square + np.diag(RIDGE * np.diag(square)))
    estimate = inverse @ (x.T @ y)
    rest = y - x @ estimate
    variance = rest @ rest / rng.chisquare(max(len(y) - x.shape[1], 1))
    root = np.linalg.cholesky((inverse + inverse.T) / 2)
    return estimate, estimate + np.sqrt(variance) * (root @ rng.standard_normal(x.shape[1]))


def _standard(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of what is observed in each column."""
    return np.nanmean(columns, axis=0), np.nanstd(columns, axis=0)
