"""Judge eligibility and gather one row per patient for the models."""

import logging

from sonimage import faults, tables
from sonimage.populations import analysis_set, eligibility

faults.log_to(snakemake.log[0])

patients, pet_baselines, heterogeneity, scan_quality, best_response, pfs1 = (
    tables.read(snakemake.input[name], name)
    for name in ("patients", "pet_baselines", "heterogeneity", "scan_quality", "best_response", "pfs1")
)
judged = eligibility.derive_eligibility(patients, pet_baselines, **snakemake.params.eligibility)
rows = analysis_set.derive_analysis_set(
    patients, judged, pet_baselines, heterogeneity, best_response, pfs1, scan_quality, **snakemake.params.sets
)
tables.write(judged, snakemake.output.eligibility, "eligibility")
tables.write(rows, snakemake.output.analysis_set, "analysis_set")
logging.info("%d patients, %d in the imaging set", len(rows), rows["in_imaging_set"].sum())
