"""Dates of scans against the schedule of CTs, and against the order of scan numbers and of rows."""

import numpy as np
import pandas as pd

from sonimage.cleaning.plausibility.rule import Rule, Study

YEAR_DAYS = 365
# In intervals of the schedule; a year is 4.3 of 12 weeks, so that a CT a year off lies a third of one off the schedule.
OFF_SCHEDULE, ON_SCHEDULE, CROWDED, LONE, MOST_FILLED = 0.2, 0.4, 0.65, 3.5, 2.35
MOST_FALLING, FEWEST_PATIENTS = 0.05, 10  # a file keeps an order if no more of its patients do not, or a single one


def with_ct_gaps(study: Study, ct_interval_days: int) -> Study:
    """The study with `ct_gaps`: each day of CT with the gaps to the patient's other CTs, in intervals of the schedule.

    `before` and `after` as it is dated; `earlier_...` and `later_...` if it were dated a year earlier or later.
    """
    ct = study["scans"][study["scans"]["modality"] == "CT"].dropna(subset="scan_date")
    ct = ct.sort_values(["patient_id", "scan_date"], kind="stable").drop_duplicates(["patient_id", "scan_date"])
    patient = pd.factorize(ct["patient_id"])[0]
    day = ct["scan_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    gaps = {}
    for words, shift in (("", 0), ("earlier_", -YEAR_DAYS), ("later_", YEAR_DAYS)):
        before, after = _gaps_to_others(patient, day, day + shift)
        gaps |= {f"{words}before": before / ct_interval_days, f"{words}after": after / ct_interval_days}
    return study | {"ct_gaps": ct.assign(**gaps)}


def _gaps_to_others(patient: np.ndarray, day: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days from a place in time to the patient's last other day before it and first one on or after it, missing if none.

    `patient` and `day` are in order; `place` is where a row's own day is thought to be.
    """
    own, span = np.arange(len(day)), 10**6
    at = patient * span + day
    after = np.searchsorted(at, patient * span + place)
    before = after - 1
    before, after = before - (before == own), after + (after == own)

    def days_to(row: np.ndarray) -> np.ndarray:
        there = np.clip(row, 0, max(len(day) - 1, 0))
        same = (row == there) & (patient[there] == patient)
        return np.where(same, np.abs(day[there] - place), np.nan)

    return days_to(before), days_to(after)


def _off(gap: pd.Series) -> pd.Series:
    """How far a gap is from one or more whole intervals; missing where there is no CT."""
    return (gap - gap.round().clip(lower=1)).abs()


def _fits(before: pd.Series, after: pd.Series) -> pd.Series:
    """A place in the schedule that no CT fills: after another CT, whole intervals from the CTs around it, near one of them."""
    off = _off(before) + _off(after).fillna(ON_SCHEDULE / 2)
    return (off <= ON_SCHEDULE) & (np.fmin(before, after) <= MOST_FILLED)


def ct_a_year_off(study: Study) -> pd.DataFrame:
    """A CT off the schedule, that a year earlier or later would fill a place in it.

    Off the schedule is no whole number of intervals from the CTs around it, far from all, or, for the first CT, whose distance
    to the next no schedule sets, shortly before the next.
    """
    gaps = study["ct_gaps"]
    before, after = gaps["before"], gaps["after"]
    off_schedule = (_off(before) > OFF_SCHEDULE) & (_off(after).fillna(1) > OFF_SCHEDULE)
    crowded = before.isna() & (after < CROWDED)
    lone = np.fmin(before, after) > LONE
    a_year_off = _fits(gaps["earlier_before"], gaps["earlier_after"]) | _fits(gaps["later_before"], gaps["later_after"])
    return gaps[(off_schedule | crowded | lone) & a_year_off]


def _falls_where_others_do_not(scans: pd.DataFrame, falls: pd.Series) -> pd.Series:
    """Scans that fall in an order, in files of which nearly all patients with several scans keep it."""
    file = scans["source_file"].fillna("")
    of_patient = falls[scans["is_later"]].groupby([file, scans["patient_id"]]).any()
    n, n_falling = (of_patient.groupby(level=0).agg(word) for word in ("size", "sum"))
    kept = (n >= FEWEST_PATIENTS) & ((n_falling <= MOST_FALLING * n) | (n_falling == 1))
    return falls & file.isin(kept.index[kept])


def scan_out_of_order(study: Study) -> pd.DataFrame:
    """A scan whose number, or whose row in the raw file, comes before that of the scan before it in time."""
    scans = study["scans"].dropna(subset="scan_date")
    scans = scans.sort_values(["patient_id", "modality", "scan_date"], kind="stable")
    earlier = scans.shift()
    same = (scans["patient_id"] == earlier["patient_id"]) & (scans["modality"] == earlier["modality"])
    is_later = same & (scans["scan_date"] > earlier["scan_date"])
    scans = scans.assign(is_later=is_later)
    number, number_before = scans["scan_id"].astype(str), earlier["scan_id"].astype(str)
    longer_by = number.str.len() - number_before.str.len()  # scan 10 comes after scan 9
    number_falls = is_later & ((longer_by < 0) | ((longer_by == 0) & (number < number_before)))
    row_falls = is_later & (scans["source_file"] == earlier["source_file"])
    row_falls &= (scans["source_row"] < earlier["source_row"]).fillna(False).astype(bool)
    return scans[_falls_where_others_do_not(scans, number_falls) | _falls_where_others_do_not(scans, row_falls)]


RULES = (
    Rule("CT_A_YEAR_OFF", "scans", "scan_date", "a CT where the schedule has one", "A slip in the year?", ct_a_year_off),
    Rule("SCAN_OUT_OF_ORDER", "scans", "scan_date", "dates in the order of scan numbers and of rows", "Dates of two scans exchanged?", scan_out_of_order),
)  # fmt: skip
