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


def with_fallback(analyses: list[dict], grouping_decision: pd.DataFrame) -> list[dict]:
    """The analyses, and once more those with a fallback grouping where one of the three groups is small.

    Decided on counts (schema grouping_decision); `primary` with the fallback het2 becomes `primary_het2`.
    """
    is_small = not tables.known_true(grouping_decision["is_enough"]).all()
    small = [analysis for analysis in analyses if is_small and "fallback_grouping" in analysis]
    others = ((analysis, analysis["fallback_grouping"]) for analysis in small)
    return [*analyses, *(one | {"id": f"{one['id']}_{grouping}", "grouping": grouping} for one, grouping in others)]
