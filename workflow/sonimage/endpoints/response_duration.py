"""Duration of response: from the first CR or PR to progression or death (registry outcome 2)."""

import pandas as pd

from sonimage import tables
from sonimage.endpoints.pfs1 import DAYS_PER_MONTH, list_candidates
from sonimage.endpoints.pfs1_definitions import DURATION_OF_RESPONSE, apply_definition


def derive_response_duration(
    patients: pd.DataFrame, visit_response: pd.DataFrame, events: pd.DataFrame, best_response: pd.DataFrame
) -> pd.DataFrame:
    """Return the duration of response of every responder (schema response_duration).

    From the first CR or PR to progression on CT or death; other events of PFS1 censor at the last assessment before
    them. Days count from 1 (admiralonco: duration of response).
    """
    candidates = list_candidates(patients, visit_response, events)
    ended = apply_definition(candidates.assign(found_date=candidates["candidate_date"]), patients, DURATION_OF_RESPONSE)
    rows = ended.assign(response_date=ended["patient_id"].map(best_response.set_index("patient_id")["response_date"]))
    rows = rows[rows["response_date"].notna()]
    end = rows["pfs1_date"].where(rows["pfs1_date"] >= rows["response_date"], rows["response_date"])
    days = (end - rows["response_date"]).dt.days + 1
    named = {"pfs1_event": "duration_event", "pfs1_reason": "duration_reason"}
    return tables.conform(
        rows.rename(columns=named)
        .assign(end_date=end, duration_days=days, duration_months=days / DAYS_PER_MONTH)
        .sort_values("patient_id"),
        "response_duration",
    )
