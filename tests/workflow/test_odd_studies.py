"""A handful of patients run to all pages, nobody to the first; `make campaign PART=odd_studies` runs these and others whole."""

import pandas as pd
from campaign.odd_studies import findings, run_odd_study


def test_a_handful_of_patients_of_one_arm_with_gaps_runs_to_its_pages(tmp_path):
    """Nothing to compare in most models, no centre for some patients: every table says why, and no page stops."""
    answer = run_odd_study("handful_of_one_arm", tmp_path)
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
    cox = pd.read_csv(tmp_path / "results/5_analyse/cox.csv")
    assert cox["n"].max() < 15 and cox.loc[cox["hazard_ratio"].isna(), "note"].notna().all()
    assert cox.loc[(cox["term"] == "A") & (cox["grouping"] != "het4"), "hazard_ratio"].isna().all()
    assert all(findings(tmp_path).values())


def test_a_study_without_any_row_runs_to_its_first_page(tmp_path):
    page = "results/6_report/cohort.html"
    answer = run_odd_study("nobody", tmp_path, page)
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
    assert "status not declared" in (tmp_path / page).read_text(encoding="utf-8")
    assert (tmp_path / "results/4_derive/pfs1.csv").read_text(encoding="utf-8").count("\n") == 1
