"""Lesions and their sizes on CT: RECIST 1.1 at baseline, slips of units, readings that contradict each other."""

import pandas as pd

from sonimage import tables
from sonimage.cleaning.plausibility.rule import Rule, Study, pairs, with_scan
from sonimage.tables import LESION

RECIST_TARGETS, RECIST_TARGETS_PER_ORGAN = 5, 2  # RECIST 1.1 section 4.2
NON_NODAL_MM, NODAL_MM = 10, 15  # RECIST 1.1 section 3.1
BODY_MM = 300
SEEN = ("MEASURED", "PRESENT", "TOO SMALL TO MEASURE", "UNEQUIVOCAL PROGRESSION")
PAIRED = ("lung", "kidney", "breast", "adrenal", "ovary")

CLOSE_DAYS = 14


def with_ct_readings(study: Study) -> Study:
    """The study with `ct_readings`, made once for all rules: measurements with day, role and kind of lesion in order of
    time, and `first_ct`, the day of the patient's first CT."""
    ct = study["scans"].loc[study["scans"]["modality"] == "CT", ["patient_id", "scan_date"]]
    rows = with_scan(study, "measurements", "scan_date")
    rows = rows.merge(study["lesions"][[*LESION, "role", "is_node", "is_equivocal"]], on=LESION, how="left")
    first = rows["patient_id"].map(ct.groupby("patient_id")["scan_date"].min())
    return study | {"ct_readings": rows.assign(first_ct=first).sort_values(["patient_id", "scan_date"], kind="stable")}


def more_targets_than_recist_allows(study: Study) -> pd.DataFrame:
    targets = study["lesions"][study["lesions"]["role"] == "TARGET"]
    return targets[targets.groupby("patient_id").cumcount() >= RECIST_TARGETS]


def more_targets_in_an_organ_than_recist_allows(study: Study) -> pd.DataFrame:
    targets = study["lesions"][study["lesions"]["role"] == "TARGET"]
    return targets[targets.groupby(["patient_id", "organ"]).cumcount() >= RECIST_TARGETS_PER_ORGAN]


