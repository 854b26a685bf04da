"""The same simulated trials on a SLURM cluster: the bytes of the local run. Needs Debian's slurm-wlm and munge, and root."""

import importlib.util
import os
import shutil
import subprocess

import pytest
from project import PROJECT
from whole_runs import clone, snakemake

TARGET = "simulations/operating_characteristics.csv"
GRID = """
trials_per_batch: 3
n_batches: 1
designs:
  null_60: {scenario: "null", n_patients: 60}
  prognostic_60: {scenario: prognostic, n_patients: 60}
"""
LACKING = [name for name in ("slurmctld", "slurmd", "munged", "squeue") if not shutil.which(name)]
LACKING += [] if importlib.util.find_spec("snakemake_executor_plugin_slurm") else ["the extra `slurm`"]
LACKING += [] if os.geteuid() == 0 else ["root"]


@pytest.fixture
def cluster(tmp_path):
    script = PROJECT / "tests/workflow/slurm/cluster.sh"
    try:
        started = subprocess.run([script, "start", tmp_path / "daemons"], capture_output=True, text=True, timeout=60)
        assert started.returncode == 0, started.stderr
        yield
    finally:
        subprocess.run([script, "stop", tmp_path / "daemons"], timeout=60)


@pytest.mark.skipif(bool(LACKING), reason=f"not here: {', '.join(LACKING)}")
def test_a_cluster_gives_the_bytes_of_the_local_run(cluster, tmp_path):
    runs = {}
    for name, how in (("local", ("--cores", "1")), ("slurm", ("--workflow-profile", "profiles/slurm"))):
        folder = tmp_path / name
        folder.mkdir()
        clone(folder)
        (folder / "config/operating_characteristics.yaml").write_text(GRID, encoding="utf-8")
        answer = snakemake(folder, *how, TARGET)
        assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
        made = sorted((folder / "simulations").rglob("*.csv"))
        runs[name] = {path.relative_to(folder): path.read_bytes() for path in made}
    assert len(runs["slurm"]) == 3 and runs["slurm"] == runs["local"]
