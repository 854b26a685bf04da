"""Second, independent derivation of RECIST 1.1 response, for `test_second_derivation.py`.

Plain loops over plain records, written from the texts alone: science.md sections 5.1 and 6, the registry record and
design.md section 4 ("Decided"). One patient at a time; records and readings are those of `second_readings.py`.
"""

from endpoints.second_readings import is_disease, read_patient


def visit_response(lesions, measurements, assessments):
    """One dict per assessment after the baseline."""
    readings = read_patient(lesions, measurements, assessments)
    baseline_at = baseline_index(assessments)
    targets, nontargets = baseline_lesions(lesions, readings, baseline_at)
    new_on = days_of_new_lesions(lesions, readings, assessments)
    baseline = sum(readings[lesion["lesion_id"]][baseline_at]["size"] for lesion in targets) if targets else None
    nadir, had_cr, rows = baseline, False, []
    for at, (day, _, role) in enumerate(assessments):
        if role != "FOLLOW-UP":
            continue  # schema visit_response: response after baseline; without a baseline there is none
        row = {"assessment_date": day, "baseline": baseline, "nadir": nadir}
        row.update(sum_targets(targets, readings, at))
        row.update(changes(row))
        row["target_response"] = target_response(row, targets, readings, at, had_cr)
        row["nontarget_response"] = nontarget_response(nontargets, readings, at, had_cr)
        row["new_lesion"] = day in new_on
        ever_new = any(seen <= day for seen in new_on)  # a patient with a new lesion stays in progression
        row["overall_response_strict"] = overall(row["target_response"], row["nontarget_response"], ever_new)
        had_cr = had_cr or row["overall_response_strict"] == "CR"
        if row["is_complete"]:
            nadir = min(nadir, row["sum"])  # Decided, Sums: smallest earlier complete sum, baseline included
        rows.append(row)
    keep_partial_response(rows)
    return rows


def baseline_index(assessments):
    for at, (_, _, role) in enumerate(assessments):
        if role in ("BASELINE", "LATE BASELINE"):
            return at
    return None


def baseline_lesions(lesions, readings, baseline_at):
    """Target lesions: role TARGET with a size above 0 at baseline; non-target lesions: role NON-TARGET."""
    if baseline_at is None:
        return [], []
    whole = [lesion for lesion in lesions if lesion["lesion_id"] in readings]
    targets = [
        lesion for lesion in whole if lesion["role"] == "TARGET" and readings[lesion["lesion_id"]][baseline_at]["size"]
    ]
    return targets, [lesion for lesion in whole if lesion["role"] == "NON-TARGET"]


def days_of_new_lesions(lesions, readings, assessments):
    """Assessments on which an unequivocal new lesion is seen."""
    # 6.7: a new lesion must be unequivocal; equivocal -> wait, back-date to the day it was first seen if confirmed.
    days = set()
    for lesion in lesions:
        if lesion["role"] != "NEW" or lesion["lesion_id"] not in readings:
            continue
        later = [
            (day, reading)
            for (day, _, role), reading in zip(assessments, readings[lesion["lesion_id"]], strict=True)
            if role == "FOLLOW-UP"
        ]
        confirmed = any(reading["progressed"] for _, reading in later)
        if confirmed or not lesion["is_equivocal"]:
            days |= {day for day, reading in later if reading["present"]}
    return days


def sum_targets(targets, readings, at):
    # Decided, Sums: a partial visit has the sum of the assessed lesions, is_complete False and no changes.
    sizes = [readings[lesion["lesion_id"]][at]["size"] for lesion in targets]
    assessed = [size for size in sizes if size is not None]
    return {"sum": sum(assessed) if assessed else None, "is_complete": bool(sizes) and len(assessed) == len(sizes)}


def changes(row):
    if not row["is_complete"]:
        return {"change_from_baseline_percent": None, "change_from_nadir_percent": None, "change_from_nadir": None}
    grown = row["sum"] - row["nadir"]
    return {
        "change_from_baseline_percent": percent(row["sum"], row["baseline"]),
        # Decided, Sums: the percent change from a nadir of 0 is empty.
        "change_from_nadir_percent": percent(row["sum"], row["nadir"]) if row["nadir"] else None,
        "change_from_nadir": grown,
    }


def percent(now, then):
    return 100 * (now - then) / then


def target_response(row, targets, readings, at, had_cr):
    if not targets:
        return None  # 6.3 rule 1, table 6.6 holds
    read = [(lesion, readings[lesion["lesion_id"]][at]) for lesion in targets]
    if had_cr and any(reading["present"] and not reading["merged"] for _, reading in read):
        return "PD"  # Decided, Reappearance: after an overall CR any lesion that comes back is PD whatever its size
    if row["is_complete"] and not any(is_disease(reading["size"], lesion["is_node"]) for lesion, reading in read):
        return "CR"  # 6.3 rule 2: every non-nodal lesion 0 and every node under 10 mm
    if row["sum"] is not None and meets_progression(row["sum"], row["nadir"]):
        return "PD"  # 6.3 rules 3 and 5: also when the assessed part alone meets it
    if not row["is_complete"]:
        return "NE"  # 6.3 rule 6
    if 100 * row["sum"] <= 70 * row["baseline"]:
        return "PR"  # 6.3 rule 7, against baseline
    return "SD"  # 6.3 rule 8


def meets_progression(total, nadir):
    # 6.3 rule 3: at least 5 mm and at least 20 % over the nadir. Decided, Sums: from nadir 0, 5 mm is PD.
    return total - nadir >= 500 and 100 * total >= 120 * nadir


def nontarget_response(nontargets, readings, at, had_cr):
    if not nontargets:
        return None
    read = [readings[lesion["lesion_id"]][at] for lesion in nontargets]
    presence = [reading["present"] for reading in read]
    if any(reading["progressed"] for reading in read):
        return "PD"  # 6.4: unequivocal progression
    if had_cr and True in presence:
        return "PD"  # Decided, Reappearance: target or not
    if True in presence:
        return "NON-CR/NON-PD"  # Decided, Non-target: some persist, even if others were not assessed
    if None in presence:
        return "NE"  # Decided, Non-target: none seen to persist and any not assessed
    return "CR"  # 6.4: all gone, nodes under 10 mm


def overall(target, nontarget, new_lesion):
    if new_lesion or target == "PD" or nontarget == "PD":
        return "PD"  # 6.5, last three lines; 6.6
    if target is None:
        return nontarget or "NE"  # 6.6; no lesion at baseline at all: NE
    if target == "CR":
        return "CR" if nontarget in (None, "CR") else "PR"  # 6.5, first three lines
    return target  # 6.5: PR, SD, NE


def keep_partial_response(rows):
    # Decided, PR kept: a strict SD after PR becomes PR; CR, NE and PD stand. "Once PR, PR until PD".
    partial = False
    for row in rows:
        strict = row["overall_response_strict"]
        row["overall_response"] = "PR" if partial and strict == "SD" else strict
        if strict == "PR":
            partial = True
        if strict == "PD":
            partial = False
