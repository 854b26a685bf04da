"""Summarise restricted mean PFS1 per group."""

import logging

from sonimage import analysis_set, faults, rmst, tables

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
summary = rmst.summarise_rmst(analysis_set.planned_sets(patients, definitions, snakemake.params.analyses))
tables.write(summary, snakemake.output.rmst, "rmst")
logging.info("%d of %d rows with an estimate", summary["estimate"].notna().sum(), len(summary))
