"""Second, independent derivation of best response, lesion change and PFS1, for `test_second_derivation.py`.

Plain loops written from the texts alone, like `second_response`, whose answers they read.
"""

import calendar
import itertools
from datetime import date

from endpoints.second_readings import read_patient
from endpoints.second_response import baseline_index, percent

SD_DAYS = 42
CONFIRMATION_DAYS = 28
BENEFIT_DAYS = 168
RESPONSE = ("CR", "PR")
STABLE = ("SD", "NON-CR/NON-PD")
BEST_FIRST = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
PFS1_ORDER = (
    "OBJECTIVE PROGRESSION",
    "SYMPTOMATIC DETERIORATION",
    "NEW THERAPEUTIC AGENT",
    "DEATH",
    "PROGRESSION DURING BREAK",
)


# --------------------------------------------------------------------------------------------------- best response


def new_agent_date(patient, events):
    """First day of a new therapeutic agent on first line."""
    dates = [event["event_date"] for event in events if event["event"] == "NEW THERAPEUTIC AGENT"]
    dates = [day for day in dates if day >= patient["randomisation_date"]]
    return min(dates) if dates else None


def up_to_progression(responses, last_day):
    # 6.8: up to and including the first PD and before a new agent (a CT on its first day counts).
    window = []
    for row in responses:
        if last_day is not None and row["assessment_date"] > last_day:
            break
        window.append(row)
        if row["overall_response"] == "PD":
            break
    return window


def best_response(patient, responses, events):
    start = patient["randomisation_date"]
    after = [row for row in responses if row["assessment_date"] > start]  # 6.8: assessments after randomisation
    window = up_to_progression(after, new_agent_date(patient, events))
    best, day = best_overall(start, window)
    shrinkage = [row["change_from_baseline_percent"] for row in window if row.get("is_complete")]
    return {
        "best_response": best,
        "best_response_date": day,
        "confirmed_best_response": confirmed_best(start, window),
        "best_change_percent": min(shrinkage) if shrinkage else None,
        "clinical_benefit": has_benefit(start, window),
    }


def days_since(start, row):
    # Decided, Windows: plain date differences from randomisation.
    return (row["assessment_date"] - start).days


def best_overall(start, window):
    best, best_day = None, None
    for row in window:
        response = row["overall_response"]
        if response in STABLE and days_since(start, row) < SD_DAYS:
            response = "NE"  # 6.8: SD (or Non-CR/Non-PD) needs 42 days from randomisation
        if best is None or BEST_FIRST.index(response) < BEST_FIRST.index(best):
            best, best_day = response, row["assessment_date"]  # Decided: the first date of that response
    return best, best_day


def has_benefit(start, window):
    # Decided, Windows: CR or PR ever, or SD / NON-CR/NON-PD at a visit on day 168 or later.
    for row in window:
        if row["overall_response"] in RESPONSE:
            return True
        if row["overall_response"] in STABLE and days_since(start, row) >= BENEFIT_DAYS:
            return True
    return False


def confirmed_best(start, window):
    """RECIST 1.1 table 3 on the strict responses (Decided, PR kept)."""
    strict = [row["overall_response_strict"] for row in window]
    if not strict:
        return None
    if is_confirmed(window, strict, ("CR",)):
        return "CR"
    if is_confirmed(window, strict, RESPONSE):
        return "PR"
    long_enough = [row["overall_response_strict"] for row in window if days_since(start, row) >= SD_DAYS]
    if any(response in ("CR", "PR", "SD") for response in long_enough):
        return "SD"  # table 3: SD if the minimum SD duration is met
    if ("PR", "SD") in itertools.pairwise(strict):
        return "SD"  # table 3, line PR / SD: SD, without a condition
    if "NON-CR/NON-PD" in long_enough:
        return "NON-CR/NON-PD"
    if "PD" in strict or disease_after_cr(strict):
        return "PD"  # table 3: CR then PR, SD or PD with the minimum not met
    return "NE"


def is_confirmed(window, strict, responses):
    # 6.8: two visits at least 28 days apart, at most one NE between, nothing else between, no PR after CR.
    for first in range(len(window)):
        for second in range(first + 1, len(window)):
            if strict[first] not in responses or strict[second] not in responses:
                continue
            apart = (window[second]["assessment_date"] - window[first]["assessment_date"]).days
            between = strict[first + 1 : second]
            others = [response for response in between if response not in responses]
            spell = [response for response in strict[first : second + 1] if response != "NE"]
            if apart >= CONFIRMATION_DAYS and others in ([], ["NE"]) and ("CR", "PR") not in itertools.pairwise(spell):
                return True
    return False


def disease_after_cr(strict):
    return "CR" in strict and any(
        response in ("PR", "SD", "NON-CR/NON-PD", "PD") for response in strict[strict.index("CR") + 1 :]
    )


# --------------------------------------------------------------------------------------------------- lesion change


