"""Sensitivity definitions of PFS1, worked patient by patient, on a study whose dates a clinician can count."""

import pandas as pd
import pytest
from project import CONFIG
from sonimage import tables
from sonimage.endpoints.pfs1 import derive_pfs1
from sonimage.endpoints.pfs1_definitions import derive_pfs1_definitions
from sonimage.summaries.progression import summarise_definitions
from worked_tables import table

DEFINITIONS = CONFIG["pfs1"]["definitions"]

# randomised on 1 January, treated from then on; CTs every 84 days fall on 25 March, 17 June, 9 September
PATIENTS = table(
    """
    patient_id  | randomisation_date | first_treatment_date | death_date | source_row
    progressed  | 2020-01-01         | 2020-01-01           | -          | 2
    new_agent   | 2020-01-01         | 2020-01-01           | -          | 3
    worsened    | 2020-01-01         | 2020-01-01           | -          | 4
    in_break    | 2020-01-01         | 2020-01-01           | -          | 5
    died        | 2020-01-01         | 2020-01-01           | 2020-07-01 | 6
    died_unseen | 2020-01-01         | 2020-01-01           | 2020-12-24 | 7
    between     | 2020-01-01         | 2020-01-01           | 2020-09-01 | 8
    first_scan  | 2020-01-01         | 2020-01-01           | -          | 9
    treated     | 2020-01-01         | 2019-12-20           | -          | 10
    event_free  | 2020-01-01         | 2020-01-01           | -          | 11
    no_fes      | 2020-01-01         | 2020-01-01           | -          | 12
    """,
    "patients",
)
RESPONSES = table(
    """
    patient_id  | assessment_date | overall_response | source_table | source_row
    progressed  | 2020-03-25      | SD               | measurements | 1
    progressed  | 2020-06-20      | PD               | measurements | 2
    new_agent   | 2020-03-25      | SD               | measurements | 3
    new_agent   | 2020-06-17      | PD               | measurements | 4
    worsened    | 2020-03-25      | SD               | measurements | 5
    in_break    | 2020-03-25      | SD               | measurements | 6
    in_break    | 2020-06-17      | PD               | measurements | 7
    died        | 2020-03-25      | SD               | measurements | 8
    died        | 2020-06-17      | SD               | measurements | 9
    died_unseen | 2020-06-17      | SD               | measurements | 10
    between     | 2020-03-25      | SD               | measurements | 11
    between     | 2020-08-01      | PD               | measurements | 12
    first_scan  | 2020-03-25      | PD               | measurements | 13
    treated     | 2020-03-25      | PD               | measurements | 14
    event_free  | 2020-03-25      | SD               | measurements | 15
    no_fes      | 2020-03-25      | PD               | measurements | 16
    """,
    "visit_response",
)
EVENTS = table(
    """
    patient_id | event                     | event_date | source_row
    new_agent  | NEW THERAPEUTIC AGENT     | 2020-05-01 | 2
    worsened   | SYMPTOMATIC DETERIORATION | 2020-05-01 | 3
    in_break   | BREAK START               | 2020-06-01 | 4
    """,
    "events",
)
PET = table(
    """
    patient_id  | fes_scan_date
    progressed  | 2020-01-11
    new_agent   | 2019-12-20
    worsened    | 2019-12-20
    in_break    | 2019-12-20
    died        | 2019-12-20
    died_unseen | 2019-12-20
    between     | 2019-12-20
    first_scan  | 2020-03-30
    treated     | 2019-12-20
    event_free  | 2019-12-20
    """,
    "pet_baselines",
)
DERIVED = derive_pfs1_definitions(
    PATIENTS, RESPONSES, EVENTS, PET, definitions=DEFINITIONS, interval_days=84, window_days=28
).set_index(["definition", "patient_id"])

