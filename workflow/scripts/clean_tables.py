"""Turn text tables into typed ones, with corrections, queries and rows set aside."""

import logging

import pandas as pd
from sonimage import cleaning, corrections, export_map, faults, reconciliation, tables
from sonimage.queries import collect

faults.log_to(snakemake.log[0])

sources = export_map.load(snakemake.input.export_map)["tables"]
options = tables.read_text(snakemake.input.field_options)
register = corrections.read_register(snakemake.input.corrections)
imported = {name: tables.read_text(snakemake.input[name]) for name in export_map.TABLES}
imported = corrections.apply_corrections(imported, register, snakemake.input.corrections)
cleaned = cleaning.clean_tables(imported, sources, options)

set_aside = cleaning.list_set_aside(cleaned.values())
counted = reconciliation.count_rows("2_clean", imported, {name: one.table for name, one in cleaned.items()}, set_aside)
for name, one in cleaned.items():
    tables.save(one.table, snakemake.output[name], name)
    logging.info("%s: %d rows, %d set aside", name, len(one.table), len(one.set_aside))
tables.write(collect([one.queries for one in cleaned.values()]), snakemake.output.queries, "queries")
tables.write(pd.concat([one.unmapped for one in cleaned.values()]), snakemake.output.unmapped, "unmapped")
tables.write(corrections.list_applied(register), snakemake.output.corrections_applied, "corrections")
tables.write(set_aside, snakemake.output.set_aside, "set_aside")
tables.write(counted, snakemake.output.reconciliation, "reconciliation")
