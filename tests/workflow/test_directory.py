"""Two deliveries or two settings side by side: `snakemake --directory DIR`."""

import yaml
from project import PROJECT, settings
from whole_runs import snakemake


def test_a_folder_of_its_own_takes_the_projects_settings_and_its_results(tmp_path):
    answer = snakemake(PROJECT, "--cores", "1", "--directory", str(tmp_path), "results/1_import/raw_files.csv")
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert (tmp_path / "results/1_import/raw_files.csv").exists() and (tmp_path / "logs/import_exports.log").exists()


def test_a_folder_may_have_settings_of_its_own_and_nested_values_come_from_the_command_line(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump(settings("config") | {"data_label": "a trial"}))
    plan = ["-n", "--directory", str(tmp_path), "--config", "fes_status={suvmax_cut: 1.8}"]
    answer = snakemake(PROJECT, *plan)
    assert answer.returncode == 0, answer.stderr[-2000:]
    wrong = snakemake(PROJECT, *plan[:-1], "fes_status={suvmax_cut: high}")
    assert wrong.returncode == 1 and "suvmax_cut" in wrong.stdout + wrong.stderr
