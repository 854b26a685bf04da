"""Summarise PFS1 (Kaplan-Meier curves, medians, rates, tests, restricted means) and duration of response."""

import logging

from sonimage import faults, tables
from sonimage.populations import analysis_set
from sonimage.survival import group_curves, response_duration, restricted_means

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
durations = tables.read(snakemake.input.response_duration, "response_duration")
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
planned_curves, planned_means = (
    analysis_set.planned_sets(patients, definitions, analyses)
    for analyses in (snakemake.params.curves, snakemake.params.restricted)
)
curves, summary = group_curves.summarise_survival(planned_curves, snakemake.params.landmark_months)
lasted = response_duration.summarise_response_duration(durations, patients, snakemake.params.durations)
means = restricted_means.summarise_rmst(planned_means)
tables.write(curves, snakemake.output.survival_curves, "survival_curves")
tables.write(summary, snakemake.output.survival_summary, "survival_summary")
tables.write(means, snakemake.output.rmst, "rmst")
tables.write(lasted, snakemake.output.duration_summary, "duration_summary")
logging.info("%d analyses of curves, %d of restricted means", len(planned_curves), len(planned_means))
