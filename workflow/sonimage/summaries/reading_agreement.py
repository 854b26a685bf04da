"""The reader's call against the SUV, lesion by lesion: agreement at each cut, with limits from draws of patients."""

import numpy as np
import pandas as pd

from sonimage import tables

LIMITS = (2.5, 97.5)
CELLS = ["n_both_positive", "n_call_alone_positive", "n_suv_alone_positive", "n_both_negative"]


def compare_readings(
    fes_status: pd.DataFrame, *, suvmax_cuts: list[float], n_bootstrap: int, seed: int
) -> pd.DataFrame:
    """Return agreement of visual and quantitative reading at each cut (schema reading_agreement).

    Of the lesions judged positive or negative that have both a call and an SUVmax. Lesions of one patient resemble each
    other, so the limits of kappa are percentiles over draws of patients.
    """
    both = fes_status["fes_visual"].isin(["positive", "negative"]) & fes_status["fes_suvmax"].notna()
    rows = fes_status[both & fes_status["fes_status"].isin(["pos", "neg"])].sort_values(["patient_id", "lesion_id"])
    return tables.conform(
        pd.DataFrame([_compare(rows, cut, n_bootstrap, np.random.default_rng(seed)) for cut in suvmax_cuts]),
        "reading_agreement",
    )


def _compare(rows: pd.DataFrame, cut: float, n_bootstrap: int, generator: np.random.Generator) -> dict:
    call, suv = rows["fes_visual"] == "positive", rows["fes_suvmax"] >= cut
    cells = pd.DataFrame(dict(zip(CELLS, (call & suv, call & ~suv, ~call & suv, ~call & ~suv), strict=True)))
    by_patient = cells.groupby(rows["patient_id"]).sum().to_numpy(dtype=float)
    facts = {"suvmax_cut": cut, "n_patients": len(by_patient), "n_lesions": len(rows)} | cells.sum().to_dict()
    if not len(rows):
        return facts
    times = generator.multinomial(len(by_patient), np.full(len(by_patient), 1 / len(by_patient)), size=n_bootstrap)
    draws = kappa_of_counts(times @ by_patient)
    lower, upper = np.nanpercentile(draws, LIMITS) if not np.isnan(draws).all() else (np.nan, np.nan)
    whole = by_patient.sum(axis=0)
    same = (whole[0] + whole[3]) / whole.sum()
    return facts | {"share_same": same, "kappa": kappa_of_counts(whole), "ci_lower": lower, "ci_upper": upper}


def kappa_of_counts(cells: np.ndarray) -> np.ndarray:
    """Cohen's kappa of two-by-two tables given as their four counts (last axis); NaN where all lesions are alike."""
    a, b, c, d = (cells[..., number] for number in range(4))
    n = a + b + c + d
    chance = ((a + b) * (a + c) + (c + d) * (b + d)) / n**2
    return np.where(chance < 1, ((a + d) / n - chance) / np.where(chance < 1, 1 - chance, 1), np.nan)
