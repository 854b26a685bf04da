"""Fit the logistic models of response and summarise its duration."""

import logging

from sonimage import duration_summary, faults, response_models, tables

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
durations = tables.read(snakemake.input.response_duration, "response_duration")
fitted = response_models.fit_response_models(patients, snakemake.params.models)
summary = duration_summary.summarise_response_duration(durations, patients, snakemake.params.durations)
tables.write(fitted, snakemake.output.response_models, "response_models")
tables.write(summary, snakemake.output.duration_summary, "duration_summary")
logging.info("%d models, %d rows; %d responding patients", len(snakemake.params.models), len(fitted), len(durations))
