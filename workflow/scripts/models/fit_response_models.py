"""Fit the logistic models of response."""

import logging

from sonimage import faults, tables
from sonimage.models import logistic

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
fitted = logistic.fit_response_models(patients, snakemake.params.models)
tables.write(fitted, snakemake.output.response_models, "response_models")
logging.info("%d models, %d rows", len(snakemake.params.models), len(fitted))
