"""References between tables: a reading leads to a patient, a scan and a lesion, and to no other patient's."""

import pandas as pd

from sonimage.cleaning.queries import query
from sonimage.faults import Fault

IMAGED_ON = {"measurements": ["CT"], "uptake": ["FES-PET", "FDG-PET"]}


def orphan_query(rows: pd.DataFrame, name: str, column: str, rule_id: str) -> pd.DataFrame:
    """A query for each row whose number in `column` leads nowhere."""
    words = {
        "severity": "error",
        "observed": "unknown number",
        "expected": "a number of the study",
        "action": "set aside",
    }
    return query(
        rows,
        name,
        column,
        rule_id=rule_id,
        remedy="Check the number at the source; nothing is guessed",
        **words,
    )


def keep_whole_references(frame: pd.DataFrame, name: str, lesions: pd.DataFrame, scans: pd.DataFrame):
    """Readings whose scan and lesion exist; the others are set aside with a query."""
    known = pd.MultiIndex.from_frame(lesions[["patient_id", "lesion_id"]])
    no_lesion = ~pd.MultiIndex.from_frame(frame[["patient_id", "lesion_id"]]).isin(known)
    no_scan = ~frame["scan_id"].isin(scans["scan_id"]).to_numpy()
    asides = [
        aside_rows(frame[no_scan], name, "no such scan"),
        aside_rows(frame[no_lesion & ~no_scan], name, "no such lesion"),
    ]
    queries = [
        orphan_query(frame[no_scan], name, "scan_id", "ORPHAN_SCAN"),
        orphan_query(frame[no_lesion & ~no_scan], name, "lesion_id", "ORPHAN_LESION"),
    ]
    return frame[~(no_scan | no_lesion)], pd.concat(asides), queries


def crossed_faults(frame: pd.DataFrame, name: str, scans: pd.DataFrame) -> list[Fault]:
    """A reading on another patient's scan, or on a scan of another kind."""
    scan = scans.set_index("scan_id")
    others = frame[frame["patient_id"] != frame["scan_id"].map(scan["patient_id"])]
    modality = frame["scan_id"].map(scan["modality"])
    kinds = frame.assign(modality=modality)[~modality.isin(IMAGED_ON[name])]
    return [
        Fault(
            row.source_file, row.source_row, "scan_id",
            "the scan belongs to another patient", "Correct patient or scan",
        )
        for row in others.itertuples()
    ] + [
        Fault(row.source_file, row.source_row, "scan_id", f"{name} on a {row.modality} scan", "Correct the scan number")
        for row in kinds.itertuples()
    ]  # fmt: skip


def aside_rows(rows: pd.DataFrame, name: str, reason: str | pd.Series) -> pd.DataFrame:
    """Rows of a table that are set aside, with the reason."""
    return rows[["source_file", "source_row"]].assign(table=name, reason=reason)
