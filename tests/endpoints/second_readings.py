"""Second, independent derivation of CT visits and of what was read of each lesion, for `second_response.py`.

Plain loops over plain records, one patient at a time, from the texts that `second_response.py` names. Sizes are integer
hundredths of a millimetre, dates are datetime.date, a missing value is None.

Records (dicts):
  patient      randomisation_date, first_treatment_date, death_date, withdrawal_date
  ct_scans     scan_id, scan_date                                  (CT only)
  lesions      lesion_id, role, is_node, is_equivocal, split_from, merged_into
  measurements lesion_id, scan_id, size, state
  events       event, event_date
"""

from datetime import timedelta

TOO_SMALL = 500  # 6.2: present but too small to measure is entered as 5 mm
NORMAL_NODE = 1000  # 6.1: a node with a short axis under 10 mm is normal
POOL_DAYS = 7
LATE_BASELINE_DAYS = 28


# ---------------------------------------------------------------------------------------------------------- visits


def visits(patient, ct_scans, measurements):
    """Assessments in order of time: (assessment_date, [scan ids], role)."""
    pools = pool_scan_days(ct_scans, measurements)
    baseline, baseline_role = find_baseline(patient, [pool["date"] for pool in pools])
    assessments = []
    for pool in pools:
        if baseline is None:
            role = "NO BASELINE"
        elif pool["date"] < baseline:
            role = "BEFORE BASELINE"
        elif pool["date"] == baseline:
            role = baseline_role
        else:
            role = "FOLLOW-UP"
        assessments.append((pool["date"], sorted(pool["scans"]), role))
    return assessments


def pool_scan_days(ct_scans, measurements):
    # Decided, Visits: CTs on the same day are one assessment; different days are pooled only if at most 7 days apart
    # with no lesion measured on both. "At most 7 days apart" is counted from the first day of the assessment.
    pools = []
    for day in sorted({scan["scan_date"] for scan in ct_scans}):
        scans = {scan["scan_id"] for scan in ct_scans if scan["scan_date"] == day}
        seen = measured_lesions(scans, measurements)
        last = pools[-1] if pools else None
        if last and (day - last["date"]).days <= POOL_DAYS and not seen & last["lesions"]:
            last["scans"] |= scans
            last["lesions"] |= seen
        else:
            pools.append({"date": day, "scans": scans, "lesions": seen})
    return pools


def measured_lesions(scans, measurements):
    # A lesion that could not be evaluated on a CT has not been measured on it.
    return {row["lesion_id"] for row in measurements if row["scan_id"] in scans and row["state"] != "NOT EVALUABLE"}


def find_baseline(patient, dates):
    # Decided, Visits: the latest on or before treatment start (else randomisation); none: the first within 28 days
    # after, flagged; else no baseline.
    start = patient["first_treatment_date"] or patient["randomisation_date"]
    if start is None:
        return None, None
    before = [day for day in dates if day <= start]
    if before:
        return max(before), "BASELINE"
    after = [day for day in dates if day - start <= timedelta(days=LATE_BASELINE_DAYS)]
    if after:
        return min(after), "LATE BASELINE"
    return None, None


# ------------------------------------------------------------------------------------ what was read of one lesion


def size_of(row):
    """Size that one reading gives, None if it gives none."""
    if row["state"] == "ABSENT":
        return 0  # 6.2: absent -> 0
    if row["state"] == "NOT EVALUABLE":
        return None
    if row["size"] is None and row["state"] == "TOO SMALL TO MEASURE":
        return TOO_SMALL  # 6.2: 5 mm, unless a diameter was recorded
    return row["size"]  # 6.2: present and measurable -> value, even under 5 mm


def is_disease(size, is_node):
    # 6.1 / 6.3: a node is disease from a short axis of 10 mm, any other lesion from anything above 0.
    return size >= NORMAL_NODE if is_node else size > 0


def presence_of(row, is_node):
    """True: disease is there; False: gone or normal; None: not assessed."""
    if row["state"] == "NOT EVALUABLE":
        return None
    if row["state"] == "UNEQUIVOCAL PROGRESSION":
        return True
    size = size_of(row)
    return True if size is None else is_disease(size, is_node)


