"""PFS1: the record's five events, worked patient by patient, and a second reading of the record as plain loops."""

import calendar
import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sonimage import tables
from sonimage.endpoints import pfs1
from worked_tables import table

PATIENTS = table(
    """
    patient_id     | randomisation_date | death_date | source_row
    progressed     | 2020-01-01         | 2021-01-01 | 2
    died           | 2020-01-01         | 2020-05-01 | 3
    event_free     | 2020-01-01         | -          | 4
    only_ne        | 2020-01-01         | -          | 5
    same_day       | 2020-01-01         | -          | 6
    resumed        | 2020-01-01         | -          | 7
    not_resumed    | 2020-01-01         | -          | 8
    after_agent    | 2020-01-01         | -          | 9
    not_randomised | -                  | -          | 10
    early_event    | 2020-01-01         | -          | 11
    resumed_then   | 2020-01-01         | 2020-09-01 | 12
    """,
    "patients",
)
RESPONSES = table(
    """
    patient_id   | assessment_date | overall_response | source_table | source_row
    progressed   | 2020-04-01      | SD               | measurements | 2
    progressed   | 2020-07-01      | PD               | measurements | 3
    event_free   | 2020-04-01      | PR               | measurements | 4
    event_free   | 2020-07-01      | NE               | measurements | 5
    only_ne      | 2020-04-01      | NE               | measurements | 6
    same_day     | 2020-04-01      | PD               | measurements | 7
    resumed      | 2020-01-31      | PD               | measurements | 8
    not_resumed  | 2020-01-31      | PD               | measurements | 9
    after_agent  | 2020-06-01      | PD               | measurements | 10
    early_event  | 2019-12-01      | PD               | measurements | 11
    early_event  | 2020-03-01      | SD               | measurements | 12
    resumed_then | 2020-03-15      | PD               | measurements | 13
    """,
    "visit_response",
)
EVENTS = table(
    """
    patient_id   | event                     | event_date | source_row
    same_day     | NEW THERAPEUTIC AGENT     | 2020-04-01 | 2
    resumed      | BREAK START               | 2020-01-10 | 3
    resumed      | THERAPY RESUMED           | 2020-02-29 | 4
    not_resumed  | BREAK START               | 2020-01-10 | 5
    not_resumed  | THERAPY RESUMED           | 2020-03-01 | 6
    after_agent  | NEW THERAPEUTIC AGENT     | 2020-05-01 | 7
    early_event  | SYMPTOMATIC DETERIORATION | 2019-12-15 | 8
    resumed_then | BREAK START               | 2020-03-01 | 9
    resumed_then | THERAPY RESUMED           | 2020-04-15 | 10
    """,
    "events",
)
EXPECTED = table(
    """
    patient_id     | pfs1_date  | pfs1_event | pfs1_days | pfs1_reason              | source_table | source_row
    after_agent    | 2020-05-01 | True       | 122       | NEW THERAPEUTIC AGENT    | events       | 7
    died           | 2020-05-01 | True       | 122       | DEATH                    | patients     | 3
    early_event    | 2020-03-01 | False      | 61        | LAST ADEQUATE ASSESSMENT | measurements | 12
    event_free     | 2020-04-01 | False      | 92        | LAST ADEQUATE ASSESSMENT | measurements | 4
    not_randomised | -          | -          | -         | NO RANDOMISATION DATE    | patients     | 10
    not_resumed    | 2020-01-31 | True       | 31        | PROGRESSION DURING BREAK | measurements | 9
    only_ne        | 2020-01-01 | False      | 1         | NO ADEQUATE ASSESSMENT   | patients     | 5
    progressed     | 2020-07-01 | True       | 183       | OBJECTIVE PROGRESSION    | measurements | 3
    resumed        | 2020-01-31 | False      | 31        | LAST ADEQUATE ASSESSMENT | measurements | 8
    resumed_then   | 2020-09-01 | True       | 245       | DEATH                    | patients     | 12
    same_day       | 2020-04-01 | True       | 92        | OBJECTIVE PROGRESSION    | measurements | 7
    """,
    "pfs1",
)


@pytest.mark.parametrize("patient", EXPECTED["patient_id"])
def test_worked_patient(patient):
    derived, _ = pfs1.derive_pfs1(PATIENTS, RESPONSES, EVENTS)
    columns = ["pfs1_date", "pfs1_event", "pfs1_days", "pfs1_reason", "source_table", "source_row"]
    rows = [frame[frame["patient_id"] == patient][columns].reset_index(drop=True) for frame in (derived, EXPECTED)]
    pd.testing.assert_frame_equal(*rows)


