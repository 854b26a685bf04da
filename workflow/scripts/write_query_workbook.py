"""Write the queries of one centre as a workbook."""

from sonimage import faults, query_list, tables

faults.log_to(snakemake.log[0])

query_list.write_workbook(
    tables.read(snakemake.input.query_list, "query_list"),
    tables.read(snakemake.input.query_counts, "query_counts"),
    snakemake.wildcards.centre.replace("_", " "),
    snakemake.output.workbook,
)
