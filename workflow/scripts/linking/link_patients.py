"""Link the tables of all exports to one numbering of patients."""

import logging

from sonimage import blinding, faults, tables
from sonimage.cleaning import plausibility, query_records, reconciliation  # fmt: skip
from sonimage.cleaning.queries import collect
from sonimage.exports import maps
from sonimage.linking import cross_checks, one_study, reader_decisions

faults.log_to(snakemake.log[0])

cleaned = {name: tables.read(snakemake.input[name], name) for name in maps.TABLES}
keys = tables.read_text(snakemake.input.patient_keys)
plan = maps.load(snakemake.input.export_map)
decisions = reader_decisions.read_register(snakemake.input.decisions)
linked = one_study.link_patients(
    cleaned,
    plan,
    keys,
    data_cut_off=snakemake.params.data_cut_off,
    decisions=decisions,
    decisions_path=snakemake.input.decisions,
    pooling_days=snakemake.params.pooling_days,
    late_baseline_days=snakemake.params.late_baseline_days,
    **snakemake.params.losses,
)
disagreements = cross_checks.check_key_table(linked.tables["patients"], keys, plan.get("patient_keys", {}))
implausible = plausibility.check_tables(linked.tables, **snakemake.params.query_rules)

if snakemake.params.blinding_seed is not None:
    dealt = blinding.deal_allocation(linked.tables["patients"], snakemake.params.blinding_seed)
    linked.tables["patients"] = dealt
for name, frame in linked.tables.items():
    tables.write(frame, snakemake.output[name], name)
tables.write(linked.patient_links, snakemake.output.patient_links, "patient_links")
queries = query_records.name_records(collect([linked.queries, disagreements, implausible]), cleaned)
tables.write(queries, snakemake.output.queries, "queries")
tables.write(linked.set_aside, snakemake.output.set_aside, "set_aside")
counted = reconciliation.count_rows("3_link", cleaned, linked.tables, linked.set_aside)
tables.write(counted, snakemake.output.reconciliation, "reconciliation")
logging.info("%d patients, %d rows set aside", len(linked.tables["patients"]), len(linked.set_aside))
