"""Derived and investigator response side by side."""

import pandas as pd

from sonimage import tables


def compare_responses(derived: pd.DataFrame, assessments: pd.DataFrame, *, window_days: int) -> pd.DataFrame:
    """Return each derived response with the investigator's of the nearest day within `window_days`.

    An investigator's assessment without a derived one near it is not listed; a derived one without is listed as empty.
    """
    left = derived[["patient_id", "assessment_date", "overall_response"]].sort_values(["assessment_date", "patient_id"])
    right = assessments.loc[
        assessments["overall_response"].notna(), ["patient_id", "assessment_date", "overall_response"]
    ]
    right = right.rename(columns={"overall_response": "investigator_response"}).sort_values(
        ["assessment_date", "patient_id"]
    )
    both = pd.merge_asof(
        left.rename(columns={"overall_response": "derived_response"}),
        right,
        on="assessment_date",
        by="patient_id",
        direction="nearest",
        tolerance=pd.Timedelta(days=window_days),
    )
    equal = (both["derived_response"] == both["investigator_response"]).where(both["investigator_response"].notna())
    return tables.conform(
        both.assign(is_equal=equal).sort_values(["patient_id", "assessment_date"]), "response_concordance"
    )
