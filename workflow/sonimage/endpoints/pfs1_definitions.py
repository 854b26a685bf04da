"""PFS1 by other definitions: what censors, which date a progression has, from when time counts.

Each definition is an entry of the configuration that combines the functions below; its table has the shape of pfs1.
"""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.endpoints.pfs1 import (
    ASSESSMENT,
    DAYS_PER_MONTH,
    DEATH,
    NEW_AGENT,
    PFS1_EVENTS,
    SEEN_ON_CT,
    SYMPTOMATIC_DETERIORATION,
    first_events,
    last_assessments,
    list_candidates,
    time_to,
)

FOUND_BETWEEN_VISITS = (*SEEN_ON_CT, SYMPTOMATIC_DETERIORATION)
DURATION_OF_RESPONSE = {
    "events": [*SEEN_ON_CT, DEATH],
    "other_events": "censor",
    "longest_gap_days": None,
    "progression_date": "detection",
}
NO_FES, EARLY_THERAPY, ENDED_EARLY = (
    "NO FES-PET",
    "ENDOCRINE THERAPY BEFORE RANDOMISATION",
    "ENDED BEFORE THE LANDMARK",
)


def derive_pfs1_definitions(
    patients: pd.DataFrame,
    visit_response: pd.DataFrame,
    events: pd.DataFrame,
    pet_baselines: pd.DataFrame,
    *,
    definitions: list[dict],
    interval_days: int,
    window_days: int,
) -> pd.DataFrame:
    """Return PFS1 of every patient by every definition (schema pfs1_definitions).

    `definitions`: entries with id, events, other_events, longest_gap_days, progression_date and start, as the
    configuration describes them. CTs are scheduled every `interval_days` from start of treatment, else randomisation.
    """
    candidates = list_candidates(patients, visit_response, events)
    moved = {
        "detection": candidates["candidate_date"],
        "interval": candidates["candidate_date"],
        "midpoint": _midpoints(candidates, patients),
        "schedule": _scheduled(candidates, patients, interval_days, window_days),
    }
    parts = []
    for definition in definitions:
        dated = candidates.assign(
            found_date=candidates["candidate_date"], candidate_date=moved[definition["progression_date"]]
        )
        part = apply_definition(dated, patients, definition)
        part = part if definition["start"] == "randomisation" else from_landmark(part, patients, pet_baselines)
        parts.append(part.sort_values("patient_id").assign(definition=definition["id"]))
    return tables.conform(pd.concat(parts), "pfs1_definitions")


def apply_definition(dated: pd.DataFrame, patients: pd.DataFrame, definition: dict) -> pd.DataFrame:
    """PFS1 from randomisation by one definition, with the interval in which the event happened."""
    counted = admit(dated, definition["events"], definition["other_events"])
    free = counted[counted["candidate"] == ASSESSMENT]
    first = first_events(counted[counted["candidate"].isin(PFS1_EVENTS)])
    before = _last_free_before(free, first)
    start = patients["randomisation_date"]
    is_event = first["candidate"].isin(definition["events"])
    if definition["longest_gap_days"] is not None:
        is_event &= ~_is_after_gap(first, before, start, definition["longest_gap_days"])
    ended = first[is_event]
    last = pd.concat([before[~before["patient"].isin(ended["patient"])], _never_ended(free, first)])
    pfs1 = time_to(ended, last, patients, start)
    found = FOUND_BETWEEN_VISITS if definition["progression_date"] == "interval" else ()
    return pfs1.assign(**_interval(pfs1, before, start, found))


def admit(candidates: pd.DataFrame, events: list[str], other_events: str) -> pd.DataFrame:
    """The candidates that count: on or after randomisation, and not a response after a new agent.

    Where other events are ignored they are no candidates, and responses after an ignored new agent count.
    """
    ignored = set() if other_events == "censor" else set(PFS1_EVENTS) - set(events)
    barred = candidates["is_barred"] & ~(candidates["is_late"] & (NEW_AGENT in ignored))
    return candidates[~(barred | candidates["is_early"] | candidates["candidate"].isin(ignored))]


