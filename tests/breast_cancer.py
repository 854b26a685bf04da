"""The breast cancer data of R's survival as an analysis set, and analyses of it."""

import numpy as np
import pandas as pd
from r_values import REFERENCE
from sonimage import tables

TERMS = {"mixed": "factor(grade)2", "all_neg": "factor(grade)3", "A": "hormon"}
PRIMARY = {
    "id": "primary",
    "objective": "-",
    "population": "in_imaging_set",
    "grouping": "het3",
    "covariates": ["allocation"],
}


def gbsg() -> pd.DataFrame:
    """Grade as the group, hormon as the allocation."""
    data = pd.read_csv(REFERENCE / "gbsg.csv")
    return tables.conform(
        pd.DataFrame(
            {
                "patient_id": data["pid"].map("{:05d}".format),
                "het3": data["grade"].map({1: "all_pos", 2: "mixed", 3: "all_neg"}),
                "het2": np.where(data["grade"] == 1, "all_pos", "any_neg"),
                "allocation": data["hormon"].map({0: "B", 1: "A"}),
                "pfs1_months": data["time"].astype(float),
                "pfs1_event": data["status"].astype(bool),
                "in_imaging_set": True,
                "fes_eval_n": 3,
            }
        ),
        "analysis_set",
    )


CURVES = [({"id": "curves", "population": "in_imaging_set", "grouping": "het3", "strata": ["allocation"]}, gbsg())]
