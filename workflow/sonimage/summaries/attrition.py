"""The flow of patients from the export to the analysis: who left at which step, and why."""

import pandas as pd

from sonimage import tables
from sonimage.populations.analysis_set import NO_FES, NOT_EVALUABLE, NOT_RANDOMISED


def count_attrition(analysis_set: pd.DataFrame) -> pd.DataFrame:
    """Return the flow from export to analysis: patients and events per step, who left and why (schema attrition)."""
    reason = analysis_set["exclusion_reason"]
    steps = (
        ("Patients in the export", pd.Series(True, index=analysis_set.index), None),
        ("Randomised in SONIA, with allocation", ~reason.isin([NOT_RANDOMISED]), NOT_RANDOMISED),
        ("Usable baseline FES-PET", ~reason.isin([NOT_RANDOMISED, NO_FES]), NO_FES),
        ("Imaging analysis set: at least one evaluable lesion", reason.isna(), NOT_EVALUABLE),
        (
            "of these: measurable disease",
            tables.known_true(analysis_set["in_measurable_set"]),
            "no target lesion at baseline",
        ),
        (
            "of these: per-protocol imaging set",
            tables.known_true(analysis_set["in_per_protocol_set"]),
            "criterion or scan check failed",
        ),
    )
    counts = [int(members.sum()) for _, members, _ in steps]
    came_from = [counts[0], *counts[:3], counts[3], counts[3]]
    events = tables.known_true(analysis_set["pfs1_event"])
    rows = [
        {
            "step": number + 1,
            "population": population,
            "n": counts[number],
            "n_events": int((members & events).sum()),
            "n_left": came_from[number] - counts[number],
            "reason": why,
        }
        for number, (population, members, why) in enumerate(steps)
    ]
    return tables.conform(pd.DataFrame(rows), "attrition")
