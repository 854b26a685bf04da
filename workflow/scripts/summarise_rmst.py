"""Summarise restricted mean PFS1 per group."""

import logging

from sonimage import faults, rmst, tables

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
summary = rmst.summarise_rmst(patients, **snakemake.params.restricted)
tables.write(summary, snakemake.output.rmst, "rmst")
logging.info("%d of %d rows with an estimate", summary["estimate"].notna().sum(), len(summary))
