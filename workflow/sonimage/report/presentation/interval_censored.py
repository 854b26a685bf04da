"""Presentation of interval-censored PFS1: Weibull models, medians and rates of Turnbull's curves."""

import pandas as pd

from sonimage.report.presentation.cells import NO_VALUE, estimate, number, p_value

RATIOS = {
    "Time ratio (95 % CI)": ["time_ratio", "ci_lower", "ci_upper"],
    "Hazard ratio (95 % CI)": ["hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"],
}


def present_interval_models(rows: pd.DataFrame) -> pd.DataFrame:
    """Time ratios and hazard ratios: one row per analysis and term, the intercept aside."""
    rows = rows[rows["term"] != "intercept"]
    ratios = {
        heading: [estimate(*row) for row in rows[columns].itertuples(index=False)]
        for heading, columns in RATIOS.items()
    }
    return pd.DataFrame(
        {
            "Analysis": rows["analysis_id"],
            "PFS1": rows["definition"],
            "Term": rows["term"],
            "Reference": rows["reference"],
            "Patients": rows["n"],
            "Events": rows["n_events"],
            "Between assessments": rows["n_interval"],
            **ratios,
            "P": rows["p_value"].map(p_value),
            "P of the group": rows["p_value_group"].map(p_value),
            "Method": rows["method"],
            "Note": rows["note"],
        }
    ).reset_index(drop=True)


def present_turnbull(rows: pd.DataFrame) -> pd.DataFrame:
    """Medians and rates as the range that the assessments leave open, with limits: one row per group and statistic."""
    is_month = rows["statistic"].str.startswith("median")
    digits = is_month.map({True: 1, False: 2})
    values = zip(rows["value_lower"], rows["value_upper"], digits, strict=True)
    limits = zip(rows["ci_lower"], rows["ci_upper"], digits, strict=True)
    return pd.DataFrame(
        {
            "Grouping": rows["grouping"],
            "Group": rows["group"],
            "Patients": rows["n"],
            "Events": rows["n_events"],
            "Between assessments": rows["n_interval"],
            "Statistic": rows["statistic"],
            "Value": [_range(*value) for value in values],
            "95 % CI": [_range(*limit) for limit in limits],
            "Note": rows["note"],
        }
    )


def _range(lower: float, upper: float, digits: int) -> str:
    """`16.8–16.9`, one number where both are the same, `over 8.0` without an upper end."""
    if pd.isna(lower):
        return NO_VALUE
    if pd.isna(upper):
        return f"over {number(lower, digits)}"
    ends = [f"{end:.{digits}f}" for end in (lower, upper)]
    return "–".join(dict.fromkeys(ends))
