"""Summarise how the two sources of response agree, and what other definitions of PFS1 change."""

from sonimage import concordance, faults, pfs1_definitions, tables

faults.log_to(snakemake.log[0])

compared = tables.read(snakemake.input.response_concordance, "response_concordance")
definitions = tables.read(snakemake.input.pfs1_definitions, "pfs1_definitions")
agreement = concordance.summarise_agreement(compared)
summary = pfs1_definitions.summarise_definitions(definitions, snakemake.params.definitions)
tables.write(agreement, snakemake.output.response_agreement, "response_agreement")
tables.write(summary, snakemake.output.pfs1_definition_summary, "pfs1_definition_summary")