def test_months_are_days_over_30_4375():
    derived, _ = pfs1.derive_pfs1(PATIENTS, RESPONSES, EVENTS)
    assert derived.set_index("patient_id").loc["progressed", "pfs1_months"] == 183 / 30.4375


def test_every_candidate_is_listed_and_one_at_most_is_chosen():
    _, candidates = pfs1.derive_pfs1(PATIENTS, RESPONSES, EVENTS)
    assert candidates.groupby("patient_id")["is_chosen"].sum().max() == 1
    assert (candidates["rule"] == "before randomisation").sum() == 2
    assert candidates["rule"].str.contains("does not count").sum() == 2


def month_later(day: datetime.date) -> datetime.date:
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def second_reading(start, death, responses, events):
    """PFS1 of one patient in plain loops, from the words of the record and the decided rules alone."""
    found, last = [], None
    agent = min((day for kind, day in events if kind == "NEW THERAPEUTIC AGENT" and day >= start), default=None)
    for day, response in sorted(responses):
        if response == "NE" or day < start or (agent and day > agent):
            continue
        last = day
        if response != "PD":
            continue
        on_break = False
        for kind, when in sorted(events, key=lambda event: (event[1], event[0] == "THERAPY RESUMED")):
            if kind == "BREAK START" and when <= day:
                on_break = True
            if kind == "THERAPY RESUMED" and when < day:
                on_break = False
        resumed = any(kind == "THERAPY RESUMED" and day <= when <= month_later(day) for kind, when in events)
        if not on_break:
            found.append((day, 0, "OBJECTIVE PROGRESSION"))
        elif not resumed:
            found.append((day, 4, "PROGRESSION DURING BREAK"))
    order = {"SYMPTOMATIC DETERIORATION": 1, "NEW THERAPEUTIC AGENT": 2}
    found += [(day, order[kind], kind) for kind, day in events if kind in order and day >= start]
    if death and death >= start:
        found.append((death, 3, "DEATH"))
    if found:
        day, _, reason = min(found)
        return day, True, reason
    return (last, False, "LAST ADEQUATE ASSESSMENT") if last else (start, False, "NO ADEQUATE ASSESSMENT")


DAY = st.integers(-30, 240).map(lambda number: datetime.date(2020, 1, 1) + datetime.timedelta(days=number))
PATIENT = st.tuples(
    st.none() | DAY,
    st.dictionaries(DAY, st.sampled_from(["CR", "PR", "SD", "NON-CR/NON-PD", "PD", "PD", "NE"]), max_size=5),
    st.sets(st.tuples(st.sampled_from((*pfs1.PFS1_EVENTS[1:3], "BREAK START", "THERAPY RESUMED")), DAY), max_size=5),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(PATIENT, min_size=1, max_size=30))
def test_a_second_reading_of_the_record_agrees_on_random_patients(courses):
    start = datetime.date(2020, 1, 1)
    names = [f"p{number:03d}" for number in range(len(courses))]
    patients = pd.DataFrame(
        {"patient_id": names, "randomisation_date": start, "death_date": [death for death, _, _ in courses]}
    )
    responses = [
        {"patient_id": name, "assessment_date": day, "overall_response": response, "source_table": "measurements"}
        for name, (_, assessed, _) in zip(names, courses, strict=True)
        for day, response in assessed.items()
    ]
    events = [
        {"patient_id": name, "event": kind, "event_date": day}
        for name, (_, _, happened) in zip(names, courses, strict=True)
        for kind, day in happened
    ]
    derived, _ = pfs1.derive_pfs1(
        tables.conform(patients.astype({"randomisation_date": str}), "patients"),
        tables.conform(
            pd.DataFrame(responses, columns=["patient_id", "assessment_date", "overall_response", "source_table"]),
            "visit_response",
        ),
        tables.conform(pd.DataFrame(events, columns=["patient_id", "event", "event_date"]), "events"),
    )
    for row, (death, assessed, happened) in zip(derived.itertuples(), courses, strict=True):
        day, is_event, reason = second_reading(start, death, list(assessed.items()), list(happened))
        assert (row.pfs1_date.date(), bool(row.pfs1_event), row.pfs1_reason) == (day, is_event, reason)


def test_shuffled_rows_change_nothing():
    again = pfs1.derive_pfs1(*(frame.sample(frac=1, random_state=3) for frame in (PATIENTS, RESPONSES, EVENTS)))
    for one, other in zip(again, pfs1.derive_pfs1(PATIENTS, RESPONSES, EVENTS), strict=True):
        pd.testing.assert_frame_equal(one, other)
