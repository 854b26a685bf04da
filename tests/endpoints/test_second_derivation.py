"""The library against a second derivation: 2,000 simulated patients, 1,000 series of responses, the example study.

`second_response` and `second_outcomes` are plain loops, written by another hand from the registry record, RECIST 1.1 and
the study's decisions without sight of the library (double programming). docs/decisions.md says where the two differed
at first, and which of them was changed.
"""

import random

import pandas as pd
import pytest
from endpoints import second_outcomes
from endpoints.both_derivations import (
    BEST_COLUMNS,
    add,
    by_patient,
    differences,
    library,
    library_best,
    library_cells,
    records,
    same,
    second_cells,
)
from endpoints.simulated_courses import TABLES
from endpoints.simulated_patients import simulate, simulate_responses
from first_stages import example_study
from hypothesis import given, settings
from hypothesis import strategies as st
from sonimage import tables

pytestmark = pytest.mark.slow

KINDS = {"whole lesions": 1100, "split": 300, "merged": 300, "read twice": 300}  # 2,000 patients
N_RESPONSES = 1000


@pytest.fixture(scope="module")
def cohort():
    return simulate(KINDS, seed=20250918)


@pytest.fixture(scope="module")
def found(cohort):
    return differences(cohort)


@pytest.fixture(scope="module")
def study():
    """The example study's linked tables; patients who were never randomised have no outcome to compare."""
    linked = example_study()
    randomised = linked["patients"].loc[linked["patients"]["randomisation_date"].notna(), "patient_id"]
    return {name: linked[name][linked[name]["patient_id"].isin(randomised)] for name in TABLES}


@pytest.fixture(scope="module")
def investigator():
    return simulate_responses(N_RESPONSES, seed=2025)


def test_best_response_of_any_sequence_agrees(investigator):
    patients, response, events = investigator
    theirs = {}
    no_sums = tables.conform(pd.DataFrame({"patient_id": []}), "target_sums")
    for row in records(library_best(patients, response, no_sums, events)):
        add(theirs, "best_response", row, None, BEST_COLUMNS)
    people = records(patients)
    responses = by_patient(response, [row["patient_id"] for row in people])
    agents = by_patient(events, responses)
    wrong = []
    for patient in people:
        patient_id = patient["patient_id"]
        best = second_outcomes.best_response(patient, responses[patient_id], agents[patient_id])
        for column, value in best.items():
            if not same(theirs["best_response", patient_id, None, column], value):
                story = [(days_of(row, patient), row["overall_response"]) for row in responses[patient_id]]
                agent = [days_of(row, patient, "event_date") for row in agents[patient_id]]
                key = (column, patient_id, story, agent)
                wrong.append((key, theirs["best_response", patient_id, None, column], value))
    assert not wrong, f"{len(wrong)} cells differ\n{show(wrong)}"


def days_of(row, patient, column="assessment_date"):
    return (row[column] - patient["randomisation_date"]).days


def show(found):
    return "\n".join(f"{key}: library {one!r}, second {other!r}" for key, one, other in found[:20])


@pytest.mark.parametrize("table", ["visits", "target_sums", "visit_response", "best_response", "lesion_change", "pfs1"])
@pytest.mark.parametrize("kind", KINDS)
def test_simulated_patients_agree(found, kind, table):
    wrong = [one for one in found if one[0][0] == table and one[0][1].startswith(kind)]
    patients = {key[1] for key, _, _ in wrong}
    assert not wrong, f"{len(wrong)} cells of {len(patients)} patients differ\n{show(wrong)}"


def test_simulation_reaches_every_answer(cohort):
    cells = second_cells(cohort)
    seen = {}
    for (_, _, _, column), value in cells.items():
        seen.setdefault(column, set()).add(value)
    assert seen["visit_role"] == {"BEFORE BASELINE", "BASELINE", "LATE BASELINE", "FOLLOW-UP", "NO BASELINE"}
    assert seen["target_response"] == {"CR", "PR", "SD", "PD", "NE", None}
    assert seen["nontarget_response"] == {"CR", "NON-CR/NON-PD", "PD", "NE", None}
    for column in ("overall_response", "overall_response_strict"):
        assert seen[column] == set(second_outcomes.BEST_FIRST)
    assert seen["best_response"] == seen["confirmed_best_response"] == {*second_outcomes.BEST_FIRST, None}
    assert seen["pfs1_reason"] == {*second_outcomes.PFS1_ORDER, "CENSORED"}


def rearranged(frames, rng):
    """The same tables with shuffled rows and columns, and every CT delivered a second time on its day."""
    again = {"scan_id": frames["scans"]["scan_id"] + " again"}
    scans = pd.concat([frames["scans"], frames["scans"].assign(**again)])
    repeated = frames["measurements"].assign(scan_id=frames["measurements"]["scan_id"] + " again")
    frames = frames | {"scans": scans, "measurements": pd.concat([frames["measurements"], repeated])}
    for name, frame in frames.items():
        columns = rng.sample(list(frame.columns), frame.shape[1])
        frames[name] = frame.sample(frac=1, random_state=rng.randrange(2**32))[columns].reset_index(drop=True)
    return frames


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_and_duplicate_delivery_change_nothing(seed):
    frames = simulate(dict.fromkeys(KINDS, 40), seed=seed)
    before = library_cells(library(frames))
    after = library_cells(library(rearranged(frames, random.Random(seed))))
    doubled = [key for key in after if key[0] == "visits" and key[2].endswith(" again")]
    for key in doubled:
        table, patient_id, scan_id, column = key
        assert after.pop(key) == after[table, patient_id, scan_id.removesuffix(" again"), column]
    assert after == before


def test_example_study_agrees(study):
    found = differences(study)
    assert not found, f"{len(found)} cells differ\n{show(found)}"
