"""Fit the logistic models of response."""

import logging

from sonimage import faults, response_models, tables

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
fitted = response_models.fit_response_models(patients, snakemake.params.analyses)
tables.write(fitted, snakemake.output.response_models, "response_models")
logging.info("%d models, %d rows", len(snakemake.params.analyses), len(fitted))
