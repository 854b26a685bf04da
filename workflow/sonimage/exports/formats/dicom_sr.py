"""DICOM structured reports of lesion measurements (TID 1500, PS3.16), read by highdicom: an optional extra.

One row per measurement group, which is one lesion. Each measurement is a column named `<name> <derivation> [<unit>]`, as in
`SUVbw Maximum [{SUVbw}g/ml]`. Names of patients and observers are not read.
"""

from typing import BinaryIO

import pandas as pd

from sonimage.exports.sources import from_file
from sonimage.faults import Fault, FaultError

TAGS = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "StudyDate", "SeriesDate", "ContentDate")
GROUPS = ("get_volumetric_roi_measurement_groups", "get_planar_roi_measurement_groups", "get_image_measurement_groups")


def read(content: BinaryIO, name: str, entry: dict) -> pd.DataFrame:
    """Read one report; `source_row` is the number of the measurement group. Raises FaultError with words for people."""
    try:
        import highdicom.sr
    except ImportError:
        remedy = "Install it: uv sync --extra sr, or pip install highdicom"
        raise FaultError([Fault(name, None, None, "structured reports need the package highdicom", remedy)]) from None
    try:
        report = highdicom.sr.srread(content)
        groups = [group for kind in GROUPS for group in getattr(report.content, kind)()]
    except Exception:  # highdicom and pydicom raise a dozen kinds for a file that is none
        rule, remedy = "not a structured report of measurements (TID 1500)", "Export the report again"
        raise FaultError([Fault(name, None, None, rule, remedy)]) from None
    if not groups:
        raise FaultError([Fault(name, None, None, "no measurement group", "Was the report saved empty?")])
    shared = {tag: str(report.get(tag, "") or "") for tag in TAGS}
    rows = [shared | _lesion(group) | _measurements(group) for group in groups]
    return from_file(pd.DataFrame(rows, dtype=object).fillna(""), name, range(1, len(rows) + 1))


def _lesion(group) -> dict[str, str]:
    site = group.finding_sites[0] if group.finding_sites else None
    side = getattr(site, "laterality", None)
    return {
        "TrackingIdentifier": str(group.tracking_identifier or ""),
        "TrackingUID": str(group.tracking_uid or ""),
        "Finding": group.finding_type.meaning if group.finding_type else "",
        "FindingSite": site.value.meaning if site else "",
        "Laterality": side.meaning if side else "",
    }


def _measurements(group) -> dict[str, str]:
    found = {}
    for one in group.get_measurements():
        words = [one.name.meaning, one.derivation.meaning if one.derivation else "", f"[{one.unit.value}]"]
        found[" ".join(filter(None, words))] = f"{float(one.value):.15g}"
    return found
