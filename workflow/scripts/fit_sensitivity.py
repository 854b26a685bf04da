"""Fit the primary model under other endpoints, groups and populations."""

import logging

import pandas as pd
from sonimage import faults, sensitivity, tables

faults.log_to(snakemake.log[0])

patients, endpoints, groups = (
    tables.read(snakemake.input[name], name) for name in ("analysis_set", "pfs1_definitions", "group_definitions")
)
models = {analysis["id"]: analysis for analysis in snakemake.params.models}
columns = sensitivity.columns_of(snakemake.params.groupings)
fitted = [
    sensitivity.fit_sensitivity(patients, endpoints, groups, models[grid["base"]], grid, columns)
    for grid in snakemake.params.grids
]
rows = pd.concat(fitted) if fitted else tables.empty("sensitivity")
tables.write(rows, snakemake.output.sensitivity, "sensitivity")
logging.info("%d rows of %d grids", len(rows), len(fitted))
