"""Slips that the neighbours of a value give away: most are asked about, and clean studies are hardly asked.

`pytest -s tests/cleaning/test_slips.py` prints the share of each slip that is asked about.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from plausible_study import CALLED_LIVER, IN_LIVER, both, cts_exchanged, put, study, ten, third_ct, without
from slips import QUERY_RULES, SLIPS, Study, bare, clean_study, turned
from sonimage import tables
from sonimage.cleaning.plausibility import RULES, neighbouring_sizes, neighbouring_uptake, prepare, scan_dates
from sonimage.linking import visits
from sums_and_responses import visit_responses

NEW_RULES = [rule for part in (scan_dates, neighbouring_sizes, neighbouring_uptake) for rule in part.RULES]
BY_ID = {rule.rule_id: rule for rule in RULES}
# Older rules that such slips may break too
OLDER = ["SCAN_LONG_BEFORE", "SCAN_AFTER_CONTACT", "ASSESSMENT_WITHOUT_CT", "NEW_WITHOUT_PD", "NEW_ON_FIRST_CT", "TARGET_NOT_MEASURED", "SIZE_JUMP", "TARGET_TOO_SMALL", "SUV", "CALL_AGAINST_SUV", "PET_WITHOUT_READING", "NODE_ORGAN"]  # fmt: skip
PLACES = 20


def asked(changed: Study, rules=NEW_RULES) -> set[tuple[str, str]]:
    """Rule and patient of each query."""
    ready = prepare(changed, **QUERY_RULES)
    return {(rule.rule_id, patient) for rule in rules for patient in rule.broken(ready)["patient_id"]}


def patients_asked(rule_id: str, changed: Study) -> set[str]:
    return {patient for _, patient in asked(changed, [BY_ID[rule_id]])}


# Clean studies


@cache
def asked_of_clean_studies(n_patients: int = 300) -> pd.DataFrame:
    """Patients whom each rule asks about, by study."""
    found = [asked(clean_study(n_patients, seed)) for seed in (1, 2, 3)]
    counts = [pd.Series([rule for rule, _ in one]).value_counts() for one in found]
    return pd.concat(counts, axis=1).reindex([rule.rule_id for rule in NEW_RULES]).fillna(0)


@pytest.mark.parametrize("rule", [rule.rule_id for rule in NEW_RULES])
def test_a_rule_asks_about_at_most_one_in_twenty_patients_of_a_clean_study(rule):
    assert (asked_of_clean_studies().loc[rule] <= 0.05 * 300).all()


# Slips at random places


@cache
def tried(name: str, layout: str) -> tuple[bool, ...]:
    """A slip at 20 random places of a study of 40 patients: whether its patient is asked about it."""
    before = clean_study(40, 11) if layout == "full" else bare(clean_study(40, 11))
    rules = [*NEW_RULES, *(BY_ID[rule_id] for rule_id in OLDER)]
    generator, known = np.random.default_rng(20), asked(before, rules)
    found = []
    for _ in range(PLACES):
        after, patient = SLIPS[name](before, generator)
        found.append(any(of == patient for _, of in asked(after, rules) - known))
    return tuple(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLIPS)
def test_most_slips_are_asked_about(name):
    full, little = (np.mean(tried(name, layout)) for layout in ("full", "bare"))
    print(f"{name}: {full:.0%}, with little beside it {little:.0%}")
    assert full >= 0.75
    if "exchanged" not in name:  # without an order of scans, only sizes and progression tell, and most CTs look alike
        assert little >= 0.7


def responses(changed: Study) -> pd.Series:
    """The responses of each patient in order of time, as the CTs give them."""
    grouped = visits.link_visits(
        changed["patients"], changed["scans"], changed["measurements"], pooling_days=7, late_baseline_days=28
    )
    given = visit_responses(changed["lesions"], changed["measurements"], grouped)
    return given.groupby("patient_id")["overall_response"].agg(list)


@pytest.mark.slow
def test_an_exchange_of_dates_that_moves_responses_is_asked_about_though_no_order_tells():
    before, generator, found = bare(clean_study(40, 11)), np.random.default_rng(20), []
    given, known = responses(before), asked(before)
    for _ in range(60):
        after, patient = SLIPS["dates of two CTs exchanged"](before, generator)
        if responses(after)[patient] != given[patient]:
            found.append(any(of == patient for _, of in asked(after) - known))
    print(f"{len(found)} of 60 exchanges move responses, {np.mean(found):.0%} of them are asked about")
    assert len(found) >= 10 and np.mean(found) >= 0.75


# Where the neighbours give a slip away, and where they do not


def series(days: list[list[int]], sizes: list[list[float]] | None = None) -> Study:
    """Patients numbered from 0 with a CT on each of their days and a lesion of the given sizes."""
    rows = pd.DataFrame(
        [
            {"patient_id": str(n), "day": day, "diameter_mm": size}
            for n, own in enumerate(days)
            for day, size in zip(own, sizes[n] if sizes else [20.0] * len(own), strict=True)
        ]
    )
    rows = rows.assign(
        lesion_id="T1",
        scan_id=rows.index.astype(str),
        modality="CT",
        state="MEASURED",
        scan_date=pd.Timestamp("2020-01-20") + pd.to_timedelta(rows["day"], unit="D"),
    )
    lesions = rows.drop_duplicates("patient_id").assign(role="TARGET", organ="lung", is_node=False)
    filled = {"scans": rows, "measurements": rows, "lesions": lesions, "patients": lesions}
    return {name: tables.conform(filled[name], name) if name in filled else tables.empty(name) for name in study()}


TWO_DIGITS = [size for size in range(10, 100) if size % 10 and max(size, turned(size)) >= 1.2 * min(size, turned(size))]


def test_turned_digits_between_two_equal_sizes_are_always_asked_about():
    changed = series([[0, 84, 168]] * len(TWO_DIGITS), [[size, turned(size), size] for size in TWO_DIGITS])
    assert len(TWO_DIGITS) > 60
    assert len(patients_asked("DIGITS_TURNED", changed)) == len(TWO_DIGITS)


@pytest.mark.parametrize("at", [0, 2])
def test_turned_digits_at_an_end_are_asked_about_from_one_and_a_half_times_the_size(at):
    far = [size for size in TWO_DIGITS if max(size, turned(size)) >= 1.5 * min(size, turned(size))]
    sizes = [[turned(size) if number == at else size for number in range(3)] for size in far]
    assert len(patients_asked("DIGITS_TURNED", series([[0, 84, 168]] * len(far), sizes))) == len(far) > 40


def test_a_first_size_is_not_asked_about_where_the_other_lesion_shrinks_as_it_does():
    shrunk = put("measurements", 0, diameter_mm=51.25)
    assert patients_asked("DIGITS_TURNED", shrunk())
    both_shrunk = both(
        lambda: study() | {"measurements": shrunk()["measurements"].assign(diameter_mm=[51.25, 15.25, 48, 14])}
    )
    assert not patients_asked("DIGITS_TURNED", both_shrunk())


@pytest.mark.parametrize("years", [-1, 1])
def test_a_ct_a_year_off_in_a_regular_series_is_asked_about_at_every_place(years):
    """But for the first, and those that come to lie before it: NO_BASELINE_CT and SCAN_LONG_BEFORE ask about them."""
    regular = [84 * number for number in range(9)]
    moved = [[day + 365 * years * (number == at) for number, day in enumerate(regular)] for at in range(9)]
    expected = range(1, 9) if years == 1 else range(4, 9)
    assert patients_asked("CT_A_YEAR_OFF", series(moved)) == {str(at) for at in expected}


def test_missed_and_late_cts_are_not_a_year_off():
    missed = [[84 * number for number in range(9) if number not in (at, at + 1)] for at in range(1, 8)]
    late = [[84 * number + 28 * (number == at) for number in range(9)] for at in range(1, 9)]
    assert not patients_asked("CT_A_YEAR_OFF", series([*missed, *late]))


def test_a_response_before_a_progression_is_no_peak():
    assert not patients_asked("SIZES_PEAK", third_ct(20, 12, 20)())
    assert patients_asked("SIZES_PEAK", third_ct(12, 20, 12)())


def test_a_new_lesion_after_which_first_line_goes_on_without_it_is_asked_about():
    new = third_ct(20, 15, 14)()
    lesion = new["lesions"].iloc[[0]].assign(lesion_id="N1", role="NEW")
    seen = new["measurements"].iloc[[1]].assign(lesion_id="N1")
    new = {name: pd.concat([new[name], row]) for name, row in (("lesions", lesion), ("measurements", seen))} | {
        name: new[name] for name in new if name not in ("lesions", "measurements")
    }
    assert patients_asked("PROGRESSION_TAKEN_BACK", new)
    agent = new["events"].assign(event_date=pd.Timestamp("2020-05-25"))
    assert not patients_asked("PROGRESSION_TAKEN_BACK", new | {"events": agent})


def test_where_half_of_the_patients_keep_no_order_nobody_is_asked():
    assert patients_asked("SCAN_OUT_OF_ORDER", ten(cts_exchanged)()) == {"9-a"}
    assert not patients_asked("SCAN_OUT_OF_ORDER", ten(study, cts_exchanged)())


def test_where_readers_do_not_read_both_tracers_nobody_is_asked():
    assert patients_asked("ONE_TRACER", ten(without("uptake", 0))()) == {"9-a"}
    assert not patients_asked("ONE_TRACER", ten(study, without("uptake", 0))())


def test_where_readers_call_liver_lesions_nobody_is_asked():
    changed = ten(IN_LIVER, CALLED_LIVER)()
    assert not patients_asked("ORGAN_WITH_CALL", changed) and not patients_asked("ORGAN_WITH_SIDE", changed)


def test_a_new_liver_lesion_says_nothing_of_the_disease_at_baseline():
    flags = put("patients", 0, visceral_disease=False, bone_only=True)
    assert patients_asked("ORGAN_AGAINST_PATIENT", both(CALLED_LIVER, flags)())
    called_new = both(put("lesions", 0, organ="liver", role="NEW"), flags)
    assert not patients_asked("ORGAN_AGAINST_PATIENT", called_new())
