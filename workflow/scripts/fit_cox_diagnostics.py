"""Diagnostics of the pre-specified Cox models and internal validation of the primary one."""

import logging

from sonimage import analysis_set, cox, cox_diagnostics, faults, grouping_decision, tables

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
decision = grouping_decision.decide_grouping(patients, **snakemake.params.enough)
analyses = cox.with_fallback(snakemake.params.analyses, decision)
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
analysed = [cox.analyse(rows, one) for one, rows in analysis_set.planned_sets(patients, definitions, analyses)]
primary = next(one for one in analysed if one.analysis["id"] == "primary")
residuals = cox_diagnostics.list_residuals(primary)
influence = cox_diagnostics.summarise_influence(primary, residuals)
validation = cox_diagnostics.validate(primary, **snakemake.params.replicates)
hazards = cox_diagnostics.check_proportional_hazards(analysed)
tables.write(hazards, snakemake.output.proportional_hazards, "proportional_hazards")
tables.write(residuals, snakemake.output.cox_residuals, "cox_residuals")
tables.write(influence, snakemake.output.cox_influence, "cox_influence")
tables.write(validation, snakemake.output.cox_validation, "cox_validation")
logging.info("%d models, %d patients in the primary one", len(analysed), len(primary.patients))
