"""Derive PFS1 by the other definitions of the configuration, and duration of response."""

import logging

from sonimage import faults, tables
from sonimage.endpoints import pfs1_definitions, response_duration

faults.log_to(snakemake.log[0])

patients, visit_response, events, pet_baselines, best_response = (
    tables.read(snakemake.input[name], name)
    for name in ("patients", "visit_response", "events", "pet_baselines", "best_response")
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
durations = response_duration.derive_response_duration(patients, visit_response, events, best_response)
tables.write(derived, snakemake.output.pfs1_definitions, "pfs1_definitions")
tables.write(durations, snakemake.output.response_duration, "response_duration")
logging.info("%d definitions, %d responders", derived["definition"].nunique(), len(durations))
