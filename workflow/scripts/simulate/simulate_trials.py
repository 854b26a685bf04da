"""Simulate one batch of trials of a design and fit the primary model to each."""

import logging
from pathlib import Path

import yaml
from sonimage import faults, tables
from sonimage.simulate import trials

faults.log_to(snakemake.log[0])

parameters = yaml.safe_load(Path(snakemake.input.parameters).read_text(encoding="utf-8")) | snakemake.params.design
study, trial = trials.simulate_trials(
    parameters, n_trials=snakemake.params.n_trials, seed=[parameters["seed"], *snakemake.params.seed]
)
rows = trials.derive_trials(study, **snakemake.params.rules)
estimates = trials.fit_trials(rows, trial, snakemake.params.analysis)
tables.write(estimates, snakemake.output.estimates, "trial_estimates")
logging.info("%d trials", estimates["trial"].nunique())
