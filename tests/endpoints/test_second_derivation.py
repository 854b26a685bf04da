"""The library against a second derivation: 2,000 simulated patients, 1,000 series of responses, the example study.

`second_response` and `second_outcomes` are plain loops, written by another hand from the registry record, RECIST 1.1 and
the study's decisions without sight of the library (double programming). docs/decisions.md says where the two differed
at first, and which of them was changed.
"""

import datetime as dt
import math
import random

import pandas as pd
import pytest
from endpoints import second_outcomes, second_response
from endpoints.simulated_patients import TABLES, simulate, simulate_responses
from first_stages import example_study
from hypothesis import given, settings
from hypothesis import strategies as st
from sonimage import tables
from sonimage.endpoints import best_response, lesion_change, lesion_sizes, pfs1, targets, visit_response
from sonimage.linking import visits

CONFIRMATION = {"confirmation_days": 28, "confirmation_max_ne": 1, "confirmation_accept_sd": False}
KINDS = {"whole lesions": 1100, "split": 300, "merged": 300, "read twice": 300}  # 2,000 patients
N_RESPONSES = 1000


def library(tables_in: dict) -> dict:
    """All calls to the library. Returns its six result tables by name."""
    patients, scans, lesions, measurements, events = (tables_in[name] for name in TABLES)
    linked = visits.link_visits(patients, scans, measurements, pooling_days=7, late_baseline_days=28)
    sizes = lesion_sizes.size_lesions(lesions, measurements, linked)
    sums = targets.sum_targets(targets.follow_target_lesions(sizes), sizes)
    target_sums = targets.derive_target_sums(sums)
    response = visit_response.derive_visit_response(sizes, sums, keep_partial_response=True)
    best = library_best(patients, response, target_sums, events)
    change = lesion_change.derive_lesion_change(sizes, sums, response, patients, events)
    survival, _ = pfs1.derive_pfs1(patients, response, events)
    return {
        "visits": linked,
        "target_sums": target_sums,
        "visit_response": response,
        "best_response": best,
        "lesion_change": change,
        "pfs1": survival,
    }


def library_best(patients, response, target_sums, events):
    settings = {"sd_min_days": 42, "clinical_benefit_days": 168, "confirmation": CONFIRMATION}
    return best_response.derive_best_response(patients, response, target_sums, events, **settings)


# ----------------------------------------------------------------------------------------- both answers, made alike


def plain(value):
    """One cell as plain Python; missing is None."""
    if isinstance(value, pd.Timestamp | dt.datetime):
        return None if pd.isna(value) else value.date()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def records(frame):
    columns = [[plain(value) for value in frame[column]] for column in frame]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def by_patient(frame, patient_ids):
    groups = {patient_id: [] for patient_id in patient_ids}
    for row in records(frame):
        groups[row["patient_id"]].append(row)
    return groups


def library_cells(results):
    """(table, patient, row, column) -> value, as the library has it."""
    cells = {}
    for row in records(results["visits"]):
        for column in ("assessment_date", "visit_role"):
            cells["visits", row["patient_id"], row["scan_id"], column] = row[column]
    for row in records(results["target_sums"]):
        for column in ("sum_mm", "baseline_sum_mm", "nadir_sum_mm", "change_from_nadir_mm"):
            row[column] = None if row[column] is None else round(100 * row[column])
        add(cells, "target_sums", row, row["assessment_date"], SUM_COLUMNS)
    for row in records(results["visit_response"]):
        add(cells, "visit_response", row, row["assessment_date"], RESPONSE_COLUMNS)
    for row in records(results["best_response"]):
        add(cells, "best_response", row, None, BEST_COLUMNS)
    for row in records(results["lesion_change"]):
        for column in ("baseline_mm", "best_mm"):
            row[column] = None if row[column] is None else round(100 * row[column])
        add(cells, "lesion_change", row, row["lesion_id"], LESION_COLUMNS)
    for row in records(results["pfs1"]):
        if not row["pfs1_event"]:
            assert row["pfs1_reason"] not in second_outcomes.PFS1_ORDER
            row["pfs1_reason"] = "CENSORED"
        add(cells, "pfs1", row, None, PFS1_COLUMNS)
    return {key: value for key, value in cells.items() if key[0] != "target_sums" or value is not None}


def add(cells, table, row, name, columns):
    for column in columns:
        cells[table, row["patient_id"], name, column] = row[column]


