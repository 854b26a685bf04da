"""A study of a handful of patients runs to its pages; `make campaign PART=odd_studies` runs more of the kind."""

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