def irradiated_target(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    return lesions[(lesions["role"] == "TARGET") & tables.known_true(lesions["is_irradiated"])]


def target_in_bone(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    return lesions[(lesions["role"] == "TARGET") & (lesions["organ"] == "bone")]


def role_without_ct(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    return lesions[lesions["role"].notna() & ~pairs(lesions, *LESION).isin(pairs(study["measurements"], *LESION))]


def lesion_without_reading(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    read = pairs(study["measurements"], *LESION).append(pairs(study["uptake"], *LESION))
    return lesions[~pairs(lesions, *LESION).isin(read)]


def lesion_without_organ(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    return lesions[lesions["organ"].isna()]


def node_in_another_organ(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    is_node = tables.known_true(lesions["is_node"])
    return lesions[lesions["organ"].notna() & (is_node != (lesions["organ"] == "lymph node"))]


def paired_organ_in_the_midline(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    return lesions[lesions["organ"].isin(PAIRED) & (lesions["laterality"] == "midline")]


def merged_into_nothing(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    named = lesions[lesions["merged_into"].notna()]
    partner = named[["patient_id", "merged_into"]].set_axis(LESION, axis=1)
    known = pairs(partner, *LESION).isin(pairs(lesions, *LESION))
    return named[~known | (named["merged_into"] == named["lesion_id"])]


def target_below_measurable_size(study: Study) -> pd.DataFrame:
    first = study["ct_readings"].drop_duplicates(LESION)
    least = tables.known_true(first["is_node"]).map({True: NODAL_MM, False: NON_NODAL_MM})
    return first[(first["role"] == "TARGET") & (first["diameter_mm"] < least)]


def target_not_measured_at_first(study: Study) -> pd.DataFrame:
    rows = study["ct_readings"]
    measured = rows[(rows["scan_date"] == rows["first_ct"]) & rows["diameter_mm"].notna()]
    targets = study["lesions"][study["lesions"]["role"] == "TARGET"]
    has_ct = pairs(targets, *LESION).isin(pairs(rows, *LESION))
    return targets[has_ct & ~pairs(targets, *LESION).isin(pairs(measured, *LESION))]


def target_without_a_size(study: Study) -> pd.DataFrame:
    rows = study["ct_readings"]
    return rows[(rows["role"] == "TARGET") & (rows["state"] == "PRESENT") & rows["diameter_mm"].isna()]


def target_left_out(study: Study) -> pd.DataFrame:
    """Targets without a row at a later CT at which another target of the patient has one."""
    rows = study["ct_readings"]
    targets = rows[rows["role"] == "TARGET"]
    days = targets[["patient_id", "scan_date"]].drop_duplicates().groupby("patient_id").size()
    own = targets.drop_duplicates([*LESION, "scan_date"]).groupby(LESION).size().rename("own").reset_index()
    short = own[own["own"] < own["patient_id"].map(days)]
    return study["lesions"][pairs(study["lesions"], *LESION).isin(pairs(short, *LESION))]


def new_lesion_on_the_first_ct(study: Study) -> pd.DataFrame:
    rows = study["ct_readings"]
    return rows[(rows["role"] == "NEW") & rows["state"].isin(SEEN) & (rows["scan_date"] == rows["first_ct"])]


def role_first_read_after_baseline(study: Study) -> pd.DataFrame:
    first = study["ct_readings"].drop_duplicates(LESION)
    return first[first["role"].isin(["TARGET", "NON-TARGET"]) & (first["scan_date"] > first["first_ct"])]


def new_lesion_without_progression(study: Study) -> pd.DataFrame:
    """A new lesion, not called equivocal, with an investigator's assessment within 14 days that is no progression."""
    rows = study["ct_readings"]
    new = rows[(rows["role"] == "NEW") & rows["state"].isin(SEEN) & ~tables.known_true(rows["is_equivocal"])]
    return without_progression_near(new.drop_duplicates(LESION), study["assessments"])


def without_progression_near(rows: pd.DataFrame, assessments: pd.DataFrame) -> pd.DataFrame:
    """Readings of lesions with an assessment within 14 days, none of which is a progression."""
    near = rows.merge(assessments[["patient_id", "assessment_date", "overall_response"]], on="patient_id")
    near = near[(near["assessment_date"] - near["scan_date"]).dt.days.abs() <= CLOSE_DAYS]
    progressed = near[near["overall_response"] == "PD"]
    near = near[near["overall_response"].notna() & ~pairs(near, *LESION).isin(pairs(progressed, *LESION))]
    return near.drop_duplicates(LESION)


def lesion_comes_back(study: Study) -> pd.DataFrame:
    rows = study["ct_readings"]
    gone_before = (rows["state"] == "ABSENT").groupby([rows["patient_id"], rows["lesion_id"]]).cummax()
    return rows[gone_before & rows["state"].isin(SEEN)].drop_duplicates(LESION)


def size_finer_than_hundredths(study: Study) -> pd.DataFrame:
    sizes = study["measurements"]
    hundredths = sizes["diameter_mm"] * 100
    return sizes[(hundredths - hundredths.round()).abs() > 1e-6]


def size_jump(study: Study) -> pd.DataFrame:
    """Fivefold change between consecutive CTs: a slip of cm and mm."""
    sizes = study["sizes"]
    ratio = sizes["diameter_mm"] / sizes["before"]
    return sizes[(ratio >= 5) | (ratio <= 0.2)]


def size_beyond_the_body(study: Study) -> pd.DataFrame:
    sizes = study["measurements"]
    return sizes[sizes["diameter_mm"] > BODY_MM]


def measured_without_a_size(study: Study) -> pd.DataFrame:
    sizes = study["measurements"]
    return sizes[(sizes["state"] == "MEASURED") & sizes["diameter_mm"].isna()]


def measured_as_nothing(study: Study) -> pd.DataFrame:
    sizes = study["measurements"]
    return sizes[(sizes["state"] == "MEASURED") & (sizes["diameter_mm"] == 0)]


def absent_with_a_size(study: Study) -> pd.DataFrame:
    sizes = study["measurements"]
    return sizes[(sizes["state"] == "ABSENT") & (sizes["diameter_mm"] > 0)]


def same_size_for_every_lesion(study: Study) -> pd.DataFrame:
    """A CT with three or more measured lesions of one and the same size: a value copied down the column."""
    sizes = study["measurements"][study["measurements"]["diameter_mm"] > 0]
    of_scan = sizes.groupby("scan_id")["diameter_mm"]
    return sizes[(of_scan.transform("nunique") == 1) & (of_scan.transform("size") >= 3)].drop_duplicates("scan_id")


def two_cts_within_a_week(study: Study) -> pd.DataFrame:
    """A lesion read on two CTs one to seven days apart: which of the two is the assessment?"""
    scans = study["scans"][study["scans"]["scan_id"].isin(study["measurements"]["scan_id"].unique())]
    days = scans.sort_values(["patient_id", "scan_date"]).groupby("patient_id")["scan_date"].diff().dt.days
    near = scans.loc[days.index[days.between(0, 7)], "patient_id"]
    rows = study["ct_readings"][study["ct_readings"]["patient_id"].isin(near)]
    rows = rows.sort_values([*LESION, "scan_date"])
    days = rows.groupby(LESION)["scan_date"].diff().dt.days
    return rows[days.between(1, 7)].drop_duplicates(["patient_id", "scan_id"])


RULES = (
    Rule("TARGETS", "lesions", "role", "at most 5 target lesions (RECIST 1.1)", "Never repaired here; ask the reader", more_targets_than_recist_allows),
    Rule("TARGETS_PER_ORGAN", "lesions", "role, organ", "at most 2 target lesions an organ (RECIST 1.1)", "Ask the reader", more_targets_in_an_organ_than_recist_allows),
    Rule("IRRADIATED_TARGET", "lesions", "role, is_irradiated", "no irradiated target", "Has it progressed since?", irradiated_target),
    Rule("BONE_TARGET", "lesions", "role, organ", "bone is measurable with a soft-tissue part alone (RECIST 1.1)", "Has it a soft-tissue part of that size?", target_in_bone, "note"),
    Rule("ROLE_WITHOUT_CT", "lesions", "role", "a reading on CT", "A role alone proves nothing; it counts in no denominator", role_without_ct),
    Rule("LESION_WITHOUT_READING", "lesions", "lesion_id", "a size or an uptake", "Is a reading lacking in the export?", lesion_without_reading),
    Rule("NO_ORGAN", "lesions", "organ", "an organ", "Its FES status may depend on it", lesion_without_organ),
    Rule("NODE_ORGAN", "lesions", "is_node, organ", "a node is of organ lymph node", "Which of the two is right?", node_in_another_organ),
    Rule("PAIRED_MIDLINE", "lesions", "organ, laterality", "left or right", "Which side?", paired_organ_in_the_midline, "note"),
    Rule("MERGED_NOWHERE", "lesions", "merged_into", "another lesion of the patient", "Name the lesion it merged into", merged_into_nothing, "error"),
    Rule("TARGET_TOO_SMALL", "measurements", "diameter_mm", "10 mm or more at first (nodes: 15)", "Measurable?", target_below_measurable_size),
    Rule("TARGET_NOT_MEASURED", "lesions", "role", "a size on the first CT", "Without it the lesion is in no sum", target_not_measured_at_first),
    Rule("TARGET_WITHOUT_SIZE", "measurements", "state, diameter_mm", "a size for a target lesion", "Measure it, or call it too small to measure", target_without_a_size),
    Rule("TARGET_LEFT_OUT", "lesions", "role", "a reading on every CT of the patient", "Not evaluable, absent, or forgotten?", target_left_out, "note"),
    Rule("NEW_ON_FIRST_CT", "measurements", "scan_id, lesion_id", "a new lesion after baseline", "Is it new, or was it there at baseline?", new_lesion_on_the_first_ct, "error"),
    Rule("ROLE_AFTER_BASELINE", "measurements", "lesion_id, scan_id", "targets and non-targets are chosen at baseline", "A new lesion?", role_first_read_after_baseline),
    Rule("NEW_WITHOUT_PD", "measurements", "lesion_id", "PD within 14 days of a new lesion", "Equivocal, or a response to correct?", new_lesion_without_progression),
    Rule("LESION_COMES_BACK", "measurements", "state", "an absent lesion stays absent", "Progression only after an overall CR (EORTC)", lesion_comes_back, "note"),
    Rule("FINER_THAN_HUNDREDTHS", "measurements", "diameter_mm", "at most two decimals", "Compared in hundredths of a mm", size_finer_than_hundredths),
    Rule("SIZE_JUMP", "measurements", "diameter_mm", "less than a fivefold change between CTs", "cm for mm?", size_jump),
    Rule("SIZE_BEYOND_BODY", "measurements", "diameter_mm", "at most 300 mm", "cm for mm?", size_beyond_the_body, "error"),
    Rule("NO_SIZE", "measurements", "diameter_mm, state", "a size", "Counts as not assessed", measured_without_a_size),
    Rule("SIZE_ZERO", "measurements", "diameter_mm, state", "a size above 0", "Absent?", measured_as_nothing),
    Rule("ABSENT_WITH_SIZE", "measurements", "diameter_mm, state", "no size for an absent lesion", "Which of the two is right?", absent_with_a_size),
    Rule("SAME_SIZES", "measurements", "diameter_mm", "sizes that differ", "Copied down the column?", same_size_for_every_lesion),
    Rule("TWO_CTS_A_WEEK", "measurements", "scan_id", "one CT an assessment", "The later one is an assessment of its own", two_cts_within_a_week, "note"),
)  # fmt: skip
