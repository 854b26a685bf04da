"""The analysis plan: which mistakes it refuses, all at once, and how a change of the plan shows."""

import copy

import pytest
import yaml
from project import CONFIG, PROJECT
from sonimage import schemas, tables
from sonimage.cox import combinations
from sonimage.faults import FaultError
from sonimage.intervals import weibull_models
from sonimage.models import complete_and_imputed, logistic
from sonimage.plan import loading
from sonimage.report.presentation import other_models
from sonimage.summaries import response_rates
from sonimage.survival import group_curves, restricted_means

NAMES = {"definitions": CONFIG["pfs1"]["definitions"], "groupings": CONFIG["group_definitions"]}
TEXT = (PROJECT / "config/analyses.yaml").read_text(encoding="utf-8")


def plan() -> dict:
    return loading.load(PROJECT / "config/analyses.yaml", **NAMES)


def faults_of(folder, change) -> str:
    changed = copy.deepcopy(plan())
    change(changed)
    path = folder / "analyses.yaml"
    path.write_text(yaml.safe_dump(changed, sort_keys=False), encoding="utf-8")
    with pytest.raises(FaultError) as caught:
        loading.load(path, **NAMES)
    return str(caught.value)


def primary_of(changed: dict) -> dict:
    return next(analysis for analysis in changed["analyses"] if analysis["id"] == "primary")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("population", "everybody", "primary/population: 'everybody' is not one of"),
        ("definition", "S5", "'S5' is none of the names"),  # interval-censored: no Cox model takes it
        ("definition", "S99", "'S99' is none of the names"),
        ("covariates", ["allocation", "shoe_size"], "primary/covariates: 'shoe_size'"),
        ("strata", ["ward"], "primary/strata: 'ward'"),
        ("splines", {"fes_pos_frac_10": 3}, "primary/splines: 'fes_pos_frac_10'"),  # not among the covariates
        ("months", 24, "'months' was unexpected"),  # of another method
        ("grouping", "het2", "outcome 5 needs a Cox model"),
        ("fallback_grouping", None, "outcome 5 needs a Cox model"),
        ("id", "first", "outcome 5 needs a Cox model"),
        ("id", "adjusted", "adjusted: id used twice"),
        ("method", "guess", "'guess' is not one of"),
    ],
)
def test_a_name_that_leads_nowhere_is_a_fault(tmp_path, key, value, words):
    assert words in faults_of(tmp_path, lambda changed: primary_of(changed).update({key: value}))


def test_an_interaction_needs_both_of_its_variables(tmp_path):
    change = {"interaction": True, "covariates": []}
    assert "needs a grouping, and allocation" in faults_of(tmp_path, lambda changed: primary_of(changed).update(change))


def test_a_grid_takes_groups_with_levels_of_a_model_that_is_there(tmp_path):
    def change(changed):
        grid = loading.of_method(changed, "grid")[0]
        grid.update(base="second", groupings=["het3", "fes_gmean"])

    found = faults_of(tmp_path, change)
    assert "sensitivity/groupings: 'fes_gmean'" in found and "sensitivity/base: 'second'" in found


def test_interval_censored_definitions_go_with_models_that_take_them(tmp_path):
    def change(changed):
        loading.of_method(changed, "weibull")[0]["definition"] = "S0"
        loading.of_method(changed, "grid")[0]["base"] = "adjusted"

    found = faults_of(tmp_path, change)
    assert "interval_weibull/definition: 'S0'" in found and "a Weibull model has no strata" in found


def test_all_faults_are_named_at_once(tmp_path):
    def change(changed):
        changed["analyses"][0]["population"] = "everybody"
        del changed["analyses"][1]["objective"]

    found = faults_of(tmp_path, change)
    assert found.startswith("2 fault(s)") and "unadjusted_het3: 'objective' is a required property" in found


@pytest.mark.parametrize(("text", "words"), [("analyses: [", "not readable as YAML"), ("", "is not of type 'object'")])
def test_a_file_that_is_no_plan_is_a_fault(tmp_path, text, words):
    (tmp_path / "analyses.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FaultError, match=words):
        loading.load(tmp_path / "analyses.yaml", **NAMES)
    with pytest.raises(FaultError, match="no such analysis plan"):
        loading.load(tmp_path / "absent.yaml", **NAMES)


def test_every_analysis_is_listed_with_the_table_of_its_results():
    listed = loading.list_analyses(plan())
    tables.check(listed, "analysis_plan")
    assert list(listed["analysis_id"]) == [analysis["id"] for analysis in plan()["analyses"]]
    assert all("analysis_id" in schemas.columns(name) for name in listed["result_table"].unique())
    row = listed.set_index("analysis_id").loc["adjusted"]
    assert row["strata"] == "centre" and row["covariates"].startswith("allocation, visceral_disease")


def test_the_page_shows_what_each_analysis_is_about():
    shown = other_models.present_plan(loading.list_analyses(plan())).set_index("Analysis")
    outcomes = {"primary": "PFS1 S0", "sensitivity": "PFS1", "rate_imaging": "response", "interval_weibull": "PFS1 S5"}
    assert {name: shown.loc[name, "Outcome"] for name in outcomes} == outcomes
    assert shown.loc["arm_stratified", "Groups, terms, settings"] == "het3; strata allocation"


def test_the_plan_of_the_repository_is_recorded():
    changes = loading.list_changes(plan())
    assert changes["is_recorded"].all(), f"add a line to `changes` with the digest {loading.digest(plan())}"


def test_a_plan_that_is_not_recorded_shows_and_layout_does_not():
    changed = copy.deepcopy(plan())
    changed["analyses"] = [dict(reversed(list(analysis.items()))) for analysis in changed["analyses"]]
    assert loading.digest(changed) == loading.digest(plan())
    primary_of(changed)["covariates"].append("centre")
    rows = loading.list_changes(changed)
    tables.check(rows, "plan_changes")
    last = rows.iloc[-1]
    assert len(rows) == len(plan()["changes"]) + 1 and not last["is_recorded"]
    assert last["plan"] == loading.digest(changed) != plan()["changes"][-1]["plan"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: group_curves.summarise_survival([], [6]),
        lambda: [restricted_means.summarise_rmst([])],
        lambda: [complete_and_imputed.fit_imputed_models([], n_imputations=2, n_cycles=1, seed=1)],
        lambda: [logistic.fit_response_models(tables.empty("analysis_set"), [])],
        lambda: [response_rates.summarise_response(tables.empty("analysis_set"), [])],
        lambda: [
            weibull_models.fit_interval_models(tables.empty("analysis_set"), tables.empty("pfs1_definitions"), [])
        ],
        lambda: [combinations.contrast_interactions([]), combinations.trace_splines([])],
    ],
)
def test_a_method_without_analyses_gives_empty_tables(make):
    assert [len(frame) for frame in make()] == [0] * len(make())
