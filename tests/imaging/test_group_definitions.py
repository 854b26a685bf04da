"""Definitions of groups: worked patients for every rule, and the config's entries against the contract's table."""

import numpy as np
import pandas as pd
import pytest
from project import CONFIG
from sonimage import tables
from sonimage.imaging import group_definitions, group_rules, heterogeneity
from sonimage.imaging.fes_status import judge_fes
from worked_tables import table

STATUS_RULES = {
    name: value for name, value in CONFIG["fes_status"].items() if name not in ("large_from_mm", "fdg_suvmax_cut")
}
# Worked patients. Lesions on CT (all in D1 and D2), judged by SUVmax where there is no call; s and k: FES SULmean, FDG SULmax.
LESIONS = table("""
    patient_id | lesion_id | organ | size | visual   | fes  | mean | fdg  | s    | k    | d3    | background
    one        | 1         | bone  | -    | -        | 1.5  | 1    | 3    | 0.85 | 2.2  | True  | -
    half       | 1         | bone  | -    | -        | 4    | 2    | 2    | 0.9  | 2.19 | True  | -
    half       | 2         | lung  | 16   | -        | 1    | 1    | 8    | 0.9  | 2.19 | False | -
    third      | 1         | bone  | -    | -        | 1.7  | 1    | 1    | 0.5  | 3    | True  | -
    third      | 2         | bone  | -    | -        | 1    | 1    | 1    | 0.5  | 3    | True  | -
    third      | 3         | bone  | -    | negative | 2.5  | 1    | 1    | 0.5  | 3    | True  | -
    hot        | 1         | bone  | -    | -        | 2    | 1    | 8    | 1    | 8    | True  | -
    hot        | 2         | bone  | -    | -        | 4    | 1    | 4    | 1    | 4    | True  | -
    hot        | 3         | bone  | -    | -        | 8    | 1    | 2    | 1    | 2    | True  | -
    hot        | 4         | bone  | -    | -        | 1.6  | 1    | 1    | 0.01 | 1    | True  | -
    liver      | 1         | liver | 30   | -        | 9    | 5    | 9    | 3    | 9    | True  | 10
    none_fdg   | 1         | bone  | -    | -        | 3    | 2    | -    | 0.9  | -    | False | -
    all_neg    | 1         | bone  | -    | -        | 1.49 | 1    | 5    | 0.84 | 5    | True  | -
    small      | 1         | lung  | 9    | -        | 3    | 2    | 5    | 0.9  | 5    | True  | -
""")
PATIENTS = pd.DataFrame({"patient_id": [*LESIONS["patient_id"].unique(), "no_lesion"]})


def status_table() -> pd.DataFrame:
    """The worked lesions as fes_status.csv has them."""
    numbers = LESIONS.assign(
        **{name: pd.to_numeric(LESIONS[name]) for name in ("size", "fes", "mean", "fdg", "s", "k", "background")}
    )
    rows = numbers.rename(
        columns={
            "size": "baseline_diameter_mm", "visual": "fes_visual", "fes": "fes_suvmax", "mean": "fes_suvmean",
            "fdg": "fdg_suvmax", "s": "fes_sulmean", "k": "fdg_sulmax", "background": "fes_background_suvmean",
        }
    )  # fmt: skip
    rows = tables.conform(
        rows.assign(
            has_fes_scan=True, has_fdg_scan=rows["patient_id"] != "none_fdg", in_d1=True, in_d2=True,
            in_d3=rows["d3"] == "True", in_d4=rows["baseline_diameter_mm"] >= 15,
        ),
        "fes_status",
    )  # fmt: skip
    return rows.assign(fes_status=judge_fes(rows, **STATUS_RULES)[0])


STATUS = status_table()


def groups(**definition) -> pd.DataFrame:
    """Groups of the worked patients under one definition."""
    entry = {"id": "x", "denominator": "D1", "source": "test"} | definition
    rows = group_definitions.derive_group_definitions(PATIENTS, STATUS, [entry], status_rules=STATUS_RULES)
    return rows.set_index("patient_id")


def answers(column: pd.Series) -> dict:
    return {patient: value for patient, value in column.items() if pd.notna(value)}


