"""The dummy run before database lock: made anew, and stamped everywhere."""

import pandas as pd
from whole_runs import clone, planned, snakemake


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
