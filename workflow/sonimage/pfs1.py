"""PFS1: time from randomisation to the first of the record's five events on first-line treatment (registry outcome 1).

The record: "time from randomization until objective disease progression, symptomatic deterioration, or initiation of
a new therapeutic agent on first line treatment, death, or progression during a break in initial therapy and without
further therapy within one month, whichever occurs first".
"""

import numpy as np
import pandas as pd

from sonimage import schemas, tables

OBJECTIVE_PROGRESSION = "OBJECTIVE PROGRESSION"
PROGRESSION_DURING_BREAK = "PROGRESSION DURING BREAK"
NEW_AGENT = "NEW THERAPEUTIC AGENT"
# Order settles ties: of two events on one day, the first named here is the reason.
PFS1_EVENTS = (OBJECTIVE_PROGRESSION, "SYMPTOMATIC DETERIORATION", NEW_AGENT, "DEATH", PROGRESSION_DURING_BREAK)
ASSESSMENT = "ADEQUATE ASSESSMENT"
LAST_ASSESSMENT, NO_ASSESSMENT = "LAST ADEQUATE ASSESSMENT", "NO ADEQUATE ASSESSMENT"
NOT_RANDOMISED = "NO RANDOMISATION DATE"
DAYS_PER_MONTH = 30.4375  # 365.25 / 12


