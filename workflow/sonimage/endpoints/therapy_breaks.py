"""Breaks in first-line therapy: was a progression seen in one, and was therapy taken up again in time?

The record: "progression during a break in initial therapy and without further therapy within one month".
"""

import pandas as pd


def judge_breaks(progressions: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return for each progression (patient_id, assessment_date) `in_break` and `is_resumed`.

    In a break: a BREAK START on or before the day and no THERAPY RESUMED between. Resumed: on or after the day and on
    or before the same day of the next calendar month (31 January: 28 February).
    """
    starts = events[events["event"] == "BREAK START"]
    resumptions = events[events["event"] == "THERAPY RESUMED"]
    day = progressions["assessment_date"]
    started = _nearest(progressions, starts, "backward", on_the_day=True)
    ended = _nearest(progressions, resumptions, "backward", on_the_day=False)
    following = _nearest(progressions, resumptions, "forward", on_the_day=True)
    in_break = started.notna() & ~(ended >= started)
    return pd.DataFrame({"in_break": in_break, "is_resumed": following <= day + pd.DateOffset(months=1)})


def _nearest(progressions: pd.DataFrame, events: pd.DataFrame, direction: str, *, on_the_day: bool) -> pd.Series:
    """Date of the patient's nearest event before or after each progression."""
    left = progressions[["patient_id", "assessment_date"]].assign(at=progressions.index).sort_values("assessment_date")
    right = events[["patient_id", "event_date"]].assign(found=events["event_date"]).sort_values("event_date")
    joined = pd.merge_asof(
        left,
        right,
        left_on="assessment_date",
        right_on="event_date",
        by="patient_id",
        direction=direction,
        allow_exact_matches=on_the_day,
    )
    return joined.set_index("at")["found"].reindex(progressions.index)
