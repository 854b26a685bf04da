"""Fit every Cox model a second time by lifelines and compare."""

import logging

from sonimage import faults, tables
from sonimage.cox import engines
from sonimage.populations import analysis_set
from sonimage.summaries import grouping_decision

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.analysis_set, "analysis_set")
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
cox = tables.read(snakemake.input.cox, "cox")
decision = grouping_decision.decide_grouping(patients, **snakemake.params.enough)
analyses = grouping_decision.with_fallback(snakemake.params.analyses, decision)
planned = analysis_set.planned_sets(patients, definitions, analyses)
compared = engines.compare_engines(planned, cox, tolerance=snakemake.params.tolerance)
tables.write(compared, snakemake.output.cox_engines, "cox_engines")
for row in compared[compared["verdict"] == engines.DIFFER].itertuples():
    logging.warning("%s, %s: the two engines differ by %.1e standard errors", row.analysis_id, row.term, row.difference)
logging.info("%d models: %s", compared["analysis_id"].nunique(), compared["verdict"].value_counts().to_dict())
