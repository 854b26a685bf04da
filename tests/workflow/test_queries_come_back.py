"""The commands of a query's life: a workbook goes out, comes back, becomes a line of the register, and is asked no more."""

from datetime import datetime

import openpyxl
import pandas as pd
import pytest
from answered_queries import fill
from plain_study import replace, write_study
from whole_runs import clone, snakemake


@pytest.mark.slow
def test_a_query_goes_out_comes_back_and_is_closed(tmp_path):
    folder = clone(tmp_path)
    raw = write_study(folder / "raw")
    replace(raw, "measurements", "P1,T01,S1,20.5,", "P1,T01,S1,20.5 mm,")
    study = ["raw_dir=raw", "export_map=config/exports/plain.yaml"]

    answer = snakemake(folder, "-c1", "checks/queries/UMCX.xlsx", "--config", *study)
    assert (
        answer.returncode != 0
        and "there is no centre UMCX. The centres of this study are UMCG, VUMC, no_centre" in answer.stderr
    )
    answer = snakemake(folder, "-c1", "checks/queries/UMCG.xlsx", "--config", *study, "queries={language: nl}")
    assert answer.returncode == 0, answer.stderr[-2000:]
    (folder / "back").mkdir()
    workbook = (folder / "checks/queries/UMCG.xlsx").rename(folder / "back/UMCG.xlsx")
    assert "Uitleg" in openpyxl.load_workbook(workbook).sheetnames
    fill(workbook, {("UNREADABLE", "T01"): ("new value", "20,5", "A. Jansen", datetime(2026, 11, 3))})

    answer = snakemake(folder, "-c1", "answers", "--config", *study, "answers=back")
    assert answer.returncode == 0, answer.stderr[-2000:]
    lines = pd.read_csv(folder / "checks/answers/proposed_corrections.csv", dtype=str)
    assert lines[["old", "new"]].to_numpy().tolist() == [["20.5 mm", "20.5"]]
    assert len(pd.read_csv(folder / "checks/answers/not_accepted.csv")) == 0
    lines.to_csv(folder / "config/corrections.csv", sep=";", index=False, encoding="utf-8-sig")

    answer = snakemake(
        folder, "-c1", "compare_exports", "results/3_link/query_list.csv", "--config", *study, "previous_raw_dir=raw"
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    states = pd.read_csv(folder / "checks/query_states.csv").set_index("query_id")["state"]
    assert states[lines["query_id"].iloc[0]] == "answered" and set(states) == {"answered", "open"}
    assert lines["query_id"].iloc[0] not in set(pd.read_csv(folder / "results/3_link/query_list.csv")["query_id"])
    logs = "".join(path.read_text() for path in (folder / "logs").glob("*.log"))
    assert "20.5" not in logs and "P1" not in logs
