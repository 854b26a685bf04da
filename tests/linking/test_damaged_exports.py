"""Damaged deliveries: each ends in a precise fault, a query or a row set aside; none changes a result in silence.

`pytest -s tests/linking/test_damaged_exports.py` prints the table damage -> outcome. The delivery is a simulated study of ten
patients in the layouts of the example, and with Castor's files in their ZIP.
"""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from damages import DAMAGES
from first_stages import run_stages
from project import PROJECT, SIMULATION
from sonimage import schemas
from sonimage.cleaning import plausibility, typed_tables
from sonimage.cleaning.queries import collect
from sonimage.exports import maps
from sonimage.exports.sources import stack
from sonimage.faults import FaultError
from sonimage.linking import cross_checks, lesion_matching, pet_baselines, visits
from sonimage.linking.reader_decisions import note_decisions
from sonimage.simulate.study import simulate_study

pytestmark = pytest.mark.slow

MAP = PROJECT / "config/exports/sonimage.yaml"


def plan_of(folder: Path) -> dict:
    """The map of the example; with Castor's files from their ZIP where there is one."""
    plan = maps.load(MAP)
    if (folder / "castor.zip").exists():
        for name, entry in plan["files"].items():
            if name.startswith("castor"):
                entry |= {"member": entry["path"].removeprefix("castor/"), "path": "castor.zip"}
    return plan


def run(folder: Path):
    """Stages 1 to 3: the study's tables without origin, queries, rows set aside, balance of rows."""
    plan = plan_of(folder)
    imported, cleaned, linked = run_stages(folder, plan)
    study = linked.tables
    for name in maps.TABLES:
        aside = len(cleaned[name].set_aside) + (linked.set_aside["table"] == name).sum()
        assert len(imported.tables[name]) == len(study[name]) + aside, name
    assert imported.reconciliation["is_balanced"].all()
    grouped = visits.link_visits(
        *(study[name] for name in ("patients", "scans", "measurements")), pooling_days=7, late_baseline_days=28
    )
    baselines = pet_baselines.derive_pet_baselines(study["patients"], study["scans"], grouped, late_baseline_days=28)
    seen = lesion_matching.list_sightings(
        *(study[name] for name in ("lesions", "measurements", "uptake")), grouped, baselines
    )
    no_decisions = pd.DataFrame(columns=["patient_id", "lesion_id", "decision", "reader", "date"])
    review = note_decisions(lesion_matching.review_links(seen, gate_mm=20), no_decisions)
    queries = collect(
        [
            *(one.queries for one in cleaned.values()),
            linked.queries,
            cross_checks.check_key_table(study["patients"], imported.patient_keys, plan["patient_keys"]),
            cross_checks.query_reviews(review, study["lesions"]),
            plausibility.check_tables(study),
        ]
    )
    aside = stack(
        [imported.set_aside, typed_tables.list_set_aside(cleaned.values()), linked.set_aside],
        schemas.columns("set_aside"),
    )
    return {name: frame.drop(columns=["source_file", "source_row"]) for name, frame in study.items()}, queries, aside


@pytest.fixture(scope="module")
def delivery(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    none = dict.fromkeys(SIMULATION["defects"], 0)
    simulate_study(
        SIMULATION | {"n_patients": 10, "defects": none, "share_fdg_missing": 0}, folder / "raw", folder / "truth"
    )
    return folder / "raw"


@pytest.fixture(scope="module")
def clean(delivery):
    return run(delivery)


def test_the_delivery_itself_is_sound(clean):
    _, queries, aside = clean
    assert not (queries["severity"] == "error").any()
    assert set(aside["reason"].str.replace(r" as .*", "", regex=True)) <= {
        "same record",
        "test institute",
        "archived record",
    }


OUTCOMES = {}


def more(found: pd.DataFrame, before: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Kinds of findings of which there are more than before."""
    counts, earlier = (frame.groupby(by).size() for frame in (found, before))
    grown = counts - earlier.reindex(counts.index, fill_value=0)
    return grown[grown > 0].rename("n").reset_index()


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_damage_passes_in_silence(delivery, clean, tmp_path, damage):
    harm, expected = DAMAGES[damage]
    shutil.copytree(delivery, tmp_path / "raw")
    harm(tmp_path / "raw")
    kind, _, words = expected.partition(": ")
    try:
        tables, queries, aside = run(tmp_path / "raw")
    except FaultError as stopped:
        OUTCOMES[damage] = f"fault: {stopped.faults[0].rule}"
        assert kind == "fault" and words in str(stopped), f"stopped by {stopped}"
        assert all(fault.file and fault.rule and fault.remedy for fault in stopped.faults)
        return
    asked = more(queries, clean[1], ["rule_id"])
    left = more(aside, clean[2], ["source_file", "reason"])
    changed = [name for name in tables if not tables[name].equals(clean[0][name])]
    OUTCOMES[damage] = (
        f"changed {', '.join(changed) or 'nothing'}; queries {', '.join(asked['rule_id'].unique()) or 'none'}; set aside {len(left)}"
    )
    if kind == "same":
        assert not changed
    elif kind == "query":
        assert words in set(asked["rule_id"]), OUTCOMES[damage]
    else:
        assert kind == "set aside" and left["reason"].str.contains(words).any(), OUTCOMES[damage]
    assert not changed or len(asked) or len(left), "a result changed in silence"


def test_the_table_of_outcomes():
    assert len(DAMAGES) >= 60
    if len(OUTCOMES) == len(DAMAGES):
        print("\n" + "\n".join(f"{damage:42} -> {outcome}" for damage, outcome in OUTCOMES.items()))
