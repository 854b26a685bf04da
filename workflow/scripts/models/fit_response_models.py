"""Fit the logistic models of response and summarise its duration."""

import logging

from sonimage import faults, tables
from sonimage.models import logistic
from sonimage.survival import response_duration

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
durations = tables.read(snakemake.input.response_duration, "response_duration")
fitted = logistic.fit_response_models(patients, snakemake.params.models)
summary = response_duration.summarise_response_duration(durations, patients, snakemake.params.durations)
tables.write(fitted, snakemake.output.response_models, "response_models")
tables.write(summary, snakemake.output.duration_summary, "duration_summary")
logging.info("%d models, %d rows; %d responding patients", len(snakemake.params.models), len(fitted), len(durations))
