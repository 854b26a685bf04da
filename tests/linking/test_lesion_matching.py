"""The check of lesion links: a table of positions that a reader can follow, and brute force over small ones."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sonimage.linking.lesion_matching import match, review_links
from worked_tables import table

COLUMNS = ["patient_id", "lesion_id", "organ", "laterality", "x_mm", "y_mm", "z_mm"]


def sightings(text: str) -> pd.DataFrame:
    frame = table(text)
    axes = ["x_mm", "y_mm", "z_mm"]
    return frame.assign(**{axis: pd.to_numeric(frame[axis]) for axis in axes if axis in frame}).reindex(
        columns=[*COLUMNS, *(["modality"] if "modality" in frame else [])]
    )


def matched(first: str, second: str, gate_mm: float = 15) -> list[tuple[str, str]]:
    pairs = match(sightings(first), sightings(second), gate_mm=gate_mm)
    return list(zip(pairs["lesion_id"], pairs["partner_id"], strict=True))


HEAD = "patient_id | lesion_id | organ | laterality | x_mm | y_mm | z_mm\n"


def test_a_liver_lesion_is_never_paired_with_a_lung_lesion_however_near():
    assert matched(HEAD + "p | A | liver | - | 0 | 0 | 0", HEAD + "p | B | lung | - | 2 | 0 | 0") == []


def test_two_near_misses_do_not_spend_the_true_pair():
    """Plain assignment of both would pair each at 18 mm; within the gate only the pair at 2 mm is one."""
    first = HEAD + "p | A | bone | - | 0 | 0 | 0\np | B | bone | - | 20 | 0 | 0"
    second = HEAD + "p | C | bone | - | 18 | 0 | 0\np | D | bone | - | 38 | 0 | 0"
    assert matched(first, second) == [("B", "C")]


def test_the_least_total_distance_counts_not_the_nearest_neighbour():
    first = HEAD + "p | A | bone | - | 0 | 0 | 0\np | B | bone | - | 10 | 0 | 0"
    second = HEAD + "p | C | bone | - | 9 | 0 | 0\np | D | bone | - | 20 | 0 | 0"
    assert matched(first, second, gate_mm=30) == [("A", "C"), ("B", "D")]
    assert matched(first, second) == [("B", "C")]


@pytest.mark.parametrize("distance, found", [(15, [("A", "B")]), (15.001, [])])
def test_the_gate_is_included(distance, found):
    assert matched(HEAD + "p | A | bone | - | 0 | 0 | 0", HEAD + f"p | B | bone | - | {distance} | 0 | 0") == found


@pytest.mark.parametrize("side, found", [("left", [("A", "B")]), ("right", []), ("-", [("A", "B")])])
def test_a_side_not_named_goes_with_any(side, found):
    assert matched(HEAD + "p | A | lung | left | 0 | 0 | 0", HEAD + f"p | B | lung | {side} | 1 | 0 | 0") == found


def test_another_patient_and_a_lesion_without_a_position_are_no_candidates():
    second = HEAD + "q | B | bone | - | 0 | 0 | 0\np | C | bone | - | - | - | -"
    assert matched(HEAD + "p | A | bone | - | 0 | 0 | 0", second) == []


def test_of_equal_distances_the_readers_pair_is_taken():
    first = HEAD + "p | L2 | bone | - | 0 | 0 | 0"
    second = HEAD + "p | L1 | bone | - | 5 | 0 | 0\np | L2 | bone | - | -5 | 0 | 0\np | L3 | bone | - | 5 | 0 | 0"
    assert matched(first, second) == [("L2", "L2")]


def test_a_pair_at_the_gate_is_rather_taken_than_left_alone():
    """A-C 15 mm and B-D 10 mm, or one of them and the gate: 25 mm each."""
    first = HEAD + "p | A | bone | - | 0 | 0 | 0\np | B | bone | - | 20 | 0 | 0"
    second = HEAD + "p | C | bone | - | -15 | 0 | 0\np | D | bone | - | 10 | 0 | 0"
    assert matched(first, second) == [("A", "C"), ("B", "D")]


FINDINGS = sightings("""
    patient_id | lesion_id | modality | organ | laterality | x_mm | y_mm | z_mm
    agrees     | L1        | FES-PET  | bone  | left       | 0    | 0    | 0
    agrees     | L1        | FDG-PET  | bone  | left       | 3    | 0    | 0
    swapped    | L1        | FES-PET  | bone  | left       | 0    | 0    | 0
    swapped    | L2        | FES-PET  | bone  | left       | 50   | 0    | 0
    swapped    | L1        | FDG-PET  | bone  | left       | 50   | 0    | 1
    swapped    | L2        | FDG-PET  | bone  | left       | 0    | 0    | 1
    far        | L1        | FES-PET  | bone  | left       | 0    | 0    | 0
    far        | L1        | FDG-PET  | bone  | left       | 0    | 90   | 0
    renumbered | L1        | FES-PET  | bone  | left       | 0    | 0    | 0
    renumbered | L7        | FDG-PET  | bone  | left       | 0    | 0    | 2
    one_many   | L1        | FES-PET  | bone  | left       | 0    | 0    | 0
    one_many   | L1        | FDG-PET  | bone  | left       | 2    | 0    | 0
    one_many   | L2        | FDG-PET  | bone  | left       | 6    | 0    | 0
    unplaced   | L1        | FES-PET  | bone  | left       | -    | -    | -
    unplaced   | L1        | FDG-PET  | bone  | left       | 3    | 0    | 0
    only_ones  | L1        | FES-PET  | liver | right      | 3    | 0    | 0
    only_ones  | T1        | CT       | liver | right      | -    | -    | -
