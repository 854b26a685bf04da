"""PFS1: time from randomisation to the first of the record's five events on first-line treatment (registry outcome 1).

The record: "time from randomization until objective disease progression, symptomatic deterioration, or initiation of
a new therapeutic agent on first line treatment, death, or progression during a break in initial therapy and without
further therapy within one month, whichever occurs first".
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.decision_table import decide
from sonimage.endpoints.therapy_breaks import judge_breaks

NEW_AGENT = "NEW THERAPEUTIC AGENT"


class EventSource(NamedTuple):
    """A component of PFS1: its name, the table that dates it, and the rule that makes a date of that table one."""

    reason: str
    table: str
    rule: str


# Order settles ties: of two events on one day, the first named here is the reason.
EVENT_SOURCES = (
    EventSource("OBJECTIVE PROGRESSION", "visit_response", "overall response PD"),
    EventSource("SYMPTOMATIC DETERIORATION", "events", "reported event"),
    EventSource(NEW_AGENT, "events", "reported event"),
    EventSource("DEATH", "patients", "death from any cause"),
    EventSource("PROGRESSION DURING BREAK", "visit_response", "progression in a break, no therapy within a month"),
)
PFS1_EVENTS = tuple(source.reason for source in EVENT_SOURCES)
OBJECTIVE_PROGRESSION, SYMPTOMATIC_DETERIORATION, _, DEATH, PROGRESSION_DURING_BREAK = PFS1_EVENTS
SEEN_ON_CT = (OBJECTIVE_PROGRESSION, PROGRESSION_DURING_BREAK)
ASSESSMENT = "ADEQUATE ASSESSMENT"
LAST_ASSESSMENT, NO_ASSESSMENT = "LAST ADEQUATE ASSESSMENT", "NO ADEQUATE ASSESSMENT"
NOT_RANDOMISED = "NO RANDOMISATION DATE"
DAYS_PER_MONTH = 30.4375  # 365.25 / 12
ORIGIN = ["source_table", "source_file", "source_row"]


def derive_pfs1(patients: pd.DataFrame, visit_response: pd.DataFrame, events: pd.DataFrame):
    """Return PFS1 of every patient (schema pfs1) and all candidates, the chosen one marked (schema pfs1_candidates).

    Event: the earliest event on or after randomisation. Otherwise censored at the last adequate assessment (any overall
    response except NE), or at randomisation (day 1) where there is none. Months = days / 30.4375, days counted from 1.
    """
    candidates = list_candidates(patients, visit_response, events)
    first = first_events(candidates[candidates["is_event"]])
    last = last_assessments(candidates[~candidates["is_barred"]])
    last = last[~last["patient"].isin(first["patient"])]
    pfs1 = time_to(first, last, patients, patients["randomisation_date"])
    candidates = candidates.assign(is_chosen=candidates.index.isin([*first.index, *last.index]))
    return (
        tables.conform(pfs1.sort_values("patient_id"), "pfs1"),
        tables.conform(candidates.iloc[_reading_order(candidates, patients)], "pfs1_candidates"),
    )


def list_candidates(patients: pd.DataFrame, visit_response: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return every dated event and adequate assessment of every patient, and the rule that admits or bars it.

    Columns of the schema pfs1_candidates, nothing chosen yet; `is_event` is true where the date would end PFS1. And:
    patient (row of `patients`), is_assessment, is_early (before randomisation), is_late (a response
    after a new agent), is_barred (one of them, or never randomised).
    """
    parts = [_assessed(visit_response, events), _reported(events), _deaths(patients)]
    listed = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    patient = pd.Index(patients["patient_id"]).get_indexer(listed["patient_id"])
    listed = listed.assign(patient=patient)[patient >= 0].reset_index(drop=True)
    day = listed["candidate_date"]
    start = pd.Series(patients["randomisation_date"].to_numpy()[listed["patient"]], index=listed.index)
    is_agent = (listed["candidate"] == NEW_AGENT) & (day >= start)
    agent = day[is_agent].groupby(listed["patient"]).min().reindex(listed["patient"]).set_axis(listed.index)
    early, late = day < start, listed["is_assessment"] & (day > agent)
    barred = start.isna() | early | late
    bar = decide(
        (start.isna(), NOT_RANDOMISED.lower()),
        (early, "before randomisation"),
        (late, "response after a new therapeutic agent"),
        otherwise=None,
    )
    return listed.assign(
        rule=listed["rule"].mask(barred, bar),
        is_event=listed["candidate"].isin(PFS1_EVENTS) & ~barred,
        is_early=early,
        is_late=late,
        is_barred=barred,
    )


