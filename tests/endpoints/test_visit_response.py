"""Time-point response: RECIST's tables, 79 worked answers, and worked rules."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sonimage import tables
from sonimage.endpoints import split_and_merged
from sonimage.endpoints.visit_response import overall, response_from_assessments
from sums_and_responses import target_sums, visit_responses
from worked_tables import table

CASES = Path(__file__).parent / "cases"
STATES = {"PRESENT": "PRESENT", "ABSENT": "ABSENT", "NE": "NOT EVALUABLE", "PD": "UNEQUIVOCAL PROGRESSION"}


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(CASES / f"{name}.csv", dtype=str, keep_default_na=False)


def timepoint_study() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The worked cases as lesions, measurements, visits and expected answers; visit 0 is the baseline."""
    lesions, sizes, others, expected = (
        read(f"timepoint_{name}") for name in ("lesions", "target_mm", "nontarget", "expected")
    )
    new = expected[expected["new_lesion"] == "Y"].assign(lesion="NEW01", state="PRESENT")
    sizes = sizes.assign(state=sizes["mm"].map({"": "NOT EVALUABLE", "0": "ABSENT"}).fillna("MEASURED"))
    others = others.assign(state=others["state"].map(STATES))
    measured = pd.concat([sizes, others, new[["case", "visit", "lesion", "state"]]])
    measured = measured.assign(
        scan_id=measured["case"] + "/" + measured["visit"], diameter_mm=pd.to_numeric(measured["mm"])
    )
    roles = lesions["role"].map({"T": "TARGET", "NT": "NON-TARGET"})
    found = lesions.assign(role=roles, is_node=lesions["node"] == "Y", organ="lung")
    found = pd.concat([found, new[["case", "lesion"]].assign(role="NEW", is_node=False).drop_duplicates()])
    visits = pd.concat([measured[["case", "visit"]], expected[["case", "visit"]]]).drop_duplicates()
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(visits["visit"].astype(int) * 60, unit="D")
    visits = visits.assign(scan_id=visits["case"] + "/" + visits["visit"], scan_date=day, assessment_date=day)
    visits = visits.assign(visit_role=(visits["visit"] == "0").map({True: "BASELINE", False: "FOLLOW-UP"}))
    names = {"case": "patient_id", "lesion": "lesion_id"}
    expected = expected.merge(visits[["case", "visit", "assessment_date"]], on=["case", "visit"])
    return (
        tables.conform(found.rename(columns=names), "lesions"),
        tables.conform(measured.rename(columns=names), "measurements"),
        tables.conform(visits.rename(columns=names), "visits"),
        expected,
    )


STUDY = timepoint_study()
DERIVED = visit_responses(*STUDY[:3]).set_index(["patient_id", "assessment_date"])


@pytest.mark.parametrize("row", STUDY[3].to_dict("records"), ids=lambda row: f"{row['case']}-{row['visit']}")
def test_worked_time_points(row):
    assert DERIVED.loc[(row["case"], row["assessment_date"]), "overall_response"] == row["overall"]


@pytest.mark.parametrize("name", ["recist11_table1_overall_timepoint", "recist11_table2_nontarget_only"])
def test_recist_tables_of_overall_response(name):
    rows = read(name)
    target = rows.get("target", pd.Series(None, index=rows.index, dtype=object))
    nontarget = rows["non_target"].where(rows["non_target"] != "NONE")
    assert list(overall(target, nontarget, rows["new_lesion"] == "Y")) == list(rows["overall"])


def test_the_order_of_rows_and_columns_changes_nothing():
    shuffled = [frame.sample(frac=1, random_state=2)[frame.columns[::-1]] for frame in STUDY[:3]]
    again = visit_responses(*shuffled)
    pd.testing.assert_frame_equal(again, DERIVED.reset_index()[again.columns], check_like=True)


def test_partial_response_is_kept_until_progression_and_strict_reading_stays():
    rows = DERIVED.loc["eortc_pr_maintained"]
    assert list(rows["overall_response"]) == ["PR"] * 5
    assert list(rows["overall_response_strict"]) == ["PR", "PR", "SD", "SD", "SD"]


def test_the_reason_names_sum_change_and_nadir():
    reason = DERIVED.loc["nadir_not_baseline"]["reason"].iloc[-1]
    assert reason.startswith("PD: sum ") and "over the nadir of" in reason and " on 2020-03-01" in reason


