"""References that lead nowhere in bulk, and tables that end early: faults of the delivery, since queries would be a pile.

One reading without its lesion is a query. Most readings without one mean exchanged columns or numbers that a spreadsheet
has rewritten, and the run stops.
"""

import pandas as pd

from sonimage.faults import Fault
from sonimage.tables import LESION

LEAST_TAIL = 2  # patients at the end of a table without any reading, before it looks cut off


def lost_reference_faults(
    readings: pd.DataFrame, name: str, lesions: pd.DataFrame, scans: pd.DataFrame, *, share: float, minimum: int
) -> list[Fault]:
    """A fault if more than `share` of the readings, and at least `minimum`, lead to no lesion, or to no scan.

    A table without rows loses nothing: its readings are queries, one by one.
    """
    no_lesion = ~pd.MultiIndex.from_frame(readings[LESION]).isin(pd.MultiIndex.from_frame(lesions[LESION]))
    no_scan = ~readings["scan_id"].isin(scans["scan_id"]).to_numpy()
    faults = []
    for lost, column, known in ((no_lesion, "lesion_id", lesions), (no_scan, "scan_id", scans)):
        if len(known) and lost.sum() >= minimum and lost.sum() > share * len(readings):
            first = readings[lost].iloc[0]
            rule = f"{lost.sum()} of {len(readings)} {name} lead to no {column.removesuffix('_id')} of their patient"
            remedy = _what_may_have_happened(readings[lost], column, known)
            faults.append(Fault(first["source_file"], int(first["source_row"]), column, rule, remedy))
    return faults


def _what_may_have_happened(lost: pd.DataFrame, column: str, known: pd.DataFrame) -> str:
    """Which slip would explain most of the lost references."""
    numbers = set(known[column])
    rewritten = lost[column].str.replace(r"\.0+$", "", regex=True).str.lstrip("0")
    if rewritten.isin({number.removesuffix(".0").lstrip("0") for number in numbers}).mean() > 0.5:
        return f"A spreadsheet has rewritten the numbers (1.0 or 01 for 1): export {column} as text"
    others = [other for other in ("lesion_id", "scan_id", "patient_id") if other != column]
    swapped = [other for other in others if lost[other].isin(numbers).mean() > 0.5]
    if swapped:
        return f"{column} stands in the column of {swapped[0]}: are two column names exchanged in the file or the export map?"
    return (
        "Are two columns exchanged, or are the numbers of this file another system's? Declare a key in the export map"
    )


def truncated_table_faults(
    measurements: pd.DataFrame, lesions: pd.DataFrame, scans: pd.DataFrame, patients: pd.DataFrame
) -> list[Fault]:
    """A fault where the last patients of a centre have CTs and target lesions and no size: the table may be cut off.

    Target lesions are chosen when a CT is read, so sizes must follow. Only a tail counts: if any earlier patient of the
    centre lacks sizes too, or fewer than two patients do, they are left to the queries.
    """
    targets = lesions[
        (lesions["role"] == "TARGET") & lesions["patient_id"].isin(scans.loc[scans["modality"] == "CT", "patient_id"])
    ]
    ordered = targets.sort_values(["source_file", "source_row"]).drop_duplicates("patient_id")
    centre = ordered["patient_id"].map(patients.set_index("patient_id")["centre"]).fillna("")
    ordered = ordered.assign(centre=centre, is_read=ordered["patient_id"].isin(measurements["patient_id"]))
    by_centre = ordered.groupby("centre", sort=True)["is_read"]
    n_read, n_before_gap = by_centre.sum(), by_centre.cummin().groupby(ordered["centre"]).sum()
    n_tail = by_centre.size() - n_read
    torn = n_tail[(n_read > 0) & (n_read == n_before_gap) & (n_tail >= LEAST_TAIL)]
    if not len(torn):
        return []
    last = measurements.sort_values(["source_file", "source_row"]).iloc[-1]
    rule = f"the last {int(torn.sum())} patients have CTs and target lesions and no size"
    return [
        Fault(
            last["source_file"], int(last["source_row"]), None, rule, "The table may be cut off here: export it again"
        )
    ]
