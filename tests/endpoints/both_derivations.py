"""The answers of the library and of the second derivation, made alike cell by cell."""

import datetime as dt
import math

import pandas as pd
from endpoints import second_outcomes, second_readings, second_response
from endpoints.simulated_patients import TABLES
from sonimage.endpoints import best_response, lesion_change, lesion_sizes, pfs1, targets, visit_response
from sonimage.linking import visits

CONFIRMATION = {"confirmation_days": 28, "confirmation_max_ne": 1, "confirmation_accept_sd": False}


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
    assessments = second_readings.visits(patient, scans, measurements)
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
    readings = second_readings.read_patient(lesions, measurements, assessments)
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
