"""Write the queries of one centre as a workbook."""

from sonimage import faults, tables
from sonimage.checks import query_workbook

faults.log_to(snakemake.log[0])

query_workbook.write_workbook(
    tables.read(snakemake.input.query_list, "query_list"),
    tables.read(snakemake.input.query_counts, "query_counts"),
    snakemake.wildcards.centre.replace("_", " "),
    snakemake.output.workbook,
)
