"""Fit the primary model under other endpoints, groups and populations, and with missing covariates imputed."""

import logging

import pandas as pd
from sonimage import faults, tables
from sonimage.models import complete_and_imputed, sensitivity
from sonimage.populations import analysis_set

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
planned = analysis_set.planned_sets(patients, endpoints, snakemake.params.imputed)
imputed = complete_and_imputed.fit_imputed_models(planned, **snakemake.params.imputation)
tables.write(rows, snakemake.output.sensitivity, "sensitivity")
tables.write(imputed, snakemake.output.imputed_models, "imputed_models")
logging.info("%d rows of %d grids", len(rows), len(fitted))
missing = imputed.drop_duplicates(["analysis_id", "term"]).set_index(["analysis_id", "term"])["n_missing"]
logging.info("%d imputed analyses; missing: %s", len(planned), missing[missing > 0].to_dict())
