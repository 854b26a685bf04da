"""The whole workflow as a newcomer runs it: its results, its pages, and what reruns when."""

import os
import re
from pathlib import Path

import pandas as pd
import pytest
from project import PROJECT
from whole_runs import contents, planned, snakemake

CONTRACT = (
    "4_derive/target_sums", "4_derive/visit_response", "4_derive/best_response", "4_derive/lesion_change", "4_derive/pfs1",
    "4_derive/heterogeneity", "5_analyse/cox", "5_analyse/interval_models", "5_analyse/turnbull_curves",
)  # fmt: skip


@pytest.mark.parametrize("name", [*CONTRACT, "5_analyse/imputed_models"])
def test_results_equal_the_expected_ones_to_the_byte(run, name):
    expected = PROJECT / f"tests/workflow/expected/{name}.csv"
    assert (run / f"results/{name}.csv").read_bytes() == expected.read_bytes(), f"compare with {expected}"


def test_every_row_is_accounted_for_at_every_stage(run):
    counted = pd.read_csv(run / "results/7_audit/reconciliation.csv")
    assert counted["is_balanced"].all() and set(counted["stage"]) == {"1_import", "2_clean", "3_link"}


def test_no_patient_row_leaves_stage_4_and_no_file_is_a_stranger(run):
    assert not (pd.read_csv(run / "results/7_audit/disclosure.csv")["status"] == "fail").any()
    assert pd.read_csv(run / "results/7_audit/checksums.csv")["is_declared"].all()


def test_every_page_says_that_data_are_simulated_and_needs_no_network(run):
    pages = sorted((run / "results/6_report").glob("*.html"))
    assert len(pages) == 8
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "SIMULATED DATA" in text and "Content-Security-Policy" in text
        assert not re.search(r"(src|href)=[\"']?(https?:)?//", text) and "<script" not in text
        for link in re.findall(r'href="([^"#]+)"', text):
            assert (page.parent / link).exists(), f"{page.name} leads to {link}, which is not there"


def test_a_second_run_does_nothing(run_alone):
    assert planned(run_alone) == set()


def change(path: Path, text: str) -> None:
    """Append to a file and give it an old date, as a copy from an archive has."""
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    os.utime(path, (1_500_000_000, 1_500_000_000))


@pytest.mark.parametrize(
    "file, text, reruns, rests",
    [
        (
            "workflow/sonimage/endpoints/targets.py",
            "\nEDITED = True\n",
            "derive_response",
            {"import_exports", "derive_heterogeneity"},
        ),
        (
            "workflow/schemas/endpoints/lesion_change.yaml",
            "# edited\n",
            "derive_response",
            {"import_exports", "link_scans"},
        ),
        (
            "workflow/sonimage/imaging/scan_quality.py",
            "\nEDITED = True\n",
            "derive_heterogeneity",
            {"derive_response", "import_exports"},
        ),
        ("data/example/pet/VUMC_visual_scores.csv", "", "import_exports", {"nothing"}),
        ("uv.lock", "# upgraded\n", "import_exports", {"nothing"}),
        ("notebooks/cohort.ipynb", "\n", "render_cohort", {"render_pfs1", "fit_cox"}),
    ],
)
def test_a_change_reruns_what_depends_on_it_and_nothing_else(run_alone, file, text, reruns, rests):
    path = run_alone / file
    before, stat = path.read_bytes(), path.stat()
    try:
        change(path, text or "VUMC-001,L99,bone,left,,,,\n")
        rules = planned(run_alone)
    finally:
        path.write_bytes(before)
        os.utime(path, (stat.st_atime, stat.st_mtime))
    assert reruns in rules and not rules & rests


def test_a_config_value_reruns_only_what_depends_on_it(run_alone):
    rules = planned(run_alone, "--config", "response_source=assessments")
    assert {"derive_response", "derive_pfs1", "fit_cox"} <= rules
    assert not rules & {"import_exports", "clean_tables", "link_patients", "link_scans", "derive_heterogeneity"}


def test_a_delivery_is_checked_and_compared_and_a_site_gets_its_queries(run_alone):
    """Targets beside the analysis: they write to checks/ and leave the results as they are."""
    before = contents(run_alone)
    answer = snakemake(run_alone, "--cores", "1", "check_exports", "checks/queries/UMCG.xlsx")
    assert answer.returncode == 0 and "declare `decimal: ','`" in answer.stdout + answer.stderr
    answer = snakemake(run_alone, "--cores", "1", "compare_exports", "--config", "previous_raw_dir=data/example")
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert pd.read_csv(run_alone / "checks/export_changes.csv").empty
    assert set(pd.read_csv(run_alone / "checks/query_states.csv")["state"]) == {"open"}
    assert {path.name for path in (run_alone / "checks").rglob("*.*")} == {
        "export_check.csv", "export_changes.csv", "export_change_counts.csv", "query_states.csv", "UMCG.xlsx",
    }  # fmt: skip
    assert contents(run_alone) == before and planned(run_alone) == set()
