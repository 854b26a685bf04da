"""Derive outcome 1: PFS1."""

import logging

from sonimage import faults, tables
from sonimage.endpoints import pfs1

faults.log_to(snakemake.log[0])

patients, visit_response, events = (
    tables.read(snakemake.input[name], name) for name in ("patients", "visit_response", "events")
)
derived, candidates = pfs1.derive_pfs1(patients, visit_response, events)
tables.write(derived, snakemake.output.pfs1, "pfs1")
tables.write(candidates, snakemake.output.pfs1_candidates, "pfs1_candidates")
logging.info("%d patients, %d events", len(derived), derived["pfs1_event"].sum())
