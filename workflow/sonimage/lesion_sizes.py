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
    Of two readings of one lesion within an assessment the larger counts, and a reading before none. A lesion that has
    fallen apart has the sum of its fragments (RECIST 1.1 section 4.4).
    """
    judged = visits.loc[visits["visit_role"].isin(JUDGED), [*ASSESSMENT, "scan_id", "visit_role"]]
    read = measurements.merge(judged, on=["patient_id", "scan_id"], validate="many_to_one")
    about = lesions[[*LESION, "role", "organ", "is_node", "merged_into", "split_from"]]
    read = _with_their_fragments(read.merge(about, on=LESION, validate="many_to_one"), about)
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


def _with_their_fragments(read: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """Readings of fragments (`split_from`) added to those of the lesion they came from; unread fragments make it unread."""
    is_fragment = read["split_from"].notna()
    if not is_fragment.any():
        return read.drop(columns="split_from")
    parent = read["split_from"].fillna(read["lesion_id"])
    split = pd.MultiIndex.from_arrays([read["patient_id"], parent, read["scan_id"]])
    concerned = split.isin(split[is_fragment])
    pieces = read[concerned].assign(lesion_id=parent[concerned])
    size = pieces["diameter_mm"].mask(pieces["diameter_mm"].isna() & (pieces["state"] == "ABSENT"), 0)
    small = pieces["diameter_mm"].isna() & (pieces["state"] == "TOO SMALL TO MEASURE")
    pieces = pieces.assign(size=size.mask(small, TOO_SMALL_MM), order=is_fragment[concerned])
    whole = pieces.sort_values("order", kind="stable").drop_duplicates([*LESION, "scan_id"])
    sums = pieces.groupby([*LESION, "scan_id"])["size"].agg(["sum", "size", "count"])
    # a sum with a fragment that was not read is none
    sums = sums["sum"].where(sums["size"] == sums["count"])
    whole = whole.join(sums, on=[*LESION, "scan_id"])
    state = np.select([whole["sum"].isna(), whole["sum"] > 0], ["NOT EVALUABLE", "MEASURED"], "ABSENT")
    whole = whole.assign(diameter_mm=whole["sum"].where(whole["sum"] > 0), state=state)
    named = whole.drop(columns=["role", "organ", "is_node", "merged_into", "split_from", "size", "sum", "order"])
    named = named.merge(about, on=LESION, how="left", validate="many_to_one")
    return pd.concat([read[~concerned], named], ignore_index=True).drop(columns="split_from")


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