WORKED = table("""
    groups | one     | half    | third   | hot     | none_fdg | all_neg
    het3   | all_pos | mixed   | mixed   | all_pos | all_pos  | all_neg
    het2   | all_pos | any_neg | any_neg | all_pos | all_pos  | any_neg
    het4   | A       | B       | C       | A       | A        | D
""")


@pytest.mark.parametrize("row", WORKED.to_dict("records"), ids=lambda row: row["groups"])
def test_groups_by_share(row):
    found = groups(kind="share", parameters={"groups": row.pop("groups")})
    assert answers(found["group"]) == row
    assert answers(found["no_group_reason"]) == dict.fromkeys(["liver", "no_lesion", "small"], "NO EVALUABLE LESION")


@pytest.mark.parametrize(
    "change, patient, group",
    [
        ({"status": {"suvmax_cut": 1.49}}, "all_neg", "all_pos"),
        ({"status": {"suvmax_cut": 1.8}}, "one", "all_neg"),
        ({"status": {"suvmax_cut": 1.8}}, "third", "all_neg"),
        ({"status": {"reading": "suv"}}, "third", "mixed"),
        ({"status": {"reading": "call"}}, "third", "all_neg"),
        ({"status": {"reading": "call"}}, "one", None),
        ({"status": {"small_below_mm": 9}}, "small", "all_pos"),
        ({"status": {"liver_ratio_cuts": [0.33, 0.73]}}, "liver", "all_pos"),
        ({"denominator": "D3"}, "half", "all_pos"),
        ({"denominator": "D3"}, "none_fdg", None),
        ({"denominator": "D4"}, "half", "all_neg"),
        ({"minimum_lesions": 2}, "one", None),
        ({"minimum_lesions": 2}, "half", "mixed"),
        ({"minimum_lesions": 3}, "half", None),
        ({"minimum_lesions": 3}, "third", "mixed"),
    ],
)
def test_variants_of_het3(change, patient, group):
    found = groups(kind="share", parameters={"groups": "het3"}, **change).loc[patient]
    assert found["group"] == group or (group is None and pd.isna(found["group"]))


SUMMARIES = table("""
    measure            | one | half  | third | hot    | none_fdg | all_neg
    fes_pos_frac       | 1   | 0.5   | 0.33333 | 1    | 1        | 0
    n_neg              | 0   | 1     | 2     | 0      | 0        | 1
    fes_gmean          | 1.5 | 2     | 1.61981 | 3.18108 | 3     | 1.49
    fdg_gmean          | 3   | 4     | 1     | 2.82843 | -       | 5
    fes_median         | 1.5 | 2.5   | 1.7   | 3      | 3        | 1.49
    fes_min            | 1.5 | 1     | 1     | 1.6    | 3        | 1.49
    fes_max            | 1.5 | 4     | 2.5   | 8      | 3        | 1.49
    fes_cv             | -   | 0.84853 | 0.43301 | 0.75078 | -   | -
    fes_gmean_hottest3 | 1.5 | 2     | 1.61981 | 4    | -        | 1.49
    fdg_gmean_hottest3 | 3   | 4     | 1     | 4      | -        | 5
    fes_fdg_ratio      | 0.5 | 0.5   | 1.61981 | 1.12468 | -     | 0.298
    fdg_max_over_min   | 1   | 4     | 1     | 8      | -        | 1
    fes_max_over_mean  | 1.5 | 1.41421 | 1.61981 | 3.18108 | 1.5 | 1.49
""")


@pytest.mark.parametrize("row", SUMMARIES.to_dict("records"), ids=lambda row: row["measure"])
def test_summaries_of_a_patient(row):
    found = groups(kind="summary", parameters={"measure": row.pop("measure")})
    assert found["group"].isna().all()
    expected = {patient: float(value) for patient, value in row.items() if pd.notna(value)}
    assert answers(found["value"]) == pytest.approx(expected, abs=1e-5)


def test_every_summary_is_worked():
    assert set(SUMMARIES["measure"]) == set(group_rules.MEASURES)


def test_a_cut_belongs_to_the_higher_group_and_the_median_is_that_of_the_patients():
    found = groups(kind="summary", parameters={"measure": "n_neg", "cut": 2})
    assert answers(found["group"]) == {
        "one": "below", "half": "below", "third": "at_or_above", "hot": "below", "none_fdg": "below", "all_neg": "below",
    }  # fmt: skip
    found = groups(kind="summary", parameters={"measure": "fes_max", "cut": "median"})
    assert found["cut"].unique().tolist() == [2.75] and found.loc["none_fdg", "group"] == "at_or_above"


