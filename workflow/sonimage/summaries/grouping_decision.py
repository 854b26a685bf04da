"""Three groups or two: decided on the number of patients and events in each group, before any outcome model is fitted."""

import pandas as pd

from sonimage import schemas, tables


def decide_grouping(analysis_set: pd.DataFrame, *, minimum_patients: int, minimum_events: int) -> pd.DataFrame:
    """Return patients and events per HET3 group, and whether HET2 stands beside it (schema grouping_decision).

    Decided on counts alone: a group with fewer than `minimum_patients` or `minimum_events` adds the two-group analysis.
    """
    rows = analysis_set[tables.known_true(analysis_set["in_imaging_set"]) & analysis_set["pfs1_months"].notna()]
    levels = schemas.levels("analysis_set", "het3")
    events = rows[tables.known_true(rows["pfs1_event"])]
    decided = pd.DataFrame(
        {
            "group": levels,
            "n": [(rows["het3"] == level).sum() for level in levels],
            "n_events": [(events["het3"] == level).sum() for level in levels],
            "minimum_patients": minimum_patients,
            "minimum_events": minimum_events,
        }
    )
    enough = (decided["n"] >= minimum_patients) & (decided["n_events"] >= minimum_events)
    decision = "HET3 alone" if enough.all() else "HET3, and HET2 beside it"
    return tables.conform(decided.assign(is_enough=enough, decision=decision), "grouping_decision")
