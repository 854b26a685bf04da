"""Fit Weibull models and Turnbull curves of interval-censored PFS1."""

import logging

from sonimage import faults, tables
from sonimage.intervals import turnbull_curves, weibull_models

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
analyses = snakemake.params.analyses
models = weibull_models.fit_interval_models(patients, definitions, analyses)
curves, summary = turnbull_curves.summarise_turnbull(patients, definitions, analyses, **snakemake.params.summary)
tables.write(models, snakemake.output.interval_models, "interval_models")
tables.write(curves, snakemake.output.turnbull_curves, "turnbull_curves")
tables.write(summary, snakemake.output.turnbull_summary, "turnbull_summary")
logging.info(
    "%d models, %d curves", models["analysis_id"].nunique(), len(curves[["analysis_id", "group"]].drop_duplicates())
)