def _assessed(visit_response: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Adequate assessments; progressions among them counted, or not, by the break rule."""
    adequate = visit_response.loc[
        visit_response["overall_response"] != "NE", ["patient_id", "assessment_date", *ORIGIN]
    ]
    progressed = visit_response.loc[adequate.index, "overall_response"] == "PD"
    found = adequate.rename(columns={"assessment_date": "candidate_date"}).assign(
        candidate=ASSESSMENT, rule="overall response other than NE", is_assessment=True
    )
    judged = judge_breaks(adequate[progressed], events)
    outside, during = judged.index[~judged["in_break"]], judged.index[judged["in_break"] & ~judged["is_resumed"]]
    found.loc[judged.index, "rule"] = "progression in a break, therapy resumed within a month: does not count"
    for rows, source in ((outside, EVENT_SOURCES[0]), (during, EVENT_SOURCES[-1])):
        found.loc[rows, ["candidate", "rule"]] = [source.reason, source.rule]
    return found


def _reported(events: pd.DataFrame) -> pd.DataFrame:
    rules = {source.reason: source.rule for source in EVENT_SOURCES if source.table == "events"}
    ending = events[events["event"].isin(rules)]
    return _as_candidates(ending, "event_date", ending["event"], "events", ending["event"].map(rules))


def _deaths(patients: pd.DataFrame) -> pd.DataFrame:
    dead = patients[patients["death_date"].notna()]
    return _as_candidates(dead, "death_date", DEATH, "patients", EVENT_SOURCES[PFS1_EVENTS.index(DEATH)].rule)


def _as_candidates(rows: pd.DataFrame, date: str, candidate, table: str, rule) -> pd.DataFrame:
    named = {"candidate": candidate, "candidate_date": rows[date], "rule": rule, "source_table": table}
    found = rows[["patient_id", "source_file", "source_row"]].assign(**named)
    return found.assign(is_assessment=False)


def first_events(events: pd.DataFrame) -> pd.DataFrame:
    """The earliest of the candidates of each patient; of two on one day the one named first in PFS1_EVENTS."""
    rank = pd.Categorical(events["candidate"], categories=PFS1_EVENTS).codes
    ordered = events.assign(rank=rank).sort_values(["patient", "candidate_date", "rank", "source_file", "source_row"])
    return ordered.drop_duplicates("patient").drop(columns="rank")


def last_assessments(candidates: pd.DataFrame) -> pd.DataFrame:
    """The last adequate assessment of each patient among the candidates."""
    assessed = candidates[candidates["is_assessment"]]
    order = np.lexsort([assessed["candidate_date"], assessed["patient"]])
    return assessed.iloc[order].drop_duplicates("patient", keep="last")


def time_to(first: pd.DataFrame, last: pd.DataFrame, patients: pd.DataFrame, start: pd.Series) -> pd.DataFrame:
    """Return one row per patient from `start`: her event in `first`, else censored at her assessment in `last`.

    Without either she is censored at the start (day 1). Columns of the schema pfs1.
    """
    chosen = pd.concat([part for part in (first, last) if len(part)] or [first]).set_index("patient")
    chosen = chosen.reindex(range(len(patients))).set_axis(patients.index)
    without, is_event = chosen["candidate"].isna(), chosen["candidate"].isin(PFS1_EVENTS)
    reason = np.select(
        [start.isna(), without, is_event], [NOT_RANDOMISED, NO_ASSESSMENT, chosen["candidate"]], LAST_ASSESSMENT
    )
    date = chosen["candidate_date"].fillna(start)
    days = (date - start).dt.days + 1
    return patients[["patient_id", "randomisation_date"]].assign(
        pfs1_date=date,
        pfs1_event=is_event.astype("boolean").where(start.notna()),
        pfs1_days=days,
        pfs1_months=days / DAYS_PER_MONTH,
        pfs1_reason=reason,
        source_table=chosen["source_table"].mask(without, "patients"),
        source_file=chosen["source_file"].mask(without, patients["source_file"]),
        source_row=chosen["source_row"].mask(without, patients["source_row"]),
    )


def _reading_order(candidates: pd.DataFrame, patients: pd.DataFrame) -> np.ndarray:
    """By patient, date, candidate and place in the raw files."""
    place = pd.Series(np.arange(len(patients)), index=patients["patient_id"]).sort_index()
    by_name = np.argsort(place.to_numpy())[candidates["patient"]]
    texts = [pd.factorize(candidates[name], sort=True)[0] for name in ("source_table", "candidate")]
    return np.lexsort([candidates["source_row"], *texts, candidates["candidate_date"], by_name])