SUM_COLUMNS = {
    "sum_mm": "sum",
    "baseline_sum_mm": "baseline",
    "nadir_sum_mm": "nadir",
    "change_from_baseline_percent": "change_from_baseline_percent",
    "change_from_nadir_percent": "change_from_nadir_percent",
    "change_from_nadir_mm": "change_from_nadir",
    "is_complete": "is_complete",
}
RESPONSE_COLUMNS = (
    "target_response",
    "nontarget_response",
    "new_lesion",
    "overall_response",
    "overall_response_strict",
)
BEST_COLUMNS = (
    "best_response",
    "best_response_date",
    "confirmed_best_response",
    "best_change_percent",
    "clinical_benefit",
)
LESION_COLUMNS = {
    "baseline_mm": "baseline",
    "best_mm": "best",
    "best_date": "best_date",
    "best_change_percent": "best_change_percent",
    "change_at_patient_nadir_percent": "change_at_patient_nadir_percent",
}
PFS1_COLUMNS = ("pfs1_date", "pfs1_event", "pfs1_days", "pfs1_months", "pfs1_reason")


def second_cells(tables_in):
    """(table, patient, row, column) -> value, as the loops have it, patient by patient."""
    patients = {row["patient_id"]: row for row in records(tables_in["patients"])}
    groups = {name: by_patient(tables_in[name], patients) for name in TABLES}
    cells = {}
    for patient_id, patient in patients.items():
        scans = [row for row in groups["scans"][patient_id] if row["modality"] == "CT"]
        measurements = groups["measurements"][patient_id]
        for row in measurements:
            row["size"] = None if row["diameter_mm"] is None else round(100 * row["diameter_mm"])
        answer_one(
            cells, patient_id, patient, scans, groups["lesions"][patient_id], measurements, groups["events"][patient_id]
        )
    return {key: value for key, value in cells.items() if key[0] != "target_sums" or value is not None}


def answer_one(cells, patient_id, patient, scans, lesions, measurements, events):
    assessments = second_response.visits(patient, scans, measurements)
    for day, scan_ids, role in assessments:
        for scan_id in scan_ids:
            cells["visits", patient_id, scan_id, "assessment_date"] = day
            cells["visits", patient_id, scan_id, "visit_role"] = role
    responses = second_response.visit_response(lesions, measurements, assessments)
    for row in responses:
        add(cells, "visit_response", {"patient_id": patient_id, **row}, row["assessment_date"], RESPONSE_COLUMNS)
        if row["baseline"] is not None:
            for column, name in SUM_COLUMNS.items():
                cells["target_sums", patient_id, row["assessment_date"], column] = row[name]
    add_baseline_sum(cells, patient_id, assessments, responses, lesions, measurements)
    best = second_outcomes.best_response(patient, responses, events)
    add(cells, "best_response", {"patient_id": patient_id, **best}, None, BEST_COLUMNS)
    for row in second_outcomes.lesion_change(patient, lesions, measurements, assessments, responses, events):
        for column, name in LESION_COLUMNS.items():
            cells["lesion_change", patient_id, row["lesion_id"], column] = row[name]
    survival = second_outcomes.pfs1(patient, responses, events)
    days = (survival["date"] - patient["randomisation_date"]).days + 1
    row = {f"pfs1_{name}": value for name, value in survival.items()}
    row = {"patient_id": patient_id, **row, "pfs1_days": days, "pfs1_months": days / 30.4375}
    add(cells, "pfs1", row, None, PFS1_COLUMNS)


def add_baseline_sum(cells, patient_id, assessments, responses, lesions, measurements):
    # Decided, Sums: target_sums has the baseline row, changes 0 and nadir empty.
    at = second_response.baseline_index(assessments)
    if at is None:
        return
    readings = second_response.read_patient(lesions, measurements, assessments)
    chosen, _ = second_response.baseline_lesions(lesions, readings, at)
    if not chosen:
        return
    total = sum(readings[lesion["lesion_id"]][at]["size"] for lesion in chosen)
    assert all(row["baseline"] == total for row in responses)
    first = {"sum_mm": total, "baseline_sum_mm": total, "is_complete": True, "nadir_sum_mm": None}
    first |= dict.fromkeys(("change_from_baseline_percent", "change_from_nadir_percent", "change_from_nadir_mm"), 0)
    for column, value in first.items():
        cells["target_sums", patient_id, assessments[at][0], column] = value


def same(one, other):
    if isinstance(one, float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-9)
    return one == other


def differences(tables_in):
    """Every cell on which the two disagree: (key, library, second derivation); absent where one has no such row."""
    theirs, ours = library_cells(library(tables_in)), second_cells(tables_in)
    found = []
    for key in sorted(theirs.keys() | ours.keys(), key=str):
        one, other = theirs.get(key, "absent"), ours.get(key, "absent")
        if not same(one, other):
            found.append((key, one, other))
    return found


# ------------------------------------------------------------------------------------------------------------ tests


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
