"""FDG status with its reason, and the denominators a lesion is in: one worked lesion for every rule."""

import pandas as pd
import pytest
from sonimage.imaging import fes_status
from worked_tables import table

RULES = {
    "suvmax_cut": 1.5, "small_below_mm": 10, "large_from_mm": 15, "background_organs": ["liver"],
    "physiologic_organs": ["bowel", "kidney"], "without_reading": "ne", "reading": "call, then suv",
    "liver_ratio_cuts": None,
}  # fmt: skip
BOOLEAN = {"True": True, "False": False}


def status_of(row: dict, fdg_suvmax_cut: float | None = None) -> pd.Series:
    """The status of one lesion on CT, FES-positive by its SUVmax, with the readings of `row`."""
    usual = {
        "patient_id": "a",
        "lesion_id": "1",
        "organ": "lung",
        "is_on_ct": True,
        "has_fes_scan": True,
        "fes_suvmax": 2.0,
    }
    columns = (
        "is_on_fdg", "is_on_fes", "fes_visual", "fes_in_field_of_view", "fes_background_suvmean", "baseline_diameter_mm",
        "has_fdg_scan", "fdg_visual", "fdg_suvmax", "fdg_in_field_of_view",
    )  # fmt: skip
    reading = pd.DataFrame(
        [dict.fromkeys(columns) | usual | {key: BOOLEAN.get(value, value) for key, value in row.items()}]
    )
    numbers = {name: pd.to_numeric(reading[name]) for name in ("fdg_suvmax", "baseline_diameter_mm")}
    numbers["fes_background_suvmean"] = reading["fes_background_suvmean"].astype(float)
    return fes_status.derive_fes_status(reading.assign(**numbers), fdg_suvmax_cut=fdg_suvmax_cut, **RULES).iloc[0]


FDG = table("""
    case      | has_fdg_scan | fdg_visual    | fdg_suvmax | fdg_in_field_of_view | status | reason                 | by_cut
    no_scan   | False        | positive      | 9          | -                    | ne     | NO FDG SCAN            | ne
    no_read   | True         | -             | -          | -                    | ne     | NO FDG READING         | ne
    outside   | True         | -             | -          | False                | ne     | OUTSIDE FIELD OF VIEW  | ne
    unsure    | True         | not evaluable | 9          | True                 | ne     | READER                 | ne
    called    | True         | positive      | 1          | -                    | pos    | VISUAL POSITIVE        | pos
    not_hot   | True         | negative      | 9          | -                    | neg    | VISUAL NEGATIVE        | neg
    blank     | True         | -             | 2.5        | -                    | ne     | NO CALL                | pos
    blank_low | True         | -             | 2.49       | -                    | ne     | NO CALL                | neg
""")


@pytest.mark.parametrize("row", FDG.to_dict("records"), ids=lambda row: row["case"])
def test_fdg_status_by_the_call_and_without_one_by_a_cut_if_there_is_one(row):
    reading = {name: row[name] for name in ("has_fdg_scan", "fdg_visual", "fdg_suvmax", "fdg_in_field_of_view")}
    found = status_of(reading)
    assert (found["fdg_status"], found["fdg_reason"]) == (row["status"], row["reason"])
    assert bool(found["in_d3"]) == (row["status"] == "pos") and bool(found["in_d1"])
    assert status_of(reading, fdg_suvmax_cut=2.5)["fdg_status"] == row["by_cut"]


DENOMINATORS = table("""
    lesion   | is_on_ct | is_on_fdg | is_on_fes | fdg_visual | baseline_diameter_mm | members
    ct_only  | True     | False     | False     | -          | 14.99                | d1 d2
    large    | True     | False     | False     | negative   | 15                   | d1 d2 d4
    fdg_only | False    | True      | False     | positive   | -                    | d1 d2 d3
    blank    | False    | True      | False     | -          | -                    | d1 d2
    fes_only | False    | False     | True      | -          | -                    | d2
    nowhere  | False    | False     | False     | -          | 20                   | none
""")


@pytest.mark.parametrize("row", DENOMINATORS.to_dict("records"), ids=lambda row: row["lesion"])
def test_denominators(row):
    found = status_of(
        {name: row[name] for name in DENOMINATORS if name not in ("lesion", "members")} | {"has_fdg_scan": True}
    )
    members = " ".join(name for name in ("d1", "d2", "d3", "d4") if found[f"in_{name}"])
    assert (members or "none") == row["members"]
