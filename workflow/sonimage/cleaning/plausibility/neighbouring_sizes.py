"""Sizes on CT that the CT before and the CT after contradict: digits turned, CTs exchanged, a progression taken back."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.cleaning.plausibility.lesions_and_sizes import SEEN, without_progression_near
from sonimage.cleaning.plausibility.rule import Rule, Study
from sonimage.tables import LESION

# Ratio of sizes, and mm: those of RECIST's progression, but for a first or last size, which the disease may move.
JUMP, JUMP_AT_AN_END, JUMP_MM = 1.2, 1.5, 5
ALIKE, ALIKE_AT_AN_END = 1.2, 1.1  # ratio of the turned number to its neighbours
NEW_AGENT, PROGRESSION = "NEW THERAPEUTIC AGENT", "UNEQUIVOCAL PROGRESSION"


def with_sizes(study: Study) -> Study:
    """The study with `sizes`: measured sizes above 0 by lesion in order of time, with the sizes `before` and `after`, the
    smaller (`low`) and larger (`high`) of the two, and whether a size is `between` two."""
    rows = study["ct_readings"]
    rows = rows[rows["diameter_mm"] > 0].sort_values([*LESION, "scan_date"], kind="stable")
    size, follows = rows["diameter_mm"], rows.duplicated(LESION)
    before = size.shift().where(follows)
    after = size.shift(-1).where(follows.shift(-1, fill_value=False))
    around = {"before": before, "after": after, "low": np.fmin(before, after), "high": np.fmax(before, after)}
    return study | {"sizes": rows.assign(**around, between=before.notna() & after.notna())}


def _rises(size: pd.Series, other: pd.Series, ratio: float) -> pd.Series:
    """Above the other by the ratio and by 5 mm."""
    return (size >= ratio * other) & (size - other >= JUMP_MM)


def _jumps(size: pd.Series, low: pd.Series, high: pd.Series, ratio: float) -> pd.Series:
    """Above or below both neighbours."""
    return _rises(size, high, ratio) | _rises(low, size, ratio)


def _turned(size: pd.Series) -> pd.Series:
    """A size with its tens and units exchanged; missing without both."""
    whole = np.floor(size)
    return (whole % 10 * 10 + whole // 10 + (size - whole)).where(whole.between(10, 99))


def _others_stay(sizes: pd.DataFrame, neighbour: str) -> pd.Series:
    """The patient's other lesions together have much the same size on that CT and the neighbouring one, or there are none."""
    of_ct = [sizes["patient_id"], sizes["scan_date"]]
    here, there = (sizes[column].where(sizes[neighbour].notna()) for column in ("diameter_mm", neighbour))
    change = (here.groupby(of_ct).transform("sum") - here) / (there.groupby(of_ct).transform("sum") - there)
    return ~((change > JUMP) | (change < 1 / JUMP))


def digits_turned_between(study: Study) -> pd.DataFrame:
    """A size that jumps from those before and after, between which it would fit with its tens and units exchanged."""
    sizes = study["sizes"]
    fits = _turned(sizes["diameter_mm"]).between(sizes["low"] / ALIKE, sizes["high"] * ALIKE)
    return sizes[sizes["between"] & fits & _jumps(sizes["diameter_mm"], sizes["low"], sizes["high"], JUMP)]


def digits_turned_at_an_end(study: Study) -> pd.DataFrame:
    """A first or last size that jumps from the one beside it, as those of the patient's other lesions do not, and would equal it
    but for a tenth with its tens and units exchanged."""
    sizes = study["sizes"]
    fits = _turned(sizes["diameter_mm"]).between(sizes["low"] / ALIKE_AT_AN_END, sizes["high"] * ALIKE_AT_AN_END)
    jumps = _jumps(sizes["diameter_mm"], sizes["low"], sizes["high"], JUMP_AT_AN_END)
    asked = ~sizes["between"] & fits & jumps
    of_patients = sizes[sizes["patient_id"].isin(sizes.loc[asked, "patient_id"])]
    alone = _others_stay(of_patients, "before") & _others_stay(of_patients, "after")
    return of_patients[asked[of_patients.index] & alone]


def digits_turned(study: Study) -> pd.DataFrame:
    """Both kinds in one list."""
    return pd.concat([digits_turned_between(study), digits_turned_at_an_end(study)])


def sizes_peak(study: Study) -> pd.DataFrame:
    """A CT on which the patient's sizes together would be a progression from the CT before, which the CT after takes back.

    The other way round, small between two large ones, is a response and then a progression.
    """
    sizes = study["sizes"][study["sizes"]["between"]]
    of_ct = sizes.groupby(["patient_id", "scan_date"])
    here, before, after = (of_ct[column].transform("sum") for column in ("diameter_mm", "before", "after"))
    return sizes[_rises(here, np.fmax(before, after), JUMP)].drop_duplicates(["patient_id", "scan_date"])


def progression_taken_back(study: Study) -> pd.DataFrame:
    """A new lesion, or one in unequivocal progression, that a later CT of first-line treatment does not show so."""
    rows, agents = study["ct_readings"], study["events"][study["events"]["event"] == NEW_AGENT]
    new = (rows["role"] == "NEW") & rows["state"].isin(SEEN) & ~tables.known_true(rows["is_equivocal"])
    progressed = (rows["state"] == PROGRESSION) | new
    of_patients = rows[rows["patient_id"].isin(rows.loc[progressed, "patient_id"])]
    first_agent = of_patients["patient_id"].map(agents.groupby("patient_id")["event_date"].min())
    in_line = of_patients[~(of_patients["scan_date"] > first_agent)]
    last_ct = in_line.groupby("patient_id")["scan_date"].transform("max")
    last_shown = in_line[progressed[in_line.index]].drop_duplicates(LESION, keep="last")
    return last_shown[last_shown["scan_date"] < last_ct[last_shown.index]]


def unequivocal_without_progression(study: Study) -> pd.DataFrame:
    """A lesion in unequivocal progression with an investigator's assessment within 14 days that is no progression."""
    rows = study["ct_readings"]
    rows = rows[rows["state"] == PROGRESSION].drop_duplicates(LESION)
    return without_progression_near(rows, study["assessments"])


RULES = (
    Rule("DIGITS_TURNED", "measurements", "diameter_mm", "a size like those before and after", "Two digits exchanged?", digits_turned),
    Rule("SIZES_PEAK", "measurements", "diameter_mm, scan_id", "no growth by 20 % that the next CT takes back", "Dates of two CTs exchanged, or a slip in a size?", sizes_peak),
    Rule("PROGRESSION_TAKEN_BACK", "measurements", "state, scan_id", "progression on later CTs too", "Dates of two CTs exchanged, or a progression that was none?", progression_taken_back),
    Rule("UNEQUIVOCAL_WITHOUT_PD", "measurements", "state, scan_id", "PD within 14 days of unequivocal progression", "Dates of two CTs exchanged, or a response to correct?", unequivocal_without_progression),
)  # fmt: skip
