"""Fit Cox models on complete cases and after multiple imputation of covariates."""

import logging

from sonimage import analysis_set, faults, imputed_models, tables

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
planned = analysis_set.planned_sets(patients, definitions, snakemake.params.analyses)
fitted = imputed_models.fit_imputed_models(planned, **snakemake.params.settings)
tables.write(fitted, snakemake.output.imputed_models, "imputed_models")
missing = fitted.drop_duplicates(["analysis_id", "term"]).set_index(["analysis_id", "term"])["n_missing"]
logging.info("%d analyses, %d rows; missing: %s", len(planned), len(fitted), missing[missing > 0].to_dict())
