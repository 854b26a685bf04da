"""Derived and investigator response side by side, and how well they agree."""

import numpy as np
import pandas as pd

from sonimage import tables


def compare_responses(derived: pd.DataFrame, given: pd.DataFrame, *, window_days: int) -> pd.DataFrame:
    """Return each derived response with the investigator's of the nearest day within `window_days`.

    Both in the shape of visit_response. An investigator's assessment without a derived one near it is not listed;
    a derived one without is listed as empty. Schema response_concordance.
    """
    columns = ["patient_id", "assessment_date", "overall_response", "reason"]
    left = derived[columns].rename(columns={"overall_response": "derived_response"}).assign(at=np.arange(len(derived)))
    right = given[columns[:3]].rename(columns={"overall_response": "investigator_response"})
    right = right.assign(investigator_date=right["assessment_date"])
    both = pd.merge_asof(
        left.sort_values("assessment_date"),
        right.sort_values("assessment_date"),
        on="assessment_date",
        by="patient_id",
        direction="nearest",
        tolerance=pd.Timedelta(days=window_days),
    )
    both = both.sort_values("at")
    equal = (both["derived_response"] == both["investigator_response"]).where(both["investigator_response"].notna())
    return tables.conform(both.assign(is_equal=equal), "response_concordance")