def _last_free_before(free: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """The last assessment free of progression on or before the day each first event was found."""
    limit = first.set_index("patient")["found_date"]
    return last_assessments(free[free["candidate_date"] <= free["patient"].map(limit)])


def _never_ended(free: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    return last_assessments(free[~free["patient"].isin(first["patient"])])


def _is_after_gap(first: pd.DataFrame, before: pd.DataFrame, start: pd.Series, days: int) -> pd.Series:
    """Events found more than `days` after the last assessment before them, or after randomisation without any (FDA)."""
    seen = before.set_index("patient")["candidate_date"]
    since = first["patient"].map(seen).fillna(pd.Series(start.to_numpy()[first["patient"]], index=first.index))
    return (first["found_date"] - since).dt.days > days


def _interval(pfs1: pd.DataFrame, before: pd.DataFrame, start: pd.Series, found_between: tuple) -> dict[str, pd.Series]:
    """Months between which the event happened: (last free assessment, detection], a point where the day is known."""
    months, is_event = pfs1["pfs1_months"], tables.known_true(pfs1["pfs1_event"])
    seen = before.set_index("patient")["candidate_date"].reindex(range(len(pfs1))).set_axis(pfs1.index)
    seen_months = (((seen - start).dt.days + 1) / DAYS_PER_MONTH).fillna(0)
    open_interval = is_event & pfs1["pfs1_reason"].isin(found_between)
    return {
        "interval_lower_months": months.mask(open_interval, np.minimum(seen_months, months)),
        "interval_upper_months": months.where(is_event),
    }


def _midpoints(candidates: pd.DataFrame, patients: pd.DataFrame) -> pd.Series:
    """Progressions seen on CT half-way between the last free assessment (else randomisation) and detection."""
    columns = ["patient", "candidate_date"]
    free = candidates.loc[~candidates["is_early"] & (candidates["candidate"] == ASSESSMENT), columns]
    seen = candidates[candidates["candidate"].isin(SEEN_ON_CT)].sort_values("candidate_date")
    free = free.assign(before=free["candidate_date"]).sort_values("candidate_date")
    joined = pd.merge_asof(
        seen[columns].assign(at=seen.index), free, on="candidate_date", by="patient", allow_exact_matches=False
    )
    start = pd.Series(patients["randomisation_date"].to_numpy()[joined["patient"]], index=joined.index)
    before = joined["before"].fillna(start)
    middle = before + pd.to_timedelta((joined["candidate_date"] - before).dt.days // 2, unit="D")
    return candidates["candidate_date"].where(~candidates.index.isin(seen.index), middle.set_axis(joined["at"]))


def _scheduled(candidates: pd.DataFrame, patients: pd.DataFrame, interval_days: int, window_days: int) -> pd.Series:
    """Progressions seen on CT on the day of their scheduled visit; an unscheduled one on the day of the next."""
    start = patients["first_treatment_date"].fillna(patients["randomisation_date"]).to_numpy()[candidates["patient"]]
    start = pd.Series(start, index=candidates.index)
    days = (candidates["candidate_date"] - start).dt.days
    number = (days + interval_days // 2) // interval_days
    number = (number + (days - number * interval_days > window_days)).clip(lower=1)
    scheduled = start + pd.to_timedelta(number * interval_days, unit="D")
    return candidates["candidate_date"].mask(candidates["candidate"].isin(SEEN_ON_CT), scheduled)


def from_landmark(pfs1: pd.DataFrame, patients: pd.DataFrame, pet_baselines: pd.DataFrame) -> pd.DataFrame:
    """PFS1 from the later of randomisation and baseline FES-PET, so that nobody had to survive until her scan.

    Patients without FES-PET, with endocrine therapy before randomisation, or followed to before the landmark leave.
    """
    fes = patients["patient_id"].map(pet_baselines.set_index("patient_id")["fes_scan_date"])
    landmark = fes.where(fes > patients["randomisation_date"], patients["randomisation_date"])
    shift = (landmark - patients["randomisation_date"]).dt.days
    treated = patients["first_treatment_date"] < patients["randomisation_date"]
    reasons = [pfs1["pfs1_event"].isna(), fes.isna(), treated, pfs1["pfs1_date"] < landmark]
    reason = np.select(reasons, [pfs1["pfs1_reason"], NO_FES, EARLY_THERAPY, ENDED_EARLY], pfs1["pfs1_reason"])
    left = np.logical_or.reduce(reasons)
    counted = pfs1.assign(
        pfs1_days=pfs1["pfs1_days"] - shift,
        **{
            name: (pfs1[name] - shift / DAYS_PER_MONTH).clip(lower=0)
            for name in ("pfs1_months", "interval_lower_months", "interval_upper_months")
        },
    )
    values = ["pfs1_date", "pfs1_event", "pfs1_days", "pfs1_months", "interval_lower_months", "interval_upper_months"]
    return counted.assign(**{name: counted[name].mask(left) for name in values}, pfs1_reason=reason)
