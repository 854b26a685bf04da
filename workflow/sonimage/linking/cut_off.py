"""The data cut-off: what is dated after it is set aside."""

import pandas as pd

from sonimage.linking.references import IMAGED_ON, aside_rows

PATIENT_DATES_AFTER = ("withdrawal_date", "last_contact_date", "death_date")

# Date that places a record in time; records after the cut-off are set aside.
DATED = {"scans": "scan_date", "assessments": "assessment_date", "events": "event_date"}


def apply_cut_off(linked: dict[str, pd.DataFrame], data_cut_off: str | None):
    """Records dated after the cut-off are set aside; a patient's later dates are unknown at the cut-off."""
    if not data_cut_off:
        return linked, []
    day, scans, patients = pd.Timestamp(data_cut_off), linked["scans"], linked["patients"]
    late = {name: linked[name][column] > day for name, column in DATED.items()}
    late |= {name: linked[name]["scan_id"].isin(scans.loc[late["scans"], "scan_id"]) for name in IMAGED_ON}
    asides = [aside_rows(linked[name][rows], name, "after the data cut-off") for name, rows in late.items()]
    hidden = {column: patients[column].mask(patients[column] > day) for column in PATIENT_DATES_AFTER}
    return linked | {name: linked[name][~rows] for name, rows in late.items()} | {
        "patients": patients.assign(**hidden)
    }, asides
