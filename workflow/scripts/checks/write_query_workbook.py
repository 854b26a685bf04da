"""Write the open queries of one centre as a workbook."""

import logging

from sonimage import faults, tables
from sonimage.checks import query_workbook
from sonimage.checks.asking import described_queries
from sonimage.cleaning import corrections
from sonimage.exports import maps

faults.log_to(snakemake.log[0])

counts = tables.read(snakemake.input.query_counts, "query_counts")
centre = query_workbook.find_centre(snakemake.wildcards.centre, counts)
queries = tables.read(snakemake.input.query_list, "query_list")
asked = queries[(queries["centre"] == centre) & queries["answer"].isna()]

plan = maps.load(snakemake.input.export_map)
options = tables.read_text(snakemake.input.field_options)
imported = {
    name: tables.read_text(snakemake.input[f"imported_{name}"]) for name in (*maps.TABLES, corrections.KEY_TABLE)
}
register = corrections.read_register(snakemake.input.corrections)
corrected = corrections.apply_corrections(imported, register, snakemake.input.corrections, plan, options)
study = {name: tables.read(snakemake.input[name], name) for name in maps.TABLES}

language = snakemake.params.language
described = described_queries.describe_queries(asked, corrected.tables, study, plan, options, language)
query_workbook.write_workbook(described, counts, centre, snakemake.output.workbook, language)
logging.info("%d open queries", len(described))
