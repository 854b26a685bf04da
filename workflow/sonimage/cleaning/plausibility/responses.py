"""The investigator's responses and the events on treatment."""

import pandas as pd

from sonimage import tables
from sonimage.cleaning.plausibility.lesions_and_sizes import CLOSE_DAYS
from sonimage.cleaning.plausibility.rule import DATES, Rule, Study, pairs, with_patient

CT_DAYS = 28
ENDS = ("SYMPTOMATIC DETERIORATION", "NEW THERAPEUTIC AGENT")


def repeated_assessment(study: Study) -> pd.DataFrame:
    assessments = study["assessments"]
    return assessments[assessments.duplicated(["patient_id", "assessment_date"])]


def two_answers_on_a_day(study: Study) -> pd.DataFrame:
    assessments = study["assessments"]
    answers = assessments.groupby(["patient_id", "assessment_date"])["overall_response"].transform("nunique")
    return assessments[(answers > 1) & assessments.duplicated(["patient_id", "assessment_date"])]


def better_after_progression(study: Study) -> pd.DataFrame:
    assessments = study["assessments"].sort_values(["patient_id", "assessment_date"])
    progressed = (assessments["overall_response"] == "PD").groupby(assessments["patient_id"]).cummax()
    return assessments[progressed & assessments["overall_response"].isin(["CR", "PR", "SD", "NON-CR/NON-PD"])]


def assessment_without_ct(study: Study) -> pd.DataFrame:
    """No CT of the patient within 28 days of the assessment (not evaluable apart)."""
    ct = study["scans"].loc[study["scans"]["modality"] == "CT", ["patient_id", "scan_date"]]
    ct = ct.dropna().sort_values("scan_date")
    judged = study["assessments"].dropna(subset="assessment_date").sort_values("assessment_date")
    nearest = pd.merge_asof(
        judged, ct, left_on="assessment_date", right_on="scan_date", by="patient_id", direction="nearest"
    )
    days = (nearest["assessment_date"] - nearest["scan_date"]).dt.days.abs()
    return nearest[~(days <= CT_DAYS) & (nearest["overall_response"] != "NE")]


def parts_against_the_whole(study: Study) -> pd.DataFrame:
    """RECIST 1.1 table 1: PD of any part is PD overall, and PD overall needs such a part."""
    rows = study["assessments"]
    known = rows["target_response"].notna() & rows["nontarget_response"].notna() & rows["new_lesion"].notna()
    is_pd = (
        (rows["target_response"] == "PD") | (rows["nontarget_response"] == "PD") | tables.known_true(rows["new_lesion"])
    )
    overall = rows["overall_response"]
    return rows[overall.notna() & ((is_pd & (overall != "PD")) | (known & ~is_pd & (overall == "PD")))]


def complete_response_with_a_target(study: Study) -> pd.DataFrame:
    """CR while a target that is no node measures more than 0 mm on a CT within 14 days."""
    complete = study["assessments"][study["assessments"]["overall_response"] == "CR"]
    rows = study["ct_readings"][study["ct_readings"]["patient_id"].isin(complete["patient_id"])]
    lesions = study["lesions"]
    targets = lesions[(lesions["role"] == "TARGET") & ~tables.known_true(lesions["is_node"])]
    rows = rows[(rows["diameter_mm"] > 0) & (rows["state"] != "ABSENT")]
    rows = rows[pairs(rows, "patient_id", "lesion_id").isin(pairs(targets, "patient_id", "lesion_id"))]
    both = complete.merge(rows[["patient_id", "scan_date"]].drop_duplicates(), on="patient_id")
    near = both[(both["assessment_date"] - both["scan_date"]).dt.days.abs() <= CLOSE_DAYS]
    return near.drop_duplicates(["patient_id", "assessment_date"])


def assessment_before_randomisation(study: Study) -> pd.DataFrame:
    rows = with_patient(study, "assessments", "randomisation_date")
    return rows[rows["assessment_date"] < rows["randomisation_date"]]


def never_assessed(study: Study) -> pd.DataFrame:
    """Patients with two or more days of CT and no assessment, in a study that has assessments."""
    patients, scans = study["patients"], study["scans"]
    days = scans[scans["modality"] == "CT"].groupby("patient_id")["scan_date"].nunique()
    followed = patients["patient_id"].map(days).fillna(0) >= 2
    unassessed = ~patients["patient_id"].isin(study["assessments"]["patient_id"])
    return patients[followed & unassessed & bool(len(study["assessments"]))]


