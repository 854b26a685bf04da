"""Gather all batches of simulated trials into operating characteristics."""

import logging
from pathlib import Path

import pandas as pd
import yaml
from sonimage import faults, tables
from sonimage.simulate import trials

faults.log_to(snakemake.log[0])

defaults = yaml.safe_load(Path(snakemake.input.parameters).read_text(encoding="utf-8"))
parts = []
for design, changes in snakemake.params.designs.items():
    batches = [tables.read(path, "trial_estimates") for path in snakemake.input.batches if f"/{design}/" in path]
    numbered = [batch.assign(trial=batch["trial"] + 10**6 * number) for number, batch in enumerate(batches)]
    truth = trials.true_log_ratios(defaults | changes)
    parts.append(trials.summarise_trials(pd.concat(numbered), truth).assign(design=design))
found = pd.concat(parts)
tables.write(found, snakemake.output.operating_characteristics, "operating_characteristics")
logging.info("%d designs", found["design"].nunique())
print(tables.conform(found, "operating_characteristics").round(3).to_string(index=False))
