"""Summarise how the two sources of response agree, and what other definitions of PFS1 change."""

from sonimage import faults, tables
from sonimage.endpoints import concordance
from sonimage.summaries import progression

faults.log_to(snakemake.log[0])

compared = tables.read(snakemake.input.response_concordance, "response_concordance")
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
agreement = concordance.summarise_agreement(compared)
summary = progression.summarise_definitions(definitions, snakemake.params.definitions)
tables.write(agreement, snakemake.output.response_agreement, "response_agreement")
tables.write(summary, snakemake.output.pfs1_definition_summary, "pfs1_definition_summary")
