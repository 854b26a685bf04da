"""Diagnostics of the pre-specified Cox models and internal validation of the primary one."""

import logging

from sonimage import faults, tables
from sonimage.cox import hazard_ratios
from sonimage.diagnostics import (
    calibration,
    functional_form,
    influence,
    internal_validation,
    proportional_hazards,
    varying_effects,
)
from sonimage.populations import analysis_set
from sonimage.summaries import grouping_decision

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
decision = grouping_decision.decide_grouping(patients, **snakemake.params.enough)
analyses = grouping_decision.with_fallback(snakemake.params.analyses, decision)
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
analysed = [
    hazard_ratios.analyse(rows, one) for one, rows in analysis_set.planned_sets(patients, definitions, analyses)
]
primary = next(one for one in analysed if one.analysis["id"] == "primary")
residuals = influence.list_residuals(primary)
influence = influence.summarise_influence(primary, residuals)
validation = internal_validation.validate(primary, **snakemake.params.replicates)
schoenfeld = varying_effects.list_schoenfeld(primary)
smooth = varying_effects.smooth_schoenfeld(primary, schoenfeld)
variables = snakemake.params.diagnostics["functional_form"]
form, form_tests = functional_form.list_functional_form(primary.patients, primary.analysis, variables)
form_curves = functional_form.smooth_functional_form(form)
calibrated = calibration.assess_calibration(
    primary,
    calibration_months=snakemake.params.diagnostics["calibration_months"],
    n_groups=snakemake.params.diagnostics["calibration_groups"],
    n_bootstrap=snakemake.params.replicates["n_bootstrap"],
    seed=snakemake.params.replicates["seed"],
)
hazards = proportional_hazards.check_proportional_hazards(analysed)
tables.write(hazards, snakemake.output.proportional_hazards, "proportional_hazards")
tables.write(residuals, snakemake.output.cox_residuals, "cox_residuals")
tables.write(influence, snakemake.output.cox_influence, "cox_influence")
tables.write(validation, snakemake.output.cox_validation, "cox_validation")
tables.write(schoenfeld, snakemake.output.schoenfeld_residuals, "schoenfeld_residuals")
tables.write(smooth, snakemake.output.schoenfeld_smooth, "schoenfeld_smooth")
tables.write(form, snakemake.output.functional_form, "functional_form")
tables.write(form_curves, snakemake.output.functional_form_curves, "functional_form_curves")
tables.write(form_tests, snakemake.output.functional_form_tests, "functional_form_tests")
tables.write(calibrated, snakemake.output.cox_calibration, "cox_calibration")
logging.info("%d models, %d patients in the primary one", len(analysed), len(primary.patients))
