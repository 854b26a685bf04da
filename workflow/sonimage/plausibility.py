"""Plausibility: what cannot well be true becomes a row of the query list; nothing is changed here.

One small function per rule returns the rows that break it. Rules follow science of the record and RECIST 1.1;
a value is never shown, only which columns to look at.
"""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from sonimage import tables
from sonimage.cleaning import collect, query

RECIST_TARGETS, RECIST_TARGETS_PER_ORGAN = 5, 2  # RECIST 1.1 section 4.2
NON_NODAL_MM, NODAL_MM = 10, 15  # RECIST 1.1 section 3.1

Study = dict[str, pd.DataFrame]


class Rule(NamedTuple):
    """One rule: its id, the table and columns it looks at, what is expected, what to do, and the rows that break it."""

    rule_id: str
    table: str
    column: str
    expected: str
    remedy: str
    broken: Callable[[Study], pd.DataFrame]
    severity: str = "warning"


def check_tables(study: Study) -> pd.DataFrame:
    """Return the query list of all rules over the linked tables (schema queries)."""
    return collect([_ask(rule, rule.broken(study)) for rule in RULES])


def _ask(rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    return query(
        rows,
        rule.table,
        rule.column,
        rule_id=rule.rule_id,
        severity=rule.severity,
        observed="implausible",
        expected=rule.expected,
        action="kept",
        remedy=rule.remedy,
    )


def _with_patient(study: Study, table: str, *columns: str) -> pd.DataFrame:
    return study[table].merge(study["patients"][["patient_id", *columns]], on="patient_id", validate="many_to_one")


def death_before_randomisation(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["death_date"] < patients["randomisation_date"]]


def contact_after_death(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["last_contact_date"] > patients["death_date"]]


def scan_after_death(study: Study) -> pd.DataFrame:
    scans = _with_patient(study, "scans", "death_date")
    return scans[scans["scan_date"] > scans["death_date"]]


def event_after_death(study: Study) -> pd.DataFrame:
    events = _with_patient(study, "events", "death_date")
    return events[events["event_date"] > events["death_date"]]


def assessment_after_death(study: Study) -> pd.DataFrame:
    assessments = _with_patient(study, "assessments", "death_date")
    return assessments[assessments["assessment_date"] > assessments["death_date"]]


def scan_long_before_randomisation(study: Study) -> pd.DataFrame:
    scans = _with_patient(study, "scans", "randomisation_date")
    return scans[scans["scan_date"] < scans["randomisation_date"] - pd.Timedelta(days=90)]


def consent_after_first_treatment(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["consent_date"] > patients["first_treatment_date"]]


def treatment_long_before_randomisation(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["first_treatment_date"] < patients["randomisation_date"] - pd.Timedelta(days=28)]


def no_randomisation_date(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["randomisation_date"].isna()]


def weight_out_of_reach(study: Study) -> pd.DataFrame:
    scans = study["scans"]
    return scans[scans["weight_kg"].notna() & ~scans["weight_kg"].between(30, 200)]


def height_out_of_reach(study: Study) -> pd.DataFrame:
    scans = study["scans"]
    return scans[scans["height_cm"].notna() & ~scans["height_cm"].between(120, 210)]


def activity_out_of_reach(study: Study) -> pd.DataFrame:
    scans = study["scans"]
    return scans[scans["injected_activity_mbq"].notna() & ~scans["injected_activity_mbq"].between(50, 600)]


def two_scans_of_one_tracer_on_a_day(study: Study) -> pd.DataFrame:
    scans = study["scans"]
    pet = scans[scans["modality"] != "CT"]
    return pet[pet.duplicated(["patient_id", "modality", "scan_date"], keep=False)]


def more_targets_than_recist_allows(study: Study) -> pd.DataFrame:
    targets = study["lesions"][study["lesions"]["role"] == "TARGET"]
    return targets[targets.groupby("patient_id").cumcount() >= RECIST_TARGETS]


def more_targets_in_an_organ_than_recist_allows(study: Study) -> pd.DataFrame:
    targets = study["lesions"][study["lesions"]["role"] == "TARGET"]
    return targets[targets.groupby(["patient_id", "organ"]).cumcount() >= RECIST_TARGETS_PER_ORGAN]


def irradiated_target(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    return lesions[(lesions["role"] == "TARGET") & tables.known_true(lesions["is_irradiated"])]


def role_without_ct(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    on_ct = pd.MultiIndex.from_frame(study["measurements"][["patient_id", "lesion_id"]])
    unseen = ~pd.MultiIndex.from_frame(lesions[["patient_id", "lesion_id"]]).isin(on_ct)
    return lesions[lesions["role"].notna() & unseen]


def node_in_another_organ(study: Study) -> pd.DataFrame:
    lesions = study["lesions"]
    is_node = tables.known_true(lesions["is_node"])
    return lesions[lesions["organ"].notna() & (is_node != (lesions["organ"] == "lymph node"))]


def target_below_measurable_size(study: Study) -> pd.DataFrame:
    first = study["measurements"].merge(study["scans"][["scan_id", "scan_date"]], on="scan_id", validate="many_to_one")
    first = first.sort_values("scan_date").drop_duplicates(["patient_id", "lesion_id"])
    first = first.merge(
        study["lesions"][["patient_id", "lesion_id", "role", "is_node"]], on=["patient_id", "lesion_id"]
    )
    least = tables.known_true(first["is_node"]).map({True: NODAL_MM, False: NON_NODAL_MM})
    return first[(first["role"] == "TARGET") & (first["diameter_mm"] < least)]


def size_finer_than_hundredths(study: Study) -> pd.DataFrame:
    sizes = study["measurements"]
    hundredths = sizes["diameter_mm"] * 100
    return sizes[(hundredths - hundredths.round()).abs() > 1e-6]


def size_jump(study: Study) -> pd.DataFrame:
    """Tenfold change between consecutive CTs: a slip of cm and mm."""
    sizes = study["measurements"].merge(study["scans"][["scan_id", "scan_date"]], on="scan_id", validate="many_to_one")
    sizes = sizes[sizes["diameter_mm"] > 0].sort_values(["patient_id", "lesion_id", "scan_date"])
    earlier = sizes.groupby(["patient_id", "lesion_id"])["diameter_mm"].shift()
    ratio = sizes["diameter_mm"] / earlier
    return sizes[(ratio >= 5) | (ratio <= 0.2)]


def size_beyond_the_body(study: Study) -> pd.DataFrame:
    sizes = study["measurements"]
    return sizes[sizes["diameter_mm"] > 300]


def measured_without_a_size(study: Study) -> pd.DataFrame:
    sizes = study["measurements"]
    return sizes[(sizes["state"] == "MEASURED") & sizes["diameter_mm"].isna()]


def absent_with_a_size(study: Study) -> pd.DataFrame:
    sizes = study["measurements"]
    return sizes[(sizes["state"] == "ABSENT") & (sizes["diameter_mm"] > 0)]


def suv_beyond_belief(study: Study) -> pd.DataFrame:
    uptake = study["uptake"]
    return uptake[(uptake["suvmax"] > 60) | (uptake["suvmax"] == 0)]


def suvs_out_of_order(study: Study) -> pd.DataFrame:
    uptake = study["uptake"]
    return uptake[(uptake["suvmean"] > uptake["suvmax"]) | (uptake["suvpeak"] > uptake["suvmax"])]


def call_against_suv(study: Study) -> pd.DataFrame:
    """A visually positive FES lesion far below, or a negative one far above, 1.5: columns may be swapped."""
    fes = study["scans"].loc[study["scans"]["modality"] == "FES-PET", "scan_id"]
    uptake = study["uptake"][study["uptake"]["scan_id"].isin(fes)]
    positive_low = (uptake["visual"] == "positive") & (uptake["suvmax"] < 0.75)
    negative_high = (uptake["visual"] == "negative") & (uptake["suvmax"] > 3)
    return uptake[positive_low | negative_high]


def repeated_assessment(study: Study) -> pd.DataFrame:
    assessments = study["assessments"]
    return assessments[assessments.duplicated(["patient_id", "assessment_date"])]


def repeated_event(study: Study) -> pd.DataFrame:
    events = study["events"]
    return events[events.duplicated(["patient_id", "event", "event_date"])]


def event_before_randomisation(study: Study) -> pd.DataFrame:
    events = _with_patient(study, "events", "randomisation_date")
    return events[events["event_date"] < events["randomisation_date"]]


def ligand_stopped_after_fes(study: Study) -> pd.DataFrame:
    scans = _with_patient(study, "scans", "last_er_ligand_date")
    fes = scans[scans["modality"] == "FES-PET"]
    return fes[fes["last_er_ligand_date"] > fes["scan_date"] - pd.Timedelta(days=35)]


def new_agent_on_the_day_of_progression(study: Study) -> pd.DataFrame:
    agents = study["events"][study["events"]["event"] == "NEW THERAPEUTIC AGENT"]
    progressed = study["assessments"][study["assessments"]["overall_response"] == "PD"]
    days = pd.MultiIndex.from_frame(progressed[["patient_id", "assessment_date"]])
    return agents[pd.MultiIndex.from_frame(agents[["patient_id", "event_date"]]).isin(days)]


def resumed_without_a_break(study: Study) -> pd.DataFrame:
    events = study["events"]
    breaks = events[events["event"] == "BREAK START"].groupby("patient_id")["event_date"].min()
    resumed = events[events["event"] == "THERAPY RESUMED"]
    first = resumed["patient_id"].map(breaks)
    return resumed[first.isna() | (resumed["event_date"] < first)]


DATES = "Check the dates at the source"
RULES = (
    Rule("DEATH_BEFORE_RANDOMISATION", "patients", "death_date", "death after randomisation", DATES, death_before_randomisation, "error"),
    Rule("CONTACT_AFTER_DEATH", "patients", "last_contact_date", "no contact after death", DATES, contact_after_death),
    Rule("SCAN_AFTER_DEATH", "scans", "scan_date", "no scan after death", DATES, scan_after_death, "error"),
    Rule("EVENT_AFTER_DEATH", "events", "event_date", "no event after death", DATES, event_after_death, "error"),
    Rule("ASSESSMENT_AFTER_DEATH", "assessments", "assessment_date", "no assessment after death", DATES, assessment_after_death, "error"),
    Rule("SCAN_LONG_BEFORE", "scans", "scan_date", "at most 90 days before randomisation", DATES, scan_long_before_randomisation),
    Rule("CONSENT_AFTER_TREATMENT", "patients", "consent_date", "consent before treatment", DATES, consent_after_first_treatment),
    Rule("TREATMENT_LONG_BEFORE", "patients", "first_treatment_date", "at most 28 days before randomisation (SONIA)", DATES, treatment_long_before_randomisation),
    Rule("NO_RANDOMISATION_DATE", "patients", "randomisation_date", "a date", "PFS1 cannot be derived without it", no_randomisation_date, "error"),
    Rule("WEIGHT", "scans", "weight_kg", "30 to 200 kg", "Grams or pounds?", weight_out_of_reach),
    Rule("HEIGHT", "scans", "height_cm", "120 to 210 cm", "Metres?", height_out_of_reach),
    Rule("ACTIVITY", "scans", "injected_activity_mbq", "50 to 600 MBq", "kBq or Bq?", activity_out_of_reach),
    Rule("TWO_SCANS_A_DAY", "scans", "scan_date", "one scan of a tracer a day", "The last by scan number counts", two_scans_of_one_tracer_on_a_day),
    Rule("TARGETS", "lesions", "role", "at most 5 target lesions (RECIST 1.1)", "Never repaired here; ask the reader", more_targets_than_recist_allows),
    Rule("TARGETS_PER_ORGAN", "lesions", "role, organ", "at most 2 target lesions an organ (RECIST 1.1)", "Ask the reader", more_targets_in_an_organ_than_recist_allows),
    Rule("IRRADIATED_TARGET", "lesions", "role, is_irradiated", "no irradiated target", "Has it progressed since?", irradiated_target),
    Rule("ROLE_WITHOUT_CT", "lesions", "role", "a reading on CT", "A role alone proves nothing; it counts in no denominator", role_without_ct),
    Rule("NODE_ORGAN", "lesions", "is_node, organ", "a node is of organ lymph node", "Which of the two is right?", node_in_another_organ),
    Rule("TARGET_TOO_SMALL", "measurements", "diameter_mm", "10 mm or more at first (nodes: 15)", "Measurable?", target_below_measurable_size),
    Rule("FINER_THAN_HUNDREDTHS", "measurements", "diameter_mm", "at most two decimals", "Compared in hundredths of a mm", size_finer_than_hundredths),
    Rule("SIZE_JUMP", "measurements", "diameter_mm", "less than a fivefold change between CTs", "cm for mm?", size_jump),
    Rule("SIZE_BEYOND_BODY", "measurements", "diameter_mm", "at most 300 mm", "cm for mm?", size_beyond_the_body, "error"),
    Rule("NO_SIZE", "measurements", "diameter_mm, state", "a size", "Counts as not assessed", measured_without_a_size),
    Rule("ABSENT_WITH_SIZE", "measurements", "diameter_mm, state", "no size for an absent lesion", "Which of the two is right?", absent_with_a_size),
    Rule("SUV", "uptake", "suvmax", "above 0 and at most 60", "Is it an SUV?", suv_beyond_belief),
    Rule("SUV_ORDER", "uptake", "suvmean, suvpeak, suvmax", "SUVmax is the largest", "Columns swapped?", suvs_out_of_order, "error"),
    Rule("CALL_AGAINST_SUV", "uptake", "visual, suvmax", "call and SUV agree", "FES and FDG swapped?", call_against_suv),
    Rule("REPEATED_ASSESSMENT", "assessments", "assessment_date", "one assessment a day", "The worst counts", repeated_assessment),
    Rule("REPEATED_EVENT", "events", "event, event_date", "one record of an event", "Remove the repeat", repeated_event),
    Rule("EVENT_BEFORE_RANDOMISATION", "events", "event_date", "on or after randomisation", DATES, event_before_randomisation),
    Rule("LIGAND_WASHOUT", "scans", "scan_date", "5 weeks without ER ligand before FES-PET (record)", DATES, ligand_stopped_after_fes),
    Rule("NEW_AGENT_SAME_DAY", "events", "event_date", "new agent after the progression", "Progression names the PFS1 reason", new_agent_on_the_day_of_progression, "note"),
    Rule("RESUMED_WITHOUT_BREAK", "events", "event_date", "a break before therapy is resumed", DATES, resumed_without_a_break),
)  # fmt: skip
