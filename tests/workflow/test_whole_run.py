"""The whole workflow as a newcomer runs it, in a folder of its own; what reruns when; the same bytes elsewhere."""

import os
import re
from pathlib import Path

import pandas as pd
import pytest
from project import PROJECT
from whole_runs import clone, contents, planned, snakemake

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


def test_a_second_run_does_nothing(run):
    assert planned(run) == set()


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
def test_a_change_reruns_what_depends_on_it_and_nothing_else(run, file, text, reruns, rests):
    path = run / file
    before, stat = path.read_bytes(), path.stat()
    try:
        change(path, text or "VUMC-001,L99,bone,left,,,,\n")
        rules = planned(run)
    finally:
        path.write_bytes(before)
        os.utime(path, (stat.st_atime, stat.st_mtime))
    assert reruns in rules and not rules & rests


def test_a_dummy_run_remakes_everything_and_stamps_pages_tables_and_figures(run, tmp_path):
    assert {"import_exports", "fit_cox", "render_pfs1", "audit_results"} <= planned(run, "--config", "blinding=on")
    folder = clone(tmp_path)
    answer = snakemake(folder, "--cores", "2", "results/6_report/cohort.html", "--config", "blinding=on")
    assert answer.returncode == 0, answer.stderr[-3000:]
    for path in (folder / "results").rglob("[!1]_*/**/*.csv"):
        assert path.name.startswith("imported_") or pd.read_csv(path)["run"].eq("DUMMY").all(), path.name
    assert "DUMMY RUN" in (folder / "results/6_report/cohort.html").read_text(encoding="utf-8")
    assert "DUMMY" in (folder / "results/6_report/figures/cohort_flow.svg").read_text(encoding="utf-8")
    counts = [pd.read_csv(place / "results/5_analyse/attrition.csv")[["n", "n_events"]] for place in (run, folder)]
    pd.testing.assert_frame_equal(*counts)


def test_a_config_value_reruns_only_what_depends_on_it(run):
    rules = planned(run, "--config", "response_source=assessments")
    assert {"derive_response", "derive_pfs1", "fit_cox"} <= rules
    assert not rules & {"import_exports", "clean_tables", "link_patients", "link_scans", "derive_heterogeneity"}


def test_another_machine_folder_time_zone_locale_hash_seed_and_core_count_give_the_same_bytes(run, tmp_path):
    other = tmp_path / "another folder"
    other.mkdir()
    clone(other)
    processor = {"OPENBLAS_CORETYPE": "Sandybridge", "NPY_DISABLE_CPU_FEATURES": ""}
    answer = snakemake(other, "--cores", "1", TZ="Pacific/Auckland", LC_ALL="C", PYTHONHASHSEED="123", **processor)
    assert answer.returncode == 0, answer.stderr[-3000:]
    one, two = contents(run), contents(other)
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []


def test_a_delivery_is_checked_and_compared_and_a_site_gets_its_queries(run):
    """Targets beside the analysis: they write to checks/ and leave the results as they are."""
    before = contents(run)
    answer = snakemake(run, "--cores", "1", "check_exports", "checks/queries/UMCG.xlsx")
    assert answer.returncode == 0 and "declare `decimal: ','`" in answer.stdout + answer.stderr
    answer = snakemake(run, "--cores", "1", "compare_exports", "--config", "previous_raw_dir=data/example")
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert pd.read_csv(run / "checks/export_changes.csv").empty
    assert {path.name for path in (run / "checks").rglob("*.*")} == {
        "export_check.csv", "export_changes.csv", "export_change_counts.csv", "UMCG.xlsx",
    }  # fmt: skip
    assert contents(run) == before and planned(run) == set()


def test_a_study_without_any_row_runs_to_its_pages(tmp_path):
    folder = clone(tmp_path)
    plan = (folder / "config/exports/plain.yaml").read_text(encoding="utf-8")
    columns = re.findall(r"^  (\w+):\n    - file: \w+\n      columns:\n((?:        .*\n)+)", plan, re.MULTILINE)
    (folder / "raw").mkdir()
    for name, lines in columns:
        header = ",".join(line.split(":")[0].strip() for line in lines.splitlines())
        (folder / f"raw/{name}.csv").write_text(header + "\n", encoding="utf-8")
    answer = snakemake(folder, "--cores", "2", "--config", "raw_dir=raw", "export_map=config/exports/plain.yaml")
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
    assert "status not declared" in (folder / "results/6_report/index.html").read_text(encoding="utf-8")
    assert (folder / "results/4_derive/pfs1.csv").read_text(encoding="utf-8").count("\n") == 1


def test_a_handful_of_patients_of_one_arm_with_gaps_runs_to_its_pages(run, tmp_path):
    """Nothing to compare in most models, no centre for some patients: every table says why, and no page stops."""
    folder = clone(tmp_path)
    (folder / "raw").mkdir()
    for name in ("patients", "scans", "lesions", "measurements", "uptake", "assessments", "events"):
        rows = pd.read_csv(run / f"results/3_link/{name}.csv", dtype=str).drop(columns=["source_file", "source_row"])
        rows = rows[rows["patient_id"].str[-3:].astype(int) % 9 == 1]
        if name == "patients":
            gaps = {"centre": rows["centre"].where(rows.index % 3 > 0), "menopausal_status": "postmenopausal"}
            rows = rows.assign(
                allocation="A", **gaps, visceral_disease=rows["visceral_disease"].where(rows.index % 2 > 0)
            )
        rows.to_csv(folder / f"raw/{name}.csv", index=False)
    answer = snakemake(folder, "--cores", "2", "--config", "raw_dir=raw", "export_map=config/exports/plain.yaml")
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
    cox = pd.read_csv(folder / "results/5_analyse/cox.csv")
    assert cox["n"].max() < 15 and cox.loc[cox["hazard_ratio"].isna(), "note"].notna().all()
    assert cox.loc[(cox["term"] == "A") & (cox["grouping"] != "het4"), "hazard_ratio"].isna().all()