""")
EXPECTED = table("""
    patient_id | lesion_id | pair              | reader_link | partner_id | distance_mm | finding
    agrees     | L1        | FES-PET / FDG-PET | True        | -          | 3           | agrees
    swapped    | L1        | FES-PET / FDG-PET | True        | L2         | 50.01       | another partner
    swapped    | L2        | FES-PET / FDG-PET | True        | L1         | 50.01       | another partner
    far        | L1        | FES-PET / FDG-PET | True        | -          | 90          | beyond the gate
    renumbered | L1        | FES-PET / FDG-PET | False       | L7         | 2           | possible link
    renumbered | L7        | FES-PET / FDG-PET | False       | L1         | 2           | possible link
    one_many   | L1        | FES-PET / FDG-PET | True        | -          | 2           | agrees
    one_many   | L2        | FES-PET / FDG-PET | False       | -          | -           | one modality
    unplaced   | L1        | FES-PET / FDG-PET | True        | -          | -           | no position
    only_ones  | L1        | FES-PET / CT      | False       | T1         | -           | possible link
    only_ones  | T1        | FES-PET / CT      | False       | L1         | -           | possible link
    only_ones  | L1        | FES-PET / FDG-PET | False       | -          | -           | one modality
""", "link_review")  # fmt: skip


def test_every_finding_has_its_lesion():
    found = review_links(FINDINGS, gate_mm=20).assign(needs_review=pd.NA)
    key = ["patient_id", "lesion_id", "pair"]
    found = EXPECTED[key].merge(found.round({"distance_mm": 2}), on=key, how="left")
    pd.testing.assert_frame_equal(
        found.drop(columns="needs_review"), EXPECTED.drop(columns="needs_review"), check_dtype=False
    )


def test_shuffled_rows_change_nothing():
    straight = review_links(FINDINGS, gate_mm=20)
    pd.testing.assert_frame_equal(straight, review_links(FINDINGS.sample(frac=1, random_state=1), gate_mm=20))


points = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=4, unique=True)


def frame_of(points: list[tuple[int, int]], prefix: str) -> pd.DataFrame:
    rows = [("p", f"{prefix}{n}", "bone", None, x + n / 97, y, 0) for n, (x, y) in enumerate(points)]
    return pd.DataFrame(rows, columns=COLUMNS)


def least_cost(first: pd.DataFrame, second: pd.DataFrame, gate: float) -> float:
    """Every way of pairing, one by one."""
    if len(first) > len(second):
        first, second = second, first
    place = ["x_mm", "y_mm", "z_mm"]
    lone = (len(first) + len(second)) * gate / 2
    best = lone
    for chosen in permutations(range(len(second)), len(first)):
        distances = [
            np.linalg.norm(first[place].to_numpy()[i] - second[place].to_numpy()[j]) for i, j in enumerate(chosen)
        ]
        best = min(best, lone + sum(min(0, distance - gate) for distance in distances))
    return best


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(points, points, st.integers(3, 20))
def test_the_assignment_costs_what_brute_force_finds_least(one, two, gate):
    first, second = frame_of(one, "A"), frame_of(two, "B")
    pairs = match(first, second, gate_mm=gate)
    cost = pairs["distance_mm"].sum() + (len(one) + len(two) - 2 * len(pairs)) * gate / 2
    assert cost == pytest.approx(least_cost(first, second, gate), abs=1e-4)
    assert not pairs["lesion_id"].duplicated().any() and not pairs["partner_id"].duplicated().any()
