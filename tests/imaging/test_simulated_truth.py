"""Simulated studies whose truth is known: status and groups agree with it, and every difference has a listed reason."""

import pandas as pd
import pytest
from first_stages import example_study
from project import CONFIG, SIMULATION
from sonimage import tables
from sonimage.imaging import fes_status, heterogeneity, lesion_readings
from sonimage.linking import lesion_links, pet_baselines, visits
from sonimage.simulate.study import simulate_trial

WITHOUT_DEFECT = {"share_fdg_missing": 0.0, "share_fes_missing": 0.0, "share_discordant_call": 0.0}


def derive(study: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Status of lesions and groups of patients of a study's clean tables."""
    patients, scans, lesions = study["patients"], study["scans"], study["lesions"]
    grouped = visits.link_visits(patients, scans, study["measurements"], pooling_days=7, late_baseline_days=28)
    baselines = pet_baselines.derive_pet_baselines(patients, scans, grouped, late_baseline_days=28)
    links = lesion_links.link_lesions(lesions, study["measurements"], study["uptake"], grouped, baselines)
    readings = lesion_readings.read_lesions(patients, scans, lesions, links, study["uptake"], baselines)
    status = fes_status.derive_fes_status(readings, **CONFIG["fes_status"])
    organs = CONFIG["fes_status"]["background_organs"]
    return status, heterogeneity.derive_heterogeneity(
        patients, status, baselines, background_organs=organs, **CONFIG["heterogeneity"]
    )


def with_truth(status: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    columns = ["patient_id", "lesion_id", "true_fes"]
    return status.merge(truth[columns], on=columns[:2], how="inner", validate="one_to_one")


def group(statuses: pd.Series) -> str | None:
    evaluable = set(statuses[statuses != "ne"])
    return {frozenset(): None, frozenset(["pos"]): "all_pos", frozenset(["neg"]): "all_neg"}.get(
        frozenset(evaluable), "mixed"
    )


@pytest.mark.parametrize("seed, n", [(1, 60), (2, 200)])
def test_without_defects_every_lesion_and_every_group_is_the_true_one(seed, n):
    """All scans made, calls as the SUV says, every lesion measured on the baseline CT: nothing may differ."""
    study = simulate_trial(SIMULATION | WITHOUT_DEFECT | {"seed": seed, "n_patients": n})
    truth, everywhere = study["truth_lesions"], study["measurements"]
    first = (
        everywhere.merge(study["scans"][["scan_id", "scan_date"]])
        .sort_values("scan_date")
        .drop_duplicates("patient_id")
    )
    sized = truth.merge(first[["patient_id", "scan_id"]], on="patient_id").assign(state="MEASURED")
    sized = sized.rename(columns={"diameter": "diameter_mm"})
    study["measurements"] = tables.conform(sized, "measurements")
    status, groups = derive(study)
    compared = with_truth(status, truth)
    assert len(compared) == len(truth) and compared["in_d1"].all()
    assert (compared["fes_status"] == compared["true_fes"]).all()
    true_het3 = study["truth_patients"].set_index("patient_id")["true_het3"].replace("none", None)
    found = groups.set_index("patient_id")["het3"].reindex(true_het3.index)
    assert (found.fillna("none") == true_het3.fillna("none")).all()


def listed_reason(row: pd.Series, small: set) -> str:
    """Why a lesion's status is not the true one; empty where none of the listed reasons applies."""
    by_suv = "pos" if row["fes_suvmax"] >= CONFIG["fes_status"]["suvmax_cut"] else "neg"
    if row["fes_reason"] in ("NO FES SCAN", "NO FES READING", "NO CALL"):
        return row["fes_reason"]
    if row["fes_reason"].startswith("VISUAL") and by_suv != row["fes_status"]:
        return "the reader's call is not what the SUV says"
    if (row["patient_id"], row["lesion_id"]) in small and pd.isna(row["baseline_diameter_mm"]):
        return "small, and its size was not recorded"
    return ""


@pytest.fixture(scope="module")
def example() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Status and groups of the example study from its raw exports with all their defects, and its true lesions."""
    status, groups = derive(example_study())
    return status, groups, simulate_trial(SIMULATION)["truth_lesions"]


def test_with_defects_every_lesion_that_differs_has_a_listed_reason(example):
    status, _, truth = example
    small = truth[(truth["diameter"] < CONFIG["fes_status"]["small_below_mm"]) & (truth["organ"] != "bone")]
    small = set(zip(small["patient_id"], small["lesion_id"], strict=True))
    compared = with_truth(status, truth)
    assert len(compared) == len(truth)
    differs = compared[compared["fes_status"] != compared["true_fes"]]
    reasons = differs.apply(lambda row: listed_reason(row, small), axis=1)
    assert len(differs) and (reasons != "").all()
    assert len(differs) < 0.05 * len(truth)


def test_with_defects_every_group_that_differs_follows_from_its_lesions(example):
    """A group is the true one of the lesions seen on CT or FDG-PET unless one of them has a status that is not the true one."""
    status, groups, truth = example
    seen = with_truth(status, truth)
    seen = seen[seen["in_d1"].astype(bool)]
    true_group = seen.groupby("patient_id")["true_fes"].agg(group)
    differs = seen["fes_status"] != seen["true_fes"]
    touched = differs.groupby(seen["patient_id"]).any()
    found = groups.set_index("patient_id")["het3"].reindex(true_group.index)
    same = (found.fillna("none") == true_group.fillna("none")) | touched
    assert same.all()
    assert (found.notna() & ~touched).sum() > 80  # not vacuous


def test_a_patient_is_set_apart_for_what_the_exports_do_not_hold(example):
    """Four in a hundred have no usable FES-PET, and say so; no other patient of the example is without a group."""
    status, groups, _ = example
    none = groups[groups["het3"].isna()]
    assert set(none["not_evaluable_reason"]) <= {"NO FES SCAN", "LIVER ONLY", "NONE EVALUABLE"}
    without = status.groupby("patient_id")["has_fes_scan"].any()
    assert set(none.loc[none["not_evaluable_reason"] == "NO FES SCAN", "patient_id"]) == set(without.index[~without])
