"""Firth's penalised Cox regression, for levels without events, separation and few events (firthmodels, Breslow ties)."""

import contextlib
import warnings

import numpy as np
import pandas as pd

METHOD = "Firth, Breslow ties, profile-likelihood CI"


def fit_firth(terms: pd.DataFrame, duration: pd.Series, event: pd.Series) -> pd.DataFrame:
    """Return term, coef, se, hazard_ratio, ci_lower, ci_upper, p_value (likelihood ratio) and method per column of `terms`.

    Heinze and Schemper, Biometrics 2001;57:114. A limit or p-value that cannot be found is empty;
    all are where columns depend on each other or there is one patient.
    """
    # firthmodels takes 3 s to import and is needed only when maximum likelihood breaks
    from firthmodels import FirthCoxPH

    outcome = np.array(
        list(zip(event.astype(bool), duration.astype(float), strict=True)), dtype=[("event", bool), ("time", float)]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # its compiled kernels take 20 s to compile and are not kept; a trial of our size takes milliseconds without
            fit = FirthCoxPH(backend="numpy").fit(terms.to_numpy(dtype=float), outcome)
        except (np.linalg.LinAlgError, ValueError):  # a column is a sum of others, or one patient
            return pd.DataFrame({"term": terms.columns, "method": f"{METHOD}: not fitted"})
        limits, p_values = np.full((len(terms.columns), 2), np.nan), np.full(len(terms.columns), np.nan)
        with contextlib.suppress(np.linalg.LinAlgError):  # the likelihood is flat to the last digit
            limits = fit.conf_int(method="pl")
            p_values = fit.lrt().lrt_pvalues_
    return pd.DataFrame(
        {
            "term": terms.columns,
            "coef": fit.coef_,
            "se": fit.bse_,
            "hazard_ratio": np.exp(fit.coef_),
            "ci_lower": np.exp(limits[:, 0]),
            "ci_upper": np.exp(limits[:, 1]),
            "p_value": p_values,
            "method": METHOD,
        }
    )