def lesion_change(patient, lesions, measurements, assessments, responses, events):
    """One dict per lesion MEASURED on the baseline CT."""
    at_baseline = baseline_index(assessments)
    if at_baseline is None:
        return []
    readings = read_patient(lesions, measurements, assessments)
    dates = [day for day, _, _ in assessments]
    # Decided, Lesion change: after baseline up to and including the first PD and not after the new agent's date.
    window = [
        dates.index(row["assessment_date"]) for row in up_to_progression(responses, new_agent_date(patient, events))
    ]
    nadir_at = patient_nadir(window, dates, responses)
    changes_of_lesions = []
    for lesion in lesions:
        if lesion["lesion_id"] in readings and is_measured(lesion, assessments[at_baseline][1], measurements):
            series = readings[lesion["lesion_id"]]
            changes_of_lesions.append(change_of_lesion(lesion, series, dates, at_baseline, window, nadir_at))
    return changes_of_lesions


def is_measured(lesion, scans, measurements):
    rows = [row for row in measurements if row["lesion_id"] == lesion["lesion_id"] and row["scan_id"] in scans]
    return any(row["state"] == "MEASURED" and row["size"] for row in rows)


def patient_nadir(window, dates, responses):
    """Index of the smallest complete sum after baseline in the window, the earliest on ties."""
    sums = {row["assessment_date"]: row["sum"] for row in responses if row["is_complete"]}
    best = None
    for at in window:
        if dates[at] in sums and (best is None or sums[dates[at]] < sums[dates[best]]):
            best = at
    return best


def change_of_lesion(lesion, series, dates, at_baseline, window, nadir_at):
    first = series[at_baseline]["size"]
    best_at = None
    for at in window:
        size = own_size(series[at])
        if size is not None and (best_at is None or size < series[best_at]["size"]):  # earliest date on ties
            best_at = at
    at_nadir = own_size(series[nadir_at]) if nadir_at is not None else None
    return {
        "lesion_id": lesion["lesion_id"],
        "baseline": first,
        "best": series[best_at]["size"] if best_at is not None else None,
        "best_date": dates[best_at] if best_at is not None else None,
        "best_change_percent": percent(series[best_at]["size"], first) if best_at is not None else None,
        "change_at_patient_nadir_percent": percent(at_nadir, first) if at_nadir is not None else None,
    }


def own_size(reading):
    # 6.2: a lesion that has merged into another has no size of its own and is not a lesion-level CR.
    return None if reading["merged"] else reading["size"]


# ------------------------------------------------------------------------------------------------------------ PFS1


def pfs1(patient, responses, events):
    """Record, outcome 1: randomisation to the first of five events, else censored at the last adequate assessment."""
    start = patient["randomisation_date"]
    agent = new_agent_date(patient, events)
    candidates = []
    # Decided, PFS1: responses after the new agent never count; nothing before randomisation is an event.
    valid = [
        row for row in responses if row["assessment_date"] >= start and (not agent or row["assessment_date"] <= agent)
    ]
    for row in valid:
        if row["overall_response"] != "PD":
            continue
        reason = progression_reason(row["assessment_date"], events)
        if reason is not None:
            candidates.append((row["assessment_date"], reason))
            break
    for event in events:
        if event["event"] in ("SYMPTOMATIC DETERIORATION", "NEW THERAPEUTIC AGENT") and event["event_date"] >= start:
            candidates.append((event["event_date"], event["event"]))
    if patient["death_date"] is not None and patient["death_date"] >= start:
        candidates.append((patient["death_date"], "DEATH"))  # Decided: death after withdrawal counts
    if candidates:
        # 5.1: the earliest; on one day the order of the list names the reason.
        day, reason = min(candidates, key=lambda candidate: (candidate[0], PFS1_ORDER.index(candidate[1])))
        return {"date": day, "event": True, "reason": reason}
    return {"date": censoring_date(start, valid), "event": False, "reason": "CENSORED"}


def progression_reason(day, events):
    """Name of the progression, None for one that does not end the first line."""
    # Decided, PFS1: in a break means BREAK START on or before it and no THERAPY RESUMED between.
    breaks = [event["event_date"] for event in events if event["event"] == "BREAK START"]
    resumed = [event["event_date"] for event in events if event["event"] == "THERAPY RESUMED"]
    started = [start for start in breaks if start <= day]
    if not started or any(max(started) < back < day for back in resumed):
        return "OBJECTIVE PROGRESSION"
    # It counts unless therapy is resumed on or before the same day of the next calendar month.
    if any(day <= back <= next_month(day) for back in resumed):
        return None
    return "PROGRESSION DURING BREAK"


def next_month(day):
    # Decided, PFS1: month end clamped, 31 Jan -> 28 Feb.
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def censoring_date(start, responses):
    # Decided, PFS1: the last assessment with any overall response except NE, on or after randomisation; none: at
    # randomisation. Science 5.1 would stop at withdrawal, but the head of section 5 lets the design decide this date.
    dates = [row["assessment_date"] for row in responses if row["overall_response"] != "NE"]
    return max(dates) if dates else start
