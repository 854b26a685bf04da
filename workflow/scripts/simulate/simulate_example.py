"""Write the simulated example study as raw exports, in place of the one before."""

import shutil
from pathlib import Path

import yaml
from sonimage import faults
from sonimage.simulate.study import simulate_study

faults.log_to(snakemake.log[0])

parameters = yaml.safe_load(Path(snakemake.input.parameters).read_text(encoding="utf-8"))
for folder in (snakemake.params.folder, snakemake.params.truth):
    shutil.rmtree(folder, ignore_errors=True)
simulate_study(parameters, Path(snakemake.params.folder), Path(snakemake.params.truth))