def repeated_event(study: Study) -> pd.DataFrame:
    events = study["events"]
    return events[events.duplicated(["patient_id", "event", "event_date"])]


def event_twice(study: Study) -> pd.DataFrame:
    """Symptomatic deterioration or a new agent on two days: the first one ends first line."""
    events = study["events"][study["events"]["event"].isin(ENDS)].sort_values(["patient_id", "event_date"])
    days = events.drop_duplicates(["patient_id", "event", "event_date"])
    return days[days.duplicated(["patient_id", "event"])]


def event_before_randomisation(study: Study) -> pd.DataFrame:
    events = with_patient(study, "events", "randomisation_date")
    return events[events["event_date"] < events["randomisation_date"]]


def event_before_treatment(study: Study) -> pd.DataFrame:
    events = with_patient(study, "events", "first_treatment_date", "randomisation_date")
    before = events["event_date"] < events["first_treatment_date"]
    return events[before & (events["event_date"] >= events["randomisation_date"])]


def new_agent_on_the_day_of_progression(study: Study) -> pd.DataFrame:
    agents = study["events"][study["events"]["event"] == "NEW THERAPEUTIC AGENT"]
    progressed = study["assessments"][study["assessments"]["overall_response"] == "PD"]
    return agents[pairs(agents, "patient_id", "event_date").isin(pairs(progressed, "patient_id", "assessment_date"))]


def resumed_without_a_break(study: Study) -> pd.DataFrame:
    events = study["events"]
    breaks = events[events["event"] == "BREAK START"].groupby("patient_id")["event_date"].min()
    resumed = events[events["event"] == "THERAPY RESUMED"]
    first = resumed["patient_id"].map(breaks)
    return resumed[first.isna() | (resumed["event_date"] < first)]


def break_within_a_break(study: Study) -> pd.DataFrame:
    turns = study["events"][study["events"]["event"].isin(["BREAK START", "THERAPY RESUMED"])]
    turns = turns.sort_values(["patient_id", "event_date", "event"], ascending=[True, True, False])
    before = turns.groupby("patient_id")["event"].shift()
    return turns[(turns["event"] == "BREAK START") & (before == "BREAK START")]


RULES = (
    Rule("REPEATED_ASSESSMENT", "assessments", "assessment_date", "one assessment a day", "The worst counts", repeated_assessment),
    Rule("TWO_ANSWERS_A_DAY", "assessments", "overall_response", "one answer a day", "The worst counts; which is right?", two_answers_on_a_day),
    Rule("BETTER_AFTER_PD", "assessments", "overall_response", "no response after progression", "An order of dates, or a progression that was none?", better_after_progression),
    Rule("ASSESSMENT_WITHOUT_CT", "assessments", "assessment_date", "a CT within 28 days", "Is the CT lacking in the export?", assessment_without_ct),
    Rule("PARTS_AGAINST_OVERALL", "assessments", "overall_response, target_response, nontarget_response, new_lesion", "RECIST 1.1 table 1", "Which of them is right?", parts_against_the_whole),
    Rule("CR_WITH_TARGET", "assessments", "overall_response", "no CR while a target measures more than 0 mm", "A scar, or no CR?", complete_response_with_a_target),
    Rule("ASSESSMENT_BEFORE_RANDOMISATION", "assessments", "assessment_date", "on or after randomisation", DATES, assessment_before_randomisation, "note"),
    Rule("NEVER_ASSESSED", "patients", "patient_id", "an assessment for follow-up CTs", "Is the form lacking in the export?", never_assessed, "note"),
    Rule("REPEATED_EVENT", "events", "event, event_date", "one record of an event", "Remove the repeat", repeated_event),
    Rule("EVENT_TWICE", "events", "event, event_date", "one date of deterioration or new agent", "The first one counts", event_twice, "note"),
    Rule("EVENT_BEFORE_RANDOMISATION", "events", "event_date", "on or after randomisation", DATES, event_before_randomisation),
    Rule("EVENT_BEFORE_TREATMENT", "events", "event_date", "on or after first treatment", DATES, event_before_treatment),
    Rule("NEW_AGENT_SAME_DAY", "events", "event_date", "new agent after the progression", "Progression names the PFS1 reason", new_agent_on_the_day_of_progression, "note"),
    Rule("RESUMED_WITHOUT_BREAK", "events", "event_date", "a break before therapy is resumed", DATES, resumed_without_a_break),
    Rule("BREAK_IN_BREAK", "events", "event_date", "therapy resumed before another break", "Is a date of resumption lacking?", break_within_a_break),
)  # fmt: skip
