"""Bring the queries of stages 2 and 3 together and count them by centre."""

import logging

import pandas as pd
from sonimage import faults, tables
from sonimage.linking import query_list

faults.log_to(snakemake.log[0])

patients = tables.read(snakemake.input.patients, "patients")
links = tables.read(snakemake.input.patient_links, "patient_links")
clean, link, review = (tables.read(snakemake.input[name], "queries") for name in ("clean", "link", "review"))
applied = tables.read(snakemake.input.corrections, "corrections")
queries = query_list.list_queries(clean, pd.concat([link, review]), patients, links, applied)
tables.write(queries, snakemake.output.query_list, "query_list")
tables.write(query_list.count_queries(queries, patients["centre"]), snakemake.output.query_counts, "query_counts")
logging.info("%d queries, %d of them closed", len(queries), queries["answer"].notna().sum())