def list_candidates(patients: pd.DataFrame, visit_response: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return every dated event and adequate assessment of every patient, and the rule that admits or bars it.

    Schema pfs1_candidates; `is_event` is true where the date would end PFS1. Nothing is chosen yet.
    """
    listed = pd.concat(
        [part for part in (_assessed(visit_response, events), _reported(events), _deaths(patients)) if len(part)]
        or [tables.empty("pfs1_candidates")],
        ignore_index=True,
    )
    listed = listed[listed["patient_id"].isin(patients["patient_id"])]
    facts = patients.set_index("patient_id")
    start = listed["patient_id"].map(facts["randomisation_date"])
    agents = events[events["event"] == NEW_AGENT]
    agents = agents[agents["event_date"] >= agents["patient_id"].map(facts["randomisation_date"])]
    agent = listed["patient_id"].map(agents.groupby("patient_id")["event_date"].min())
    early = listed["candidate_date"] < start
    late = (listed["candidate_date"] > agent) & listed["source_table"].isin(["measurements", "assessments"])
    barred = start.isna() | early | late
    rules = np.select(
        [start.isna(), early, late],
        [NOT_RANDOMISED.lower(), "before randomisation", "response after a new therapeutic agent"],
        listed["rule"],
    )
    listed = listed.assign(rule=rules, is_event=tables.known_true(listed["is_event"]) & ~barred, is_chosen=False)
    return listed.assign(is_barred=barred).reset_index(drop=True)


def derive_pfs1(patients: pd.DataFrame, visit_response: pd.DataFrame, events: pd.DataFrame):
    """Return PFS1 of every patient (schema pfs1) and all candidates, the chosen one marked (schema pfs1_candidates).

    Event: the earliest event on or after randomisation. Otherwise censored at the last adequate assessment (any overall
    response except NE), or at randomisation (day 1) where there is none. Months = days / 30.4375, days counted from 1.
    """
    candidates = list_candidates(patients, visit_response, events)
    chosen = _choose(candidates)
    candidates = candidates.assign(is_chosen=candidates.index.isin(chosen.index))
    chosen = chosen.drop(columns="rule").set_index("patient_id")
    pfs1 = patients[["patient_id", "randomisation_date", "source_file", "source_row"]].set_index("patient_id")
    pfs1 = pfs1.rename(columns={"source_file": "patient_file", "source_row": "patient_row"}).join(chosen)
    without = pfs1["candidate"].isna()
    is_event = tables.known_true(pfs1["is_event"])
    reason = np.select(
        [pfs1["randomisation_date"].isna(), without, is_event],
        [NOT_RANDOMISED, NO_ASSESSMENT, pfs1["candidate"]],
        LAST_ASSESSMENT,
    )
    pfs1 = pfs1.assign(
        pfs1_date=pfs1["candidate_date"].fillna(pfs1["randomisation_date"]),
        pfs1_event=is_event.where(pfs1["randomisation_date"].notna()),
        pfs1_reason=reason,
        source_table=pfs1["source_table"].mask(without, "patients"),
        source_file=pfs1["source_file"].mask(without, pfs1["patient_file"]),
        source_row=pfs1["source_row"].mask(without, pfs1["patient_row"]),
    )
    days = (pfs1["pfs1_date"] - pfs1["randomisation_date"]).dt.days + 1
    pfs1 = pfs1.assign(pfs1_days=days, pfs1_months=days / DAYS_PER_MONTH).reset_index()
    order = ["patient_id", "candidate_date", "candidate", "source_table", "source_row"]
    return (
        tables.conform(pfs1.sort_values("patient_id"), "pfs1"),
        tables.conform(candidates.sort_values(order), "pfs1_candidates"),
    )


def _choose(candidates: pd.DataFrame) -> pd.DataFrame:
    """Per patient the earliest event, the order of the list settling ties; without any, the last adequate assessment."""
    rank = candidates["candidate"].map({reason: number for number, reason in enumerate(PFS1_EVENTS)})
    candidates = candidates.assign(rank=rank)
    by_time = ["patient_id", "candidate_date", "rank", "source_table", "source_row"]
    first = candidates[candidates["is_event"]].sort_values(by_time).drop_duplicates("patient_id")
    is_assessment = candidates["source_table"].isin(["measurements", "assessments"])
    last = candidates[is_assessment & ~candidates["is_barred"] & ~candidates["patient_id"].isin(first["patient_id"])]
    last = last.sort_values(by_time).drop_duplicates("patient_id", keep="last")
    return pd.concat([part for part in (first, last) if len(part)] or [candidates.iloc[:0]])


def _assessed(visit_response: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Adequate assessments; progressions among them counted, or not, by the break rule."""
    adequate = visit_response[visit_response["overall_response"] != "NE"]
    progressed = adequate["overall_response"] == "PD"
    in_break, resumed = _during_break(adequate, events)
    kinds = [progressed & ~in_break, progressed & in_break & ~resumed]
    candidate = np.select(kinds, [OBJECTIVE_PROGRESSION, PROGRESSION_DURING_BREAK], ASSESSMENT)
    rule = np.select(
        [progressed & in_break & resumed, progressed & in_break, progressed],
        [
            "progression in a break, therapy resumed within a month: does not count",
            "progression in a break, no therapy within a month",
            "overall response PD",
        ],
        "overall response other than NE",
    )
    return pd.DataFrame(
        {
            "patient_id": adequate["patient_id"],
            "candidate": candidate,
            "candidate_date": adequate["assessment_date"],
            "is_event": candidate != ASSESSMENT,
            "rule": rule,
            "source_table": adequate["source_table"],
            "source_file": adequate["source_file"],
            "source_row": adequate["source_row"],
        }
    )


def _during_break(adequate: pd.DataFrame, events: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Whether a break was open on the day of each assessment, and therapy resumed within one calendar month of it.

    Open: a BREAK START on or before the day and no THERAPY RESUMED between. One calendar month ends on the same day of
    the next month, that day included (31 January: 28 February).
    """
    day = adequate["assessment_date"]
    started = _latest(adequate, events[events["event"] == "BREAK START"], exact=True)
    ended = _latest(adequate, events[events["event"] == "THERAPY RESUMED"], exact=False)
    in_break = started.notna() & ~(ended >= started)
    resumptions = events[events["event"] == "THERAPY RESUMED"]
    following = _nearest(adequate, resumptions, direction="forward", exact=True)
    return in_break, following <= day + pd.DateOffset(months=1)


def _latest(adequate: pd.DataFrame, events: pd.DataFrame, *, exact: bool) -> pd.Series:
    return _nearest(adequate, events, direction="backward", exact=exact)


def _nearest(adequate: pd.DataFrame, events: pd.DataFrame, *, direction: str, exact: bool) -> pd.Series:
    """Date of the patient's nearest event before or after each assessment."""
    left = adequate[["patient_id", "assessment_date"]].assign(at=adequate.index).sort_values("assessment_date")
    right = events[["patient_id", "event_date"]].assign(found=events["event_date"]).sort_values("event_date")
    joined = pd.merge_asof(
        left,
        right,
        left_on="assessment_date",
        right_on="event_date",
        by="patient_id",
        direction=direction,
        allow_exact_matches=exact,
    )
    return joined.set_index("at")["found"].reindex(adequate.index)


def _reported(events: pd.DataFrame) -> pd.DataFrame:
    ending = events[events["event"].isin(PFS1_EVENTS)]
    return _as_candidates(ending, "event_date", ending["event"], "events", "reported event")


def _deaths(patients: pd.DataFrame) -> pd.DataFrame:
    dead = patients[patients["death_date"].notna()]
    return _as_candidates(dead, "death_date", "DEATH", "patients", "death from any cause")


def _as_candidates(rows: pd.DataFrame, date: str, candidate, table: str, rule: str) -> pd.DataFrame:
    return rows[["patient_id", "source_file", "source_row"]].assign(
        candidate=candidate, candidate_date=rows[date], is_event=True, rule=rule, source_table=table
    )


def summarise_pfs1(pfs1: pd.DataFrame, analysis_set: pd.DataFrame) -> pd.DataFrame:
    """Return patients by event or reason for censoring: all, by allocation, by group (schema pfs1_summary)."""
    reasons = [(reason, True) for reason in PFS1_EVENTS]
    reasons += [(reason, False) for reason in (LAST_ASSESSMENT, NO_ASSESSMENT, NOT_RANDOMISED)]
    grouped = pfs1.merge(
        analysis_set[["patient_id", "allocation", "het3"]], on="patient_id", how="left", validate="one_to_one"
    )
    groups = {"all patients": pd.Series(True, index=grouped.index)}
    for column in ("allocation", "het3"):
        levels = schemas.levels("analysis_set", column)
        groups |= {f"{column} {level}": grouped[column] == level for level in levels}
    rows = [
        {
            "group": group,
            "pfs1_event": is_event,
            "pfs1_reason": reason,
            "n": int((members & (grouped["pfs1_reason"] == reason)).sum()),
        }
        for group, members in groups.items()
        for reason, is_event in reasons
    ]
    return tables.conform(pd.DataFrame(rows), "pfs1_summary")
