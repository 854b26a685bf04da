"""Turn text tables into typed ones, with corrections, queries and rows set aside."""

import logging

import pandas as pd
from sonimage import blinding, faults, tables
from sonimage.cleaning import corrections, query_records, reconciliation, typed_tables
from sonimage.cleaning.queries import collect
from sonimage.exports import maps

faults.log_to(snakemake.log[0])

plan = maps.load(snakemake.input.export_map)
options = tables.read_text(snakemake.input.field_options)
register = corrections.read_register(snakemake.input.corrections)
imported = {name: tables.read_text(snakemake.input[name]) for name in (*maps.TABLES, corrections.KEY_TABLE)}
corrected = corrections.apply_corrections(imported, register, snakemake.input.corrections, plan, options)
keys = corrected.tables.pop(corrections.KEY_TABLE)
cleaned = typed_tables.clean_tables(corrected.tables, plan["tables"], options)
faults.stop_on(typed_tables.list_faults(cleaned.values(), **snakemake.params.losses))

set_aside = pd.concat([corrected.set_aside, typed_tables.list_set_aside(cleaned.values())])
left = {name: one.table for name, one in cleaned.items()} | {corrections.KEY_TABLE: keys}
counted = reconciliation.count_rows("2_clean", imported, left, set_aside)
tables.write_text(blinding.stamped(keys), snakemake.output.patient_keys)
for name, one in cleaned.items():
    tables.save(one.table, snakemake.output[name], name)
    logging.info("%s: %d rows, %d set aside", name, len(one.table), len(one.set_aside))
queries = query_records.name_records(collect([one.queries for one in cleaned.values()]), left, corrected.tables, plan)
tables.write(queries, snakemake.output.queries, "queries")
tables.write(pd.concat([one.unmapped for one in cleaned.values()]), snakemake.output.unmapped, "unmapped")
tables.write(corrected.applied, snakemake.output.corrections_applied, "corrections")
tables.write(set_aside, snakemake.output.set_aside, "set_aside")
tables.write(counted, snakemake.output.reconciliation, "reconciliation")
