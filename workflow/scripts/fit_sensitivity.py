"""Fit the primary model under other endpoints, groups and populations."""

import logging

from sonimage import faults, sensitivity, tables

faults.log_to(snakemake.log[0])

patients, endpoints, groups = (
    tables.read(snakemake.input[name], name) for name in ("analysis_set", "pfs1_definitions", "group_definitions")
)
primary = next(analysis for analysis in snakemake.params.analyses if analysis["id"] == "primary")
grid = {
    "definitions": sensitivity.right_censored(snakemake.params.definitions),
    "groupings": sensitivity.het3_definitions(snakemake.params.groupings),
    "populations": snakemake.params.populations,
}
fitted = sensitivity.fit_sensitivity(patients, endpoints, groups, primary, **grid)
tables.write(fitted, snakemake.output.sensitivity, "sensitivity")
logging.info("%d rows; %s", len(fitted), {name: len(choices) for name, choices in grid.items()})
