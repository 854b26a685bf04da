"""Fit Cox models on complete cases and after multiple imputation of covariates."""

import logging

from sonimage import faults, imputed_models, tables

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
analyses, settings = snakemake.params.analyses, snakemake.params.settings
fitted = imputed_models.fit_imputed_models(patients, analyses, **settings)
tables.write(fitted, snakemake.output.imputed_models, "imputed_models")
missing = fitted.drop_duplicates(["analysis_id", "term"]).set_index(["analysis_id", "term"])["n_missing"]
logging.info("%d analyses, %d rows; missing: %s", len(analyses), len(fitted), missing[missing > 0].to_dict())
