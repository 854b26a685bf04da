"""Continuous covariates of models that are computed from columns of the analysis set, and what an axis says of them."""

import numpy as np

CONTINUOUS = {
    "fes_pos_frac_10": lambda rows: rows["fes_pos_frac"] * 10,
    "log_n_lesions": lambda rows: np.log(rows["n_lesions"].astype(float).where(rows["n_lesions"] > 0)),
    "log_fes_suvmax": lambda rows: np.log(rows["fes_suvmax_gmean"]),
    "log_fdg_suvmax": lambda rows: np.log(rows["fdg_suvmax_gmean"]),
    "log_fes_fdg": lambda rows: np.log(rows["fes_suvmax_gmean"]) - np.log(rows["fdg_suvmax_gmean"]),
}

# What an axis says of them.
CONTINUOUS_LABELS = {
    "fes_pos_frac_10": "Share of FES-positive lesions, tenths",
    "log_n_lesions": "Log number of lesions",
    "log_fes_suvmax": "Log FES SUVmax, geometric mean (g/mL)",
    "log_fdg_suvmax": "Log FDG SUVmax, geometric mean (g/mL)",
    "log_fes_fdg": "Log ratio of FES to FDG SUVmax, geometric means",
}