def read_part(lesion_id, scans, measurements, is_node):
    """All readings of one lesion number in one assessment: the larger counts, a reading before none."""
    rows = [row for row in measurements if row["lesion_id"] == lesion_id and row["scan_id"] in scans]
    sizes = [size_of(row) for row in rows if size_of(row) is not None]
    presence = [presence_of(row, is_node) for row in rows]
    size = max(sizes) if sizes else None
    if size == 0 and True in presence:
        size = None  # absent on one CT and present on the other: the larger one has no size
    return {
        "recorded": bool(rows),
        "size": size,
        "present": True if True in presence else False if False in presence else None,
        "progressed": any(row["state"] == "UNEQUIVOCAL PROGRESSION" for row in rows),
    }


def read_lesion(lesion, parts, is_node):
    """One lesion with its fragments. `parts` are the readings of the lesion itself and of the fragments known by now."""
    if len(parts) == 1:
        return parts[0]
    # 6.2: fragments -> sum of longest diameters; a fragment that was not read leaves the lesion unread. The lesion's
    # own number is one more fragment where the reader kept it, and nothing where he did not.
    own, fragments = parts[0], parts[1:]
    counted = fragments + ([own] if own["recorded"] else [])
    size = None if any(part["size"] is None for part in counted) else sum(part["size"] for part in counted)
    presence = [part["present"] for part in counted]
    if size is not None:
        present = is_disease(size, is_node) or any(part["progressed"] for part in counted)
    else:
        present = True if True in presence else None if None in presence else False
    return {
        "recorded": True,
        "size": size,
        "present": present,
        "progressed": any(part["progressed"] for part in counted),
    }


def read_patient(lesions, measurements, assessments):
    """lesion_id -> readings, one per assessment, fragments summed into their lesion and merged lesions marked."""
    by_id = {lesion["lesion_id"]: lesion for lesion in lesions}
    readings = {}
    for lesion in lesions:
        if lesion["split_from"] is None:
            readings[lesion["lesion_id"]] = read_over_time(lesion, lesions, by_id, measurements, assessments)
    mark_merged(lesions, readings)
    return readings


def read_over_time(lesion, lesions, by_id, measurements, assessments):
    fragments = [other for other in lesions if root_of(other, by_id) == lesion["lesion_id"] and other is not lesion]
    known, series = [], []
    for _, scans, _ in assessments:
        parts = {}
        for part in [lesion, *fragments]:
            parts[part["lesion_id"]] = read_part(part["lesion_id"], scans, measurements, lesion["is_node"])
        # A fragment exists from the first assessment on which it was recorded.
        for fragment in fragments:
            if parts[fragment["lesion_id"]]["recorded"] and fragment["lesion_id"] not in known:
                known.append(fragment["lesion_id"])
        # One that fell apart itself is its fragments from then on, unless the reader kept its number.
        there = [name for name in known if parts[name]["recorded"] or not fell_apart(name, known, by_id)]
        series.append(read_lesion(lesion, [parts[name] for name in [lesion["lesion_id"], *there]], lesion["is_node"]))
    return series


def fell_apart(name, known, by_id):
    return any(by_id[other]["split_from"] == name for other in known)


def root_of(lesion, by_id):
    while lesion["split_from"] in by_id:
        lesion = by_id[lesion["split_from"]]
    return lesion["lesion_id"]


def mark_merged(lesions, readings):
    # 6.2: truly merged -> one diameter, that of the merged lesion; the partner counts 0 in the sum and is not a
    # lesion-level CR. It has merged once no later CT gives it a size of its own.
    for series in readings.values():
        for reading in series:
            reading["merged"] = False
    for lesion in lesions:
        if lesion["merged_into"] not in readings or lesion["lesion_id"] not in readings:
            continue
        for reading, partner in zip(
            reversed(readings[lesion["lesion_id"]]), reversed(readings[lesion["merged_into"]]), strict=True
        ):
            if reading["size"] or reading["present"]:
                break
            # What was this lesion is now part of its partner: there if the partner is, unread if the partner is.
            reading["merged"] = True
            reading["size"] = 0 if reading["size"] == 0 or partner["size"] is not None else None
            reading["present"] = partner["present"]