LESIONS = table(
    """
    patient_id | lesion_id | organ | is_node | role       | is_equivocal | merged_into
    equivocal  | T1        | lung  | False   | TARGET     | -            | -
    equivocal  | N1        | bone  | False   | NEW        | True         | -
    merged     | T1        | lung  | False   | TARGET     | -            | -
    merged     | T2        | lung  | False   | TARGET     | -            | T1
    partial    | T1        | lung  | False   | TARGET     | -            | -
    partial    | T2        | liver | False   | TARGET     | -            | -
    """,
    "lesions",
)
MEASUREMENTS = table(
    """
    patient_id | lesion_id | scan_id | diameter_mm | state
    equivocal  | T1        | e0      | 30          | MEASURED
    equivocal  | T1        | e1      | 29          | MEASURED
    equivocal  | N1        | e1      | -           | PRESENT
    equivocal  | T1        | e2      | 29          | MEASURED
    equivocal  | N1        | e2      | -           | UNEQUIVOCAL PROGRESSION
    merged     | T1        | m0      | 20          | MEASURED
    merged     | T2        | m0      | 15          | MEASURED
    merged     | T1        | m1      | 30          | MEASURED
    partial    | T1        | p0      | 30          | MEASURED
    partial    | T2        | p0      | 20          | MEASURED
    partial    | T1        | p1      | 10          | MEASURED
    partial    | T2        | p1      | -           | NOT EVALUABLE
    partial    | T1        | p2      | 45.01       | MEASURED
    partial    | T2        | p2      | 20          | MEASURED
    """,
    "measurements",
)
VISITS = table(
    """
    patient_id | scan_id | scan_date  | assessment_date | visit_role
    equivocal  | e0      | 2020-01-01 | 2020-01-01      | BASELINE
    equivocal  | e1      | 2020-03-01 | 2020-03-01      | FOLLOW-UP
    equivocal  | e2      | 2020-05-01 | 2020-05-01      | FOLLOW-UP
    merged     | m0      | 2020-01-01 | 2020-01-01      | BASELINE
    merged     | m1      | 2020-03-01 | 2020-03-01      | FOLLOW-UP
    partial    | p0      | 2020-01-01 | 2020-01-01      | BASELINE
    partial    | p1      | 2020-03-01 | 2020-03-01      | FOLLOW-UP
    partial    | p2      | 2020-05-01 | 2020-05-01      | FOLLOW-UP
    """,
    "visits",
)


def test_equivocal_new_lesion_confirmed_later_is_progression_on_the_day_it_was_first_seen():
    rows = visit_responses(LESIONS, MEASUREMENTS, VISITS)
    assert list(rows.loc[rows["patient_id"] == "equivocal", "overall_response"]) == ["PD", "PD"]


def test_equivocal_new_lesion_never_confirmed_is_no_progression():
    unconfirmed = MEASUREMENTS[MEASUREMENTS["scan_id"] != "e2"]
    rows = visit_responses(LESIONS, unconfirmed, VISITS)
    assert next(iter(rows.loc[rows["patient_id"] == "equivocal", "overall_response"])) == "SD"


def test_a_merged_lesion_counts_within_its_host():
    sums = target_sums(LESIONS, MEASUREMENTS, VISITS)
    merged = sums[sums["patient_id"] == "merged"]
    assert list(merged["sum_mm"]) == [35, 30] and merged["is_complete"].all()


def test_a_partial_sum_has_no_change_and_is_no_nadir():
    sums = target_sums(LESIONS, MEASUREMENTS, VISITS)
    rows = sums[sums["patient_id"] == "partial"].set_index("assessment_date")
    assert not rows["is_complete"].iloc[1] and rows["change_from_baseline_percent"].isna().iloc[1]
    assert rows["nadir_sum_mm"].iloc[2] == 50 and rows["change_from_nadir_mm"].iloc[2] == pytest.approx(15.01)


def test_investigator_responses_are_kept_as_given_the_worst_of_a_day():
    given = table(
        """
        patient_id | assessment_date | overall_response | source_row
        a          | 2020-03-01      | SD               | 2
        a          | 2020-03-01      | PD               | 3
        a          | 2020-05-01      | -                | 4
        """,
        "assessments",
    )
    rows = response_from_assessments(given)
    assert list(rows["overall_response"]) == ["PD"] and list(rows["overall_response_strict"]) == ["PD"]


def test_empty_tables_give_empty_tables():
    empty = [tables.empty(name) for name in ("lesions", "measurements", "visits")]
    assert visit_responses(*empty).empty and target_sums(*empty).empty


