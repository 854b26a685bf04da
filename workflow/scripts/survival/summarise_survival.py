"""Summarise PFS1: Kaplan-Meier curves, medians, rates, tests and restricted means."""

import logging

from sonimage import faults, tables
from sonimage.populations import analysis_set
from sonimage.survival import group_curves, restricted_means

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
planned_curves, planned_means = (
    analysis_set.planned_sets(patients, definitions, analyses)
    for analyses in (snakemake.params.curves, snakemake.params.restricted)
)
curves, summary = group_curves.summarise_survival(planned_curves, snakemake.params.landmark_months)
means = restricted_means.summarise_rmst(planned_means)
tables.write(curves, snakemake.output.survival_curves, "survival_curves")
tables.write(summary, snakemake.output.survival_summary, "survival_summary")
tables.write(means, snakemake.output.rmst, "rmst")
logging.info("%d analyses of curves, %d of restricted means", len(planned_curves), len(planned_means))
