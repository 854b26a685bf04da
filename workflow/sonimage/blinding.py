"""The dummy run before database lock: groups and allocation dealt anew among patients, everything else as it is.

The analysis can then be written and reviewed before anyone sees the answer. Every page, table and figure is stamped.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # pages have a stamp and no table
    import pandas as pd

STAMP = "SONIMAGE_STAMP"  # environment variable: pages run in processes of their own
DUMMY = "DUMMY"
WORDS = f"{DUMMY} RUN: groups and allocation are dealt at random, no result is real"


def stamp() -> str | None:
    """What this run writes on everything it makes; None for a run with the true groups."""
    return os.environ.get(STAMP)


def stamped(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with the stamp in a column `run`; as it is in a run with the true groups."""
    return frame.assign(run=stamp()) if stamp() else frame


def deal_allocation(patients: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The patients with the allocations of the randomised dealt anew among them: the same number in each arm."""
    import numpy as np

    rows = patients.sort_values("patient_id")
    members = rows.index[rows["randomisation_date"].notna() & rows["allocation"].notna()]
    dealt = np.random.default_rng([seed, 1]).permutation(len(members))
    allocation = patients["allocation"].copy()
    allocation.loc[members] = rows.loc[members, "allocation"].to_numpy()[dealt]
    return patients.assign(allocation=allocation)


def deal_imaging(fes_status: pd.DataFrame, heterogeneity: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lesions' status and patients' groups, each evaluable patient having those of another drawn at random.

    Whole patients change places, so that groups, uptake and lesions of one patient stay together under every definition, and
    patients without an evaluable lesion stay without.
    """
    import numpy as np

    evaluable = sorted(heterogeneity.loc[heterogeneity["not_evaluable_reason"].isna(), "patient_id"])
    receivers = np.array(evaluable, dtype=object)[np.random.default_rng([seed, 2]).permutation(len(evaluable))]
    places = dict(zip(evaluable, receivers, strict=True))
    return tuple(
        frame.assign(patient_id=frame["patient_id"].map(lambda patient: places.get(patient, patient))).sort_values(
            list(key), ignore_index=True
        )
        for frame, key in ((fes_status, ("patient_id", "lesion_id")), (heterogeneity, ("patient_id",)))
    )