def test_a_lesion_that_fell_apart_has_the_sum_of_its_fragments():
    """RECIST 1.1 section 4.4; a fragment that was not read leaves the lesion unread, and none of them is a new lesion."""
    lesions = table("""
        patient_id | lesion_id | organ | is_node | role   | split_from
        p          | T1        | liver | False   | TARGET | -
        p          | T1a       | liver | False   | -      | T1
        p          | T1b       | liver | False   | -      | T1
    """, "lesions")  # fmt: skip
    measurements = table("""
        patient_id | lesion_id | scan_id | diameter_mm | state
        p          | T1        | ct0     | 50          | MEASURED
        p          | T1        | ct1     | 20          | MEASURED
        p          | T1a       | ct1     | 12          | MEASURED
        p          | T1b       | ct1     | -           | TOO SMALL TO MEASURE
        p          | T1a       | ct2     | 11          | MEASURED
        p          | T1b       | ct2     | -           | ABSENT
        p          | T1        | ct3     | -           | ABSENT
        p          | T1a       | ct3     | 9           | MEASURED
        p          | T1b       | ct3     | -           | NOT EVALUABLE
    """, "measurements")  # fmt: skip
    visits = table("""
        patient_id | scan_id | scan_date  | assessment_date | visit_role
        p          | ct0     | 2020-01-01 | 2020-01-01      | BASELINE
        p          | ct1     | 2020-04-01 | 2020-04-01      | FOLLOW-UP
        p          | ct2     | 2020-07-01 | 2020-07-01      | FOLLOW-UP
        p          | ct3     | 2020-10-01 | 2020-10-01      | FOLLOW-UP
    """, "visits")  # fmt: skip
    sums = target_sums(lesions, measurements, visits)
    assert sums["sum_mm"].fillna(-1).tolist() == [50, 37, 11, -1]
    responses = visit_responses(lesions, measurements, visits, keep_partial_response=False)
    assert responses["overall_response"].tolist() == ["SD", "PR", "NE"]


def test_fragments_of_fragments_are_summed_with_the_first_lesion():
    """RECIST 1.1 section 4.4. What fell apart is its fragments from then on; T1a's number is no lesion left unread."""
    lesions = table("""
        patient_id | lesion_id | organ | is_node | role   | split_from
        p          | T1        | liver | False   | TARGET | -
        p          | T1a       | liver | False   | TARGET | T1
        p          | T1b       | liver | False   | TARGET | T1
        p          | T1ax      | liver | False   | TARGET | T1a
        p          | T1ay      | liver | False   | TARGET | T1a
    """, "lesions")  # fmt: skip
    measurements = table("""
        patient_id | lesion_id | scan_id | diameter_mm | state
        p          | T1        | ct0     | 50          | MEASURED
        p          | T1a       | ct1     | 30          | MEASURED
        p          | T1b       | ct1     | 10          | MEASURED
        p          | T1b       | ct2     | 10          | MEASURED
        p          | T1ax      | ct2     | 12          | MEASURED
        p          | T1ay      | ct2     | 8           | MEASURED
        p          | T1b       | ct3     | 10          | MEASURED
        p          | T1ax      | ct3     | 12          | MEASURED
    """, "measurements")  # fmt: skip
    visits = table("""
        patient_id | scan_id | scan_date  | assessment_date | visit_role
        p          | ct0     | 2020-01-01 | 2020-01-01      | BASELINE
        p          | ct1     | 2020-04-01 | 2020-04-01      | FOLLOW-UP
        p          | ct2     | 2020-07-01 | 2020-07-01      | FOLLOW-UP
        p          | ct3     | 2020-10-01 | 2020-10-01      | FOLLOW-UP
    """, "visits")  # fmt: skip
    assert target_sums(lesions, measurements, visits)["sum_mm"].fillna(-1).tolist() == [50, 40, 30, -1]


@pytest.mark.parametrize(
    ("origin", "first", "kept"),
    [
        ([-1, 0, 1, 2, -1], [0, 0, 0, 0, 4], [-1, 0, 1, 2, -1]),
        ([0, -1], [0, 1], [-1, -1]),  # a fragment of itself
        ([1, 0, -1], [0, 1, 2], [-1, -1, -1]),  # of each other
        ([1, 2, 0, 2, -1, 4], [0, 1, 2, 3, 4, 4], [-1, -1, -1, -1, -1, 4]),  # a circle, and a fragment of one in it
        ([-1, *range(40)], [0] * 41, [-1, *range(40)]),
        ([], [], []),
    ],
)
def test_chains_of_fragments_lead_to_the_first_lesion_and_circles_are_lesions_of_their_own(origin, first, kept):
    kept_origin = split_and_merged.without_circles(np.array(origin, dtype=int))
    assert kept_origin.tolist() == kept and split_and_merged.first_of(kept_origin).tolist() == first
