"""Derive the group of each patient under every definition of the config."""

import logging

from sonimage import faults, tables
from sonimage.imaging import group_definitions

faults.log_to(snakemake.log[0])

patients, status = (tables.read(snakemake.input[name], name) for name in ("patients", "fes_status"))
groups = group_definitions.derive_group_definitions(
    patients, status, snakemake.params.definitions, status_rules=snakemake.params.status_rules
)
tables.write(groups, snakemake.output.group_definitions, "group_definitions")
logging.info("%d definitions, %d patients", groups["definition_id"].nunique(), len(patients))
