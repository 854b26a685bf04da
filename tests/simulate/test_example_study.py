"""The example study: committed files are what the simulator makes, and every defect is caught."""

import pandas as pd
import pytest
from first_stages import example_stages
from project import PROJECT, SIMULATION
from sonimage.cleaning import plausibility, typed_tables
from sonimage.cleaning.queries import collect
from sonimage.simulate.study import simulate_study, simulate_trial


@pytest.fixture(scope="module")
def outcome():
    """Queries and rows set aside when the example study is imported, cleaned and linked."""
    imported, cleaned, linked = example_stages()
    queries = collect(
        [*(one.queries for one in cleaned.values()), linked.queries, plausibility.check_tables(linked.tables)]
    )
    aside = pd.concat([imported.set_aside, typed_tables.list_set_aside(cleaned.values()), linked.set_aside])
    return queries, aside, linked.tables


TRUTH = pd.read_csv(PROJECT / "data/example_truth/truth_defects.csv")


@pytest.mark.parametrize("row", TRUTH.to_dict("records"), ids=lambda row: f"{row['kind']}-{row['row']}")
def test_no_injected_defect_passes_silently(outcome, row):
    queries, aside, tables = outcome
    expected = row["expected"]

    def here(frame):
        return frame[(frame["source_file"] == row["file"]) & (frame["source_row"] == row["row"])]

    if expected == "set aside":
        assert len(here(aside))
    elif expected in ("query SCAN_AFTER_DEATH", "query LIGAND_WASHOUT"):
        assert expected.split()[1] in set(queries["rule_id"])  # asked of the scan, the slip is in the patient's form
    elif expected.startswith("query"):
        assert expected.split()[1] in set(here(queries)["rule_id"])
    elif expected == "check unknown":
        assert here(tables["scans"])["weight_kg"].isna().all() and len(here(tables["scans"]))
    else:
        assert expected == "parsed" and here(queries).empty and here(aside).empty


def test_every_kind_of_defect_occurs():
    assert set(TRUTH["kind"]) == {kind for kind, count in SIMULATION["defects"].items() if count}


@pytest.mark.slow
def test_the_committed_example_is_what_the_simulator_makes(tmp_path):
    simulate_study(SIMULATION, tmp_path / "raw", tmp_path / "truth")
    for made, committed in (("raw", "example"), ("truth", "example_truth")):
        files = {
            path.relative_to(tmp_path / made): path.read_bytes()
            for path in (tmp_path / made).rglob("*")
            if path.is_file()
        }
        there = PROJECT / "data" / committed
        assert files == {path.relative_to(there): path.read_bytes() for path in there.rglob("*") if path.is_file()}


@pytest.mark.parametrize("n", [3, 40, 300])
@pytest.mark.parametrize("scenario", ["null", "prognostic", "predictive"])
def test_any_size_and_scenario_can_be_simulated(n, scenario):
    study = simulate_trial(SIMULATION | {"n_patients": n, "scenario": scenario})
    assert len(study["patients"]) == n and set(study["patients"]["allocation"]) == {"A", "B"}
    assert study["measurements"]["scan_id"].isin(study["scans"]["scan_id"]).all()