EXPECTED = table(
    """
    definition | patient_id  | pfs1_date  | pfs1_event | pfs1_days | pfs1_reason
    S0         | progressed  | 2020-06-20 | True       | 172       | OBJECTIVE PROGRESSION
    S0         | new_agent   | 2020-05-01 | True       | 122       | NEW THERAPEUTIC AGENT
    S0         | worsened    | 2020-05-01 | True       | 122       | SYMPTOMATIC DETERIORATION
    S0         | in_break    | 2020-06-17 | True       | 169       | PROGRESSION DURING BREAK
    S0         | died_unseen | 2020-12-24 | True       | 359       | DEATH
    S1         | progressed  | 2020-06-20 | True       | 172       | OBJECTIVE PROGRESSION
    S1         | new_agent   | 2020-03-25 | False      | 85        | LAST ADEQUATE ASSESSMENT
    S1         | worsened    | 2020-03-25 | False      | 85        | LAST ADEQUATE ASSESSMENT
    S1         | in_break    | 2020-03-25 | False      | 85        | LAST ADEQUATE ASSESSMENT
    S1         | died        | 2020-07-01 | True       | 183       | DEATH
    S1         | died_unseen | 2020-12-24 | True       | 359       | DEATH
    S2         | died        | 2020-07-01 | True       | 183       | DEATH
    S2         | died_unseen | 2020-06-17 | False      | 169       | LAST ADEQUATE ASSESSMENT
    S2         | progressed  | 2020-06-20 | True       | 172       | OBJECTIVE PROGRESSION
    S3         | new_agent   | 2020-06-17 | True       | 169       | OBJECTIVE PROGRESSION
    S3         | worsened    | 2020-05-01 | True       | 122       | SYMPTOMATIC DETERIORATION
    S4         | progressed  | 2020-06-17 | True       | 169       | OBJECTIVE PROGRESSION
    S4         | between     | 2020-09-01 | True       | 245       | DEATH
    S4         | first_scan  | 2020-03-25 | True       | 85        | OBJECTIVE PROGRESSION
    S4         | died        | 2020-07-01 | True       | 183       | DEATH
    S6         | progressed  | 2020-05-07 | True       | 128       | OBJECTIVE PROGRESSION
    S6         | first_scan  | 2020-02-12 | True       | 43        | OBJECTIVE PROGRESSION
    S6         | died        | 2020-07-01 | True       | 183       | DEATH
    S9         | progressed  | 2020-06-20 | True       | 162       | OBJECTIVE PROGRESSION
    S9         | new_agent   | 2020-05-01 | True       | 122       | NEW THERAPEUTIC AGENT
    S9         | first_scan  | -          | -          | -         | ENDED BEFORE THE LANDMARK
    S9         | treated     | -          | -          | -         | ENDOCRINE THERAPY BEFORE RANDOMISATION
    S9         | no_fes      | -          | -          | -         | NO FES-PET
    """
)


@pytest.mark.parametrize("row", EXPECTED.to_dict("records"), ids=lambda row: f"{row['definition']}-{row['patient_id']}")
def test_worked_patient(row):
    found = DERIVED.loc[(row["definition"], row["patient_id"])]
    shown = {
        "pfs1_date": found["pfs1_date"].strftime("%Y-%m-%d") if pd.notna(found["pfs1_date"]) else None,
        "pfs1_event": str(found["pfs1_event"]) if pd.notna(found["pfs1_event"]) else None,
        "pfs1_days": str(found["pfs1_days"]) if pd.notna(found["pfs1_days"]) else None,
        "pfs1_reason": found["pfs1_reason"],
    }
    assert shown == {name: value if isinstance(value, str) else None for name, value in row.items() if name in shown}


def test_the_first_definition_is_pfs1_itself():
    pfs1, _ = derive_pfs1(PATIENTS, RESPONSES, EVENTS)
    first = DERIVED.loc["S0"].reset_index()[pfs1.columns]
    pd.testing.assert_frame_equal(first, pfs1)


@pytest.mark.parametrize(
    "patient, lower_day, upper_day",
    [
        ("progressed", 85, 172),  # between the SD of 25 March and the CT of 20 June
        ("first_scan", 0, 85),  # no assessment before: from randomisation on
        ("worsened", 85, 122),  # found between visits
        ("new_agent", 122, 122),  # its day is known
        ("died", 183, 183),
        ("event_free", 85, None),
    ],
)
def test_the_interval_in_which_an_event_happened(patient, lower_day, upper_day):
    row = DERIVED.loc[("S5", patient)]
    assert row["interval_lower_months"] * 30.4375 == pytest.approx(lower_day)
    upper = row["interval_upper_months"]
    assert pd.isna(upper) if upper_day is None else upper * 30.4375 == pytest.approx(upper_day)


def test_an_unscheduled_progression_moves_to_the_next_visit_and_a_late_one_back_to_its_own():
    alive = PATIENTS.assign(death_date=pd.NaT)
    derived = derive_pfs1_definitions(
        alive, RESPONSES, EVENTS, PET, definitions=DEFINITIONS, interval_days=84, window_days=28
    ).set_index(["definition", "patient_id"])
    assert derived.loc[("S4", "between"), "pfs1_date"] == pd.Timestamp("2020-09-09")
    assert derived.loc[("S4", "progressed"), "pfs1_date"] == pd.Timestamp("2020-06-17")


def test_every_definition_has_every_patient_and_the_shape_of_pfs1():
    for definition in DEFINITIONS:
        rows = DERIVED.loc[definition["id"]]
        assert list(rows.index) == sorted(PATIENTS["patient_id"])


def test_shuffled_rows_change_nothing():
    shuffled = [frame.sample(frac=1, random_state=5) for frame in (PATIENTS, RESPONSES, EVENTS, PET)]
    again = derive_pfs1_definitions(*shuffled, definitions=DEFINITIONS, interval_days=84, window_days=28)
    pd.testing.assert_frame_equal(again.set_index(["definition", "patient_id"]), DERIVED)


def test_the_summary_counts_every_patient_once_and_those_who_differ():
    summary = summarise_definitions(DERIVED.reset_index(), DEFINITIONS)
    assert (summary.groupby("definition")["n"].sum() == len(PATIENTS)).all()
    differ = summary.drop_duplicates("definition").set_index("definition")["n_differ"]
    assert differ["S0"] == 0 and differ["S1"] == 3 and differ["S2"] == 4 and differ["S3"] == 1
    assert tables.conform(summary, "pfs1_definition_summary").equals(summary)