def test_kurland_takes_the_three_hottest_lesions_outside_the_liver():
    """hot: the fourth lesion, FES SULmean 0.01, does not count; one: at both cuts; half: FDG under 2.2."""
    parameters = {"fdg_sul_cut": 2.2, "fes_sul_cut": 0.85, "background_organs": ["liver"]}
    found = groups(kind="kurland", parameters=parameters)
    assert answers(found["group"]) == {
        "one": "high_fdg_high_fes", "half": "low_fdg", "third": "high_fdg_low_fes", "hot": "high_fdg_high_fes",
        "all_neg": "high_fdg_low_fes",
    }  # fmt: skip
    assert found.loc["hot", "value"] == pytest.approx(4)
    halved = groups(kind="kurland", parameters=parameters | {"fdg_sul_cut": "median", "fes_sul_cut": "median"})
    assert (halved["cut"] == np.median([2.2, 2.19, 3, 4, 5, 5])).all()  # small counts: Kurland has no FES status


def test_fudan_splits_the_all_positive_patients_with_both_scans_at_their_median():
    """Ratios 0.5 (one) and 1.12 (hot): the median lies between; without FDG there is no group."""
    found = groups(kind="fudan")
    assert answers(found["group"]) == {
        "one": "all_pos_low_ratio", "hot": "all_pos_high_ratio", "half": "any_neg", "third": "any_neg", "all_neg": "any_neg",
    }  # fmt: skip
    assert found.loc["none_fdg", "no_group_reason"] == "NOT MEASURED"


def test_definitions_of_the_config_agree_with_the_contracts_table():
    baselines = tables.conform(
        pd.DataFrame({"patient_id": PATIENTS["patient_id"], "fes_scan_id": "f"}), "pet_baselines"
    )
    wide = heterogeneity.derive_heterogeneity(
        PATIENTS, STATUS, baselines, background_organs=["liver"], **CONFIG["heterogeneity"]
    ).set_index("patient_id")
    long = group_definitions.derive_group_definitions(
        PATIENTS, STATUS, CONFIG["group_definitions"], status_rules=STATUS_RULES
    )
    groups_of = long.pivot(index="patient_id", columns="definition_id", values="group").reindex(wide.index)
    for name in ("het3", "het2", "het4", "dual3_kurland", "dual3_fudan"):
        assert answers(groups_of[name]) == answers(wide[name])
    numbers = long.pivot(index="patient_id", columns="definition_id", values="value").reindex(wide.index)
    for name, column in {"fraction": "fes_pos_frac", "fes_gmean": "fes_suvmax_gmean"}.items():
        assert answers(numbers[name]) == pytest.approx(answers(wide[column]))
    assert wide.loc["liver", "not_evaluable_reason"] == "LIVER ONLY" and wide.loc["no_lesion", "n_lesions"] == 0


def test_every_definition_has_its_levels_its_source_and_a_name_of_its_own():
    names = [definition["id"] for definition in CONFIG["group_definitions"]]
    assert len(set(names)) == len(names) and names[0] == CONFIG["group_stability"]["primary"]
    long = group_definitions.derive_group_definitions(
        PATIENTS, STATUS, CONFIG["group_definitions"], status_rules=STATUS_RULES
    )
    for definition in CONFIG["group_definitions"]:
        found = long[long["definition_id"] == definition["id"]]
        assert len(found) == len(PATIENTS)
        assert set(found["group"].dropna()) <= set(group_definitions.levels_of(definition))
        assert (found["group"].isna() & found["value"].isna() == found["no_group_reason"].notna()).all()


def test_shuffled_lesions_change_nothing():
    again = group_definitions.derive_group_definitions(
        PATIENTS.sample(frac=1, random_state=1), STATUS.sample(frac=1, random_state=2), CONFIG["group_definitions"],
        status_rules=STATUS_RULES,
    )  # fmt: skip
    first = group_definitions.derive_group_definitions(
        PATIENTS, STATUS, CONFIG["group_definitions"], status_rules=STATUS_RULES
    )
    pd.testing.assert_frame_equal(again, first)
