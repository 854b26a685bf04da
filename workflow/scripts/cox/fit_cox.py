"""Fit the pre-specified Cox models of PFS1."""

import logging

from sonimage import faults, tables
from sonimage.cox import combinations, hazard_ratios
from sonimage.populations import analysis_set
from sonimage.summaries import grouping_decision

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
decision = grouping_decision.decide_grouping(patients, **snakemake.params.enough)
analyses = grouping_decision.with_fallback(snakemake.params.analyses, decision)
analysed = [
    hazard_ratios.analyse(rows, one) for one, rows in analysis_set.planned_sets(patients, definitions, analyses)
]
models, tests = hazard_ratios.report_models(analysed)
tables.write(models, snakemake.output.cox, "cox")
tables.write(tests, snakemake.output.cox_tests, "cox_tests")
tables.write(combinations.contrast_interactions(analysed), snakemake.output.cox_contrasts, "cox_contrasts")
tables.write(combinations.trace_splines(analysed), snakemake.output.spline_curves, "spline_curves")
logging.info("%s: %s", decision["decision"].iloc[0], decision[["group", "n", "n_events"]].to_dict("records"))
logging.info("%d models, %d patients in the imaging set", len(analysed), patients["in_imaging_set"].sum())
