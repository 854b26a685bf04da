"""`snakemake draft_map` as a newcomer calls it, with no map of the files."""

import plain_study
import pytest
from sonimage.exports import maps
from whole_runs import clone, snakemake


@pytest.mark.slow
def test_a_newcomer_drafts_a_map_and_runs_with_it(tmp_path, raw):
    folder = tmp_path / "project"
    folder.mkdir()
    clone(folder)
    answer = snakemake(folder, "--cores", "1", "draft_map", "--config", f"raw_dir={raw}")
    assert answer.returncode == 0, answer.stderr
    draft = folder / "checks/draft_map.yaml"
    assert set(maps.load(draft)["tables"]) == set(plain_study.FILES)
    config = ["--config", f"raw_dir={raw}", f"export_map={draft}"]
    answer = snakemake(folder, "--cores", "1", "check_exports", "results/4_derive/visit_response.csv", *config)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "P1,2020-04-05,PR" in (folder / "results/4_derive/visit_response.csv").read_text()


@pytest.mark.slow
def test_an_absent_folder_is_told_before_anything_runs(tmp_path):
    answer = snakemake(clone(tmp_path), "--cores", "1", "draft_map", "--config", "raw_dir=nowhere")
    assert answer.returncode != 0 and "There is no folder nowhere: set raw_dir" in answer.stdout + answer.stderr
