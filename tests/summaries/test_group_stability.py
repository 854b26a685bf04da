"""Agreement of definitions, changes by one lesion, mixed disease by number of lesions, and three groups or two."""

import numpy as np
import pandas as pd
import pytest
from sonimage import tables
from sonimage.summaries import group_agreement, group_changes, grouping_decision, reading_agreement
from worked_tables import table

SHARE = {"kind": "share", "parameters": {"groups": "het2"}, "denominator": "D1", "source": "test"}
HET3 = SHARE | {"parameters": {"groups": "het3"}}


def grouped(definition_id: str, groups: list[str | None]) -> pd.DataFrame:
    patients = [f"p{number:03d}" for number in range(len(groups))]
    return pd.DataFrame(
        {"definition_id": definition_id, "patient_id": patients, "group": groups, "n_lesions": 1, "value": 1.0}
    )


def long(*parts: pd.DataFrame) -> pd.DataFrame:
    return tables.conform(pd.concat(parts), "group_definitions")


def test_kappa_of_a_textbook_table():
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: kappa 0.40 (Wikipedia, Cohen's kappa, simple example)."""
    one = ["all_pos"] * 25 + ["any_neg"] * 25 + ["all_pos", None]
    other = ["all_pos"] * 20 + ["any_neg"] * 5 + ["all_pos"] * 10 + ["any_neg"] * 15 + [None, "all_pos"]
    row = group_agreement.compare_definitions(
        long(grouped("one", one), grouped("other", other)), [SHARE | {"id": "one"}, SHARE | {"id": "other"}]
    ).iloc[0]
    assert row["kappa"] == pytest.approx(0.4) and row["ci_lower"] < 0.4 < row["ci_upper"]
    assert tuple(row[["n", "n_same", "n_changed", "n_lost", "n_gained"]]) == (50, 35, 15, 1, 1)


def test_kappa_is_empty_where_it_is_not_defined():
    same = long(grouped("one", ["all_pos"] * 3), grouped("other", ["all_pos"] * 3))
    definitions = [SHARE | {"id": "one"}, SHARE | {"id": "other"}]
    row = group_agreement.compare_definitions(same, definitions).iloc[0]
    assert pd.isna(row["kappa"]) and (row["n"], row["n_same"]) == (3, 3)
    assert group_agreement.compare_definitions(tables.empty("group_definitions"), definitions).empty
    assert group_agreement.cross_tabulate(tables.empty("group_definitions"), definitions, primary="one").empty


def test_only_definitions_with_the_same_levels_are_compared_and_all_are_crossed():
    rows = long(grouped("one", ["all_pos", "any_neg"]), grouped("three", ["all_pos", "mixed"]))
    definitions = [SHARE | {"id": "one"}, HET3 | {"id": "three"}]
    assert group_agreement.compare_definitions(rows, definitions).empty
    crossed = group_agreement.cross_tabulate(rows, definitions, primary="one")
    counts = crossed.set_index(["group_a", "group_b"])["n"]
    assert counts[("any_neg", "mixed")] == 1 and counts.sum() == 2 and len(counts) == 3 * 4


def test_patients_per_group_and_quartiles_of_values():
    rows = long(grouped("three", ["all_pos", "mixed", None])).assign(value=[1.0, 0.5, np.nan])
    counted = group_agreement.count_groups(rows, [HET3 | {"id": "three"}])
    assert counted.set_index("group")["n"].to_dict() == {"all_pos": 1, "mixed": 1, "all_neg": 0, "no group": 1}
    assert counted["median"].unique().tolist() == [0.75]


COUNTS = table("""
    patient | positive | negative | without_one | ungrouped | turned
    single  | 1        | 0        | False       | True      | True
    pair    | 2        | 0        | False       | False     | True
    half    | 1        | 1        | True        | False     | True
    last    | 1        | 5        | True        | False     | True
    mixed   | 4        | 3        | False       | False     | False
    two     | 2        | 6        | False       | False     | False
    all_neg | 0        | 4        | False       | False     | True
""")


def definitions_of(positive: list[int], negative: list[int]) -> pd.DataFrame:
    """HET3 of patients with these numbers of positive and negative lesions."""
    positive, negative = np.array(positive), np.array(negative)
    group = group_changes.group_of_counts(positive, negative)
    rows = grouped("het3", list(group)).assign(n_lesions=positive + negative, value=positive / (positive + negative))
    return long(rows)


@pytest.mark.parametrize("row", COUNTS.to_dict("records"), ids=lambda row: row["patient"])
def test_what_hangs_on_one_lesion(row):
    rows = definitions_of([int(row["positive"])], [int(row["negative"])])
    found = group_changes.count_changes(rows, primary="het3", lesion_bands=[1]).iloc[0]
    names = {
        "without_one": "n_changed_without_one",
        "ungrouped": "n_ungrouped_without_one",
        "turned": "n_changed_turned_one",
    }
    assert {name: bool(found[column]) for name, column in names.items()} == {
        name: row[name] == "True" for name in names
    }


def test_leaving_each_lesion_out_in_turn_gives_the_same_counts():
    """Brute force over random patients: take each lesion away and look whether the group is another."""
    generator = np.random.default_rng(2)
    lesions = [generator.random(generator.integers(1, 9)) < generator.choice([0.1, 0.5, 0.95]) for _ in range(300)]

    def group(statuses) -> str:
        return (
            ""
            if len(statuses) == 0
            else {True: "all_pos", False: "mixed"}[all(statuses)]
            if any(statuses)
            else "all_neg"
        )

    changed = ungrouped = share = 0
    for statuses in lesions:
        after = [group(np.delete(statuses, number)) for number in range(len(statuses))]
        moves = [answer not in ("", group(statuses)) for answer in after]
        changed, ungrouped, share = changed + any(moves), ungrouped + ("" in after), share + np.mean(moves)
    rows = definitions_of([int(s.sum()) for s in lesions], [int((~s).sum()) for s in lesions])
    found = group_changes.count_changes(rows, primary="het3", lesion_bands=[1, 4]).iloc[0]
    assert (found["n"], found["n_changed_without_one"], found["n_ungrouped_without_one"]) == (300, changed, ungrouped)
    assert found["share_of_lesions"] == pytest.approx(share / 300)


def test_bands_hold_every_patient_once():
    rows = definitions_of([1, 2, 3, 4, 10, 60], [0, 1, 0, 2, 3, 0])
    found = group_changes.count_changes(rows, primary="het3", lesion_bands=[1, 2, 4, 7])
    assert found["n"].tolist() == [6, 1, 2, 1, 2] and found["lesions_to"].isna().tolist() == [True, *[False] * 3, True]


@pytest.mark.parametrize("n, p, chance", [(1, 0.3, 0), (2, 0.5, 0.5), (3, 0.5, 0.75), (10, 0.9, 1 - 0.9**10 - 0.1**10)])
def test_chance_of_mixed_disease(n, p, chance):
    assert group_changes.probability_mixed(np.array([n]), p)[0] == pytest.approx(chance)
    drawn = np.random.default_rng(1).binomial(n, p, 20000)
    assert ((drawn > 0) & (drawn < n)).mean() == pytest.approx(chance, abs=0.015)


def test_independent_lesions_are_mixed_as_often_as_the_model_says():
    generator = np.random.default_rng(4)
    n = generator.integers(1, 15, 4000)
    positive = generator.binomial(n, 0.7)
    rows = group_changes.summarise_mixing(
        definitions_of(positive, n - positive), primary="het3", lesion_bands=[1, 2, 4, 8]
    )
    observed = rows[rows["section"] == "observed"]
    assert observed["n"].tolist()[0] == 4000 and observed["n"].iloc[1:].sum() == 4000
    assert (observed["observed"] - observed["expected"]).abs().max() < 0.03
    model = rows[rows["section"] == "model"]
    assert model["lesions_from"].tolist() == list(range(1, 15)) and model["expected"].iloc[0] == 0


def test_a_study_without_groups_has_no_changes_and_no_mixing():
    nothing = tables.empty("group_definitions")
    assert group_changes.count_changes(nothing, primary="het3", lesion_bands=[1]).empty
    assert group_changes.summarise_mixing(nothing, primary="het3", lesion_bands=[1]).empty


def analysis_set(patients: dict[str, int], events: dict[str, int]) -> pd.DataFrame:
    rows = [
        {"patient_id": f"{level}{number}", "het3": level, "pfs1_event": number < events[level]}
        for level, count in patients.items()
        for number in range(count)
    ]
    return tables.conform(pd.DataFrame(rows).assign(in_imaging_set=True, pfs1_months=1.0), "analysis_set")


@pytest.mark.parametrize(
    "patients, events, decision",
    [
        ((10, 10, 10), (5, 5, 5), "HET3 alone"),
        ((10, 10, 9), (5, 5, 5), "HET3, and HET2 beside it"),
        ((40, 40, 10), (30, 30, 4), "HET3, and HET2 beside it"),
        ((40, 40, 0), (30, 30, 0), "HET3, and HET2 beside it"),
    ],
)
def test_two_groups_stand_beside_three_where_a_group_is_small(patients, events, decision):
    levels = ("all_pos", "mixed", "all_neg")
    rows = analysis_set(dict(zip(levels, patients, strict=True)), dict(zip(levels, events, strict=True)))
    found = grouping_decision.decide_grouping(rows, minimum_patients=10, minimum_events=5)
    assert found["decision"].unique().tolist() == [decision]
    assert found["n"].tolist() == list(patients) and found["n_events"].tolist() == list(events)
    analyses = grouping_decision.with_fallback(
        [{"id": "primary", "grouping": "het3", "fallback_grouping": "het2"}, {"id": "other", "grouping": "het4"}], found
    )
    beside = [("primary_het2", "het2")] if decision != "HET3 alone" else []
    assert [(one["id"], one["grouping"]) for one in analyses[2:]] == beside


CALLS = tables.conform(
    table("""
        patient_id | lesion_id | fes_status | fes_visual    | fes_suvmax
        a          | 1         | pos        | positive      | 1.5
        a          | 2         | neg        | negative      | 1.49
        a          | 3         | neg        | negative      | 1.9
        b          | 1         | pos        | positive      | 0.8
        b          | 2         | pos        | -             | 3
        b          | 3         | ne         | positive      | 3
        b          | 4         | neg        | negative      | -
        b          | 5         | pos        | positive      | 4
    """),
    "fes_status",
)


def test_the_readers_call_against_the_suv_lesion_by_lesion():
    """At 1.5: a1 and b5 both positive, b1 by the call alone, a3 by the SUV alone, a2 negative by both; the others lack one."""
    found = reading_agreement.compare_readings(CALLS, suvmax_cuts=[1.5, 2.0], n_bootstrap=200, seed=1).set_index(
        "suvmax_cut"
    )
    assert found.loc[1.5, reading_agreement.CELLS].tolist() == [2, 1, 1, 1]
    assert found.loc[2.0, reading_agreement.CELLS].tolist() == [1, 2, 0, 2]
    assert (
        found.loc[1.5, "kappa"] == pytest.approx((3 / 5 - 13 / 25) / (1 - 13 / 25))
        and found.loc[1.5, "n_patients"] == 2
    )
    nothing = reading_agreement.compare_readings(tables.empty("fes_status"), suvmax_cuts=[1.5], n_bootstrap=9, seed=1)
    assert nothing["n_lesions"].tolist() == [0] and nothing["kappa"].isna().all()


def test_kappa_of_counts_is_the_textbooks():
    assert reading_agreement.kappa_of_counts(np.array([20.0, 5, 10, 15])) == pytest.approx(0.4)
    assert np.isnan(reading_agreement.kappa_of_counts(np.array([9.0, 0, 0, 0])))
