"""Summarise the duration of response by group."""

import logging

from sonimage import duration_summary, faults, tables

faults.log_to(snakemake.log[0])

durations = tables.read(snakemake.input.response_duration, "response_duration")
patients = tables.read(snakemake.input.analysis_set, "analysis_set")
summary = duration_summary.summarise_response_duration(durations, patients, snakemake.params.analyses)
tables.write(summary, snakemake.output.duration_summary, "duration_summary")
logging.info("%d responding patients", len(durations))
