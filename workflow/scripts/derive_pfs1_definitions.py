"""Derive PFS1 by the other definitions of the configuration."""

import logging

from sonimage import faults, pfs1_definitions, tables

faults.log_to(snakemake.log[0])

patients, visit_response, events, pet_baselines = (
    tables.read(snakemake.input[name], name) for name in ("patients", "visit_response", "events", "pet_baselines")
)
derived = pfs1_definitions.derive_pfs1_definitions(
    patients,
    visit_response,
    events,
    pet_baselines,
    definitions=snakemake.params.definitions,
    interval_days=snakemake.params.interval_days,
    window_days=snakemake.params.window_days,
)
tables.write(derived, snakemake.output.pfs1_definitions, "pfs1_definitions")
logging.info("%d definitions", derived["definition"].nunique())
