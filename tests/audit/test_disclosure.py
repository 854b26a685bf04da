"""The disclosure check: which tables for reviewers name a patient or a day, and which hold small counts."""

from pathlib import Path

import pytest
from sonimage import tables
from sonimage.audit import disclosure


@pytest.mark.parametrize(
    ("text", "status", "n_small"),
    [
        ("group,n,share\nmixed,40,0.5\n", "pass", 0),
        ("group,n,n_missing\nmixed,40,2\nall_neg,3,1\nall_pos,0,0\n", "review", 2),  # a row counts once; 0 names nobody
        ("group,n_events\nmixed,4\n", "review", 1),
        ("group,n_left_out\nmixed,5\n", "pass", 0),
        ("name,coef\nmixed,3\n", "pass", 0),  # a 3 that is no count
        ("patient_id,n\nP1,40\n", "fail", 0),
        ("event_date,n\n2020-01-01,40\n", "fail", 0),
        ("group,n\n", "pass", 0),
    ],
)
def test_a_table_for_reviewers_is_marked(tmp_path, monkeypatch, text, status, n_small):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "results/5_analyse/table.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    declared = ["results/5_analyse/table.csv", "results/4_derive/inside.csv", "results/6_report/page.html"]
    found = disclosure.check_disclosure(Path("results"), declared, 4)
    tables.check(found, "disclosure")
    assert len(found) == 1 and (found["status"].iloc[0], found["n_small_counts"].iloc[0]) == (status, n_small)
