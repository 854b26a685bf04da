"""Rubin's rules: one answer from the fits of several imputations (Rubin, Multiple Imputation for Nonresponse, 1987, ch. 3)."""

from typing import NamedTuple

import numpy as np
from scipy import special


class Pooled(NamedTuple):
    """Pooled estimates, each (p,)."""

    estimate: np.ndarray
    se: np.ndarray
    degrees_of_freedom: np.ndarray
    relative_increase: np.ndarray  # of the variance, by what is missing
    fraction_missing_information: np.ndarray

    def limits(self, confidence: float = 0.95) -> np.ndarray:
        """Limits by Student's t, (2, p)."""
        half = special.stdtrit(self.degrees_of_freedom, (1 + confidence) / 2) * self.se
        return np.stack([self.estimate - half, self.estimate + half])

    @property
    def p_value(self) -> np.ndarray:
        """Two-sided, by Student's t."""
        return 2 * special.stdtr(self.degrees_of_freedom, -np.abs(self.estimate) / self.se)


def pool(estimates: np.ndarray, variances: np.ndarray, complete_degrees_of_freedom: float) -> Pooled:
    """Pool estimates and their variances, (m, p) each, m >= 2 imputations.

    Degrees of freedom are those of small samples (Barnard and Rubin, Biometrika 1999;86:948), given those that complete data
    would have: events less coefficients in a Cox model, as R's mice has it. R: mice::pool(fits, dfcom = ...).
    """
    m = len(estimates)
    within, between = variances.mean(axis=0), (1 + 1 / m) * estimates.var(axis=0, ddof=1)
    total = within + between
    share, increase = between / total, between / within
    complete = max(complete_degrees_of_freedom, 1)
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    # 1 / (1 / old + 1 / observed) with old = (m - 1) / share ** 2, which is infinite where nothing is missing
    freedom = observed * (m - 1) / (m - 1 + share**2 * observed)
    information = (increase + 2 / (freedom + 3)) / (1 + increase)
    return Pooled(estimates.mean(axis=0), np.sqrt(total), freedom, increase, information)
