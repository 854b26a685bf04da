"""The size of every lesion at every assessment, in whole hundredths of a millimetre so that comparisons are exact.

RECIST 1.1 section 4.2 and 4.3: long axis, short axis for nodes; present but too small to measure counts 5 mm;
absent counts 0; not evaluable is missing.
"""

import numpy as np
import pandas as pd

from sonimage import tables

HUNDREDTHS = 100
TOO_SMALL_MM = 5  # RECIST 1.1 section 4.3.1
NODE_NORMAL_MM = 10  # RECIST 1.1 section 4.3.1: a node under 10 mm short axis is normal
JUDGED = ("BASELINE", "LATE BASELINE", "FOLLOW-UP")
BASELINES = ("BASELINE", "LATE BASELINE")
LESION, ASSESSMENT = ["patient_id", "lesion_id"], ["patient_id", "assessment_date"]


def size_lesions(lesions: pd.DataFrame, measurements: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Return one row per lesion and assessment with a recorded state, from baseline on.

    Columns: patient_id, lesion_id, assessment_date, is_baseline, role, organ, is_node, merged_into, state, hundredths
    (size, float with NaN where missing), is_floor (5 mm entered for too small), is_present, is_progressive, source_file
    and source_row.
    Of two readings of one lesion within an assessment the larger counts, and a reading before none.
    """
    judged = visits.loc[visits["visit_role"].isin(JUDGED), [*ASSESSMENT, "scan_id", "visit_role"]]
    read = measurements.merge(judged, on=["patient_id", "scan_id"], validate="many_to_one")
    read = read.merge(lesions[[*LESION, "role", "organ", "is_node", "merged_into"]], on=LESION, validate="many_to_one")
    is_node = tables.known_true(read["is_node"])
    read = read.assign(is_node=is_node, is_baseline=read["visit_role"].isin(BASELINES), hundredths=_hundredths(read))
    too_small = (read["state"] == "TOO SMALL TO MEASURE") & read["diameter_mm"].isna()
    read = read.assign(is_floor=too_small, is_progressive=read["state"] == "UNEQUIVOCAL PROGRESSION")
    read = read.assign(is_present=_is_present(read))
    order = [*LESION, "assessment_date", "is_progressive", "is_present", "hundredths", "source_file", "source_row"]
    descending = {"is_progressive", "is_present", "hundredths"}
    read = read.sort_values(order, ascending=[name not in descending for name in order], na_position="last")
    kept = read.drop_duplicates([*LESION, "assessment_date"])
    return kept.drop(columns=["scan_id", "visit_role", "diameter_mm"]).reset_index(drop=True)


def _hundredths(read: pd.DataFrame) -> np.ndarray:
    size = (read["diameter_mm"] * HUNDREDTHS).round()
    no_size = size.isna()
    size = size.mask(no_size & (read["state"] == "TOO SMALL TO MEASURE"), TOO_SMALL_MM * HUNDREDTHS)
    size = size.mask(read["state"] == "ABSENT", 0)
    return size.mask(read["state"] == "NOT EVALUABLE").to_numpy(dtype=float)


def _is_present(read: pd.DataFrame) -> pd.Series:
    """Seen on this CT; a node whose short axis is recorded under 10 mm is normal, not present."""
    seen = read["state"].isin(["MEASURED", "TOO SMALL TO MEASURE", "PRESENT", "UNEQUIVOCAL PROGRESSION"])
    size = read["hundredths"]
    normal_node = read["is_node"] & (size < NODE_NORMAL_MM * HUNDREDTHS)
    return seen & ~(size == 0) & ~(normal_node & (read["state"] != "UNEQUIVOCAL PROGRESSION"))


def follow_ups(visits: pd.DataFrame) -> pd.DataFrame:
    """Patient and date of each assessment after baseline."""
    return visits.loc[visits["visit_role"] == "FOLLOW-UP", ASSESSMENT].drop_duplicates().sort_values(ASSESSMENT)
