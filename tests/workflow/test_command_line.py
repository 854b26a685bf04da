"""What the command line says of bad input, and what it leaves."""

from plain_study import FILES, replace
from whole_runs import clone, snakemake


def test_the_command_line_stops_with_one_message_and_leaves_no_partial_result(tmp_path, raw):
    folder = tmp_path / "project"
    folder.mkdir()
    clone(folder)
    replace(raw, "scans", "modality", "modalty")
    arguments = [
        "--cores",
        "1",
        "results/4_derive/visit_response.csv",
        "--config",
        f"raw_dir={raw}",
        "export_map=config/exports/plain.yaml",
    ]
    answer = snakemake(folder, *arguments)
    assert answer.returncode != 0 and "file scans.csv, row 1, column modality" in answer.stdout + answer.stderr
    assert not [path for path in (folder / "results").rglob("*") if path.is_file()]
    (raw / "scans.csv").write_text(FILES["scans"])
    assert snakemake(folder, *arguments).returncode == 0
    assert "P1,2020-04-05,PR" in (folder / "results/4_derive/visit_response.csv").read_text()


def test_an_unknown_config_key_is_refused(tmp_path):
    folder = clone(tmp_path)
    answer = snakemake(folder, "-n", "--config", "data_cutoff=2020-01-01")
    assert answer.returncode != 0 and "data_cutoff" in answer.stdout + answer.stderr
