"""Fit the pre-specified Cox models and Kaplan-Meier curves of PFS1."""

import logging

from sonimage import cox, faults, grouping_decision, survival, tables

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
decision = grouping_decision.decide_grouping(patients, **snakemake.params.enough)
models, tests = cox.fit_cox_models(patients, cox.with_fallback(snakemake.params.analyses, decision))
curves, summary = survival.summarise_survival(patients, **snakemake.params.survival)
tables.write(models, snakemake.output.cox, "cox")
tables.write(tests, snakemake.output.cox_tests, "cox_tests")
tables.write(curves, snakemake.output.survival_curves, "survival_curves")
tables.write(summary, snakemake.output.survival_summary, "survival_summary")
logging.info("%s: %s", decision["decision"].iloc[0], decision[["group", "n", "n_events"]].to_dict("records"))
logging.info("%d models, %d patients in the imaging set", len(tests), patients["in_imaging_set"].sum())
