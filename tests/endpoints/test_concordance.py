"""Derived and investigator response: pairs of assessments, best responses, kappa."""

import pandas as pd
import pytest
from sonimage import tables
from sonimage.endpoints import concordance
from sonimage.endpoints.visit_response import response_from_assessments
from worked_tables import table

DERIVED = table(
    """
    patient_id | assessment_date | overall_response | reason
    a          | 2020-03-25      | SD               | SD: sum 20.00 mm
    a          | 2020-06-17      | PR               | PR: sum 10.00 mm
    b          | 2020-03-25      | PD               | PD: new lesion
    """,
    "visit_response",
)
GIVEN = response_from_assessments(
    table(
        """
        patient_id | assessment_date | overall_response | source_row
        a          | 2020-04-04      | SD               | 2
        a          | 2020-06-10      | SD               | 3
        a          | 2020-06-10      | PD               | 4
        c          | 2020-03-25      | SD               | 5
        """,
        "assessments",
    )
)


def test_the_nearest_assessment_within_the_window_is_compared_and_the_worst_of_a_day():
    rows = concordance.compare_responses(DERIVED, GIVEN, window_days=14)
    assert list(rows["investigator_response"].fillna("-")) == ["SD", "PD", "-"]
    assert list(rows["is_equal"].astype(object).fillna("-")) == [True, False, "-"]
    assert rows["reason"].equals(DERIVED["reason"])
    assert concordance.compare_responses(DERIVED, GIVEN, window_days=5)["is_equal"].isna().all()


def test_rows_in_another_order_are_compared_the_same():
    shuffled = DERIVED.sample(frac=1, random_state=1)
    rows = concordance.compare_responses(shuffled, GIVEN.sample(frac=1, random_state=2), window_days=14)
    rows = rows.sort_values(["patient_id", "assessment_date"], ignore_index=True)
    pd.testing.assert_frame_equal(rows, concordance.compare_responses(DERIVED, GIVEN, window_days=14))


def test_best_responses_are_compared_patient_by_patient():
    derived = table(
        """
        patient_id | best_response | best_response_date
        a          | PR            | 2020-06-17
        b          | PD            | 2020-03-25
        c          | -             | -
        """,
        "best_response",
    )
    given = derived.assign(best_response=["PR", None, "SD"])
    rows = concordance.compare_best_responses(derived, given)
    assert list(rows["patient_id"]) == ["a", "b"] and rows["is_equal"].iloc[0] and pd.isna(rows["is_equal"].iloc[1])


def pairs(counts: dict[tuple[str, str], int]) -> pd.DataFrame:
    rows = [
        {"patient_id": "p", "level": "assessment", "derived_response": one, "investigator_response": other}
        for (one, other), n in counts.items()
        for _ in range(n)
    ]
    return tables.conform(pd.DataFrame(rows), "response_concordance")


def test_kappa_of_a_table_worked_by_hand():
    """20 + 15 of 50 pairs equal, 0.5 expected by chance: kappa = (0.7 - 0.5) / (1 - 0.5) = 0.4."""
    compared = pairs({("SD", "SD"): 20, ("SD", "PD"): 5, ("PD", "SD"): 10, ("PD", "PD"): 15})
    found = concordance.summarise_agreement(compared)
    found = found[found["level"] == "assessment"].set_index("statistic")
    assert found.loc["kappa", "value"] == pytest.approx(0.4)
    # large-sample standard error 0.12699606 (Fleiss, Cohen and Everitt, Psychol Bull 1969;72:323), worked from the formula
    assert found.loc["kappa", ["ci_lower", "ci_upper"]].tolist() == pytest.approx([0.15109229, 0.64890771], abs=1e-7)
    assert found.loc["equal", "value"] == 0.7 and found.loc["pairs", "value"] == 50


def test_one_answer_throughout_or_no_pair_has_no_kappa():
    for compared in (pairs({("SD", "SD"): 3}), pairs({})):
        kappa = concordance.summarise_agreement(compared).set_index(["level", "statistic"]).loc[("assessment", "kappa")]
        assert pd.isna(kappa["value"]).all()
