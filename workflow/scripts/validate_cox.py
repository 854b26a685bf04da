"""Test proportional hazards of all models, and validate the primary one."""

import logging

from sonimage import cox_validation, faults, tables

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
analyses = snakemake.params.analyses
hazards = cox_validation.check_proportional_hazards(patients, analyses, transform=snakemake.params.transform)
validation = cox_validation.validate_model(patients, analyses[0], **snakemake.params.replicates)
tables.write(hazards, snakemake.output.proportional_hazards, "proportional_hazards")
tables.write(validation, snakemake.output.cox_validation, "cox_validation")
logging.info("%d tests of proportional hazards", len(hazards))
