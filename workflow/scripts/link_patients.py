"""Link the tables of all exports to one numbering of patients."""

import logging

from sonimage import cleaning, export_map, faults, linking, plausibility, reconciliation, tables

faults.log_to(snakemake.log[0])

cleaned = {name: tables.read(snakemake.input[name], name) for name in export_map.TABLES}
keys = tables.read_text(snakemake.input.patient_keys)
raw_files = tables.read(snakemake.input.raw_files, "raw_files")
numbering = linking.numbering_of(export_map.load(snakemake.input.export_map), raw_files)
linked = linking.link_patients(cleaned, numbering, keys, snakemake.params.data_cut_off)
implausible = plausibility.check_tables(linked.tables)

for name, frame in linked.tables.items():
    tables.write(frame, snakemake.output[name], name)
tables.write(linked.patient_links, snakemake.output.patient_links, "patient_links")
tables.write(cleaning.collect([linked.queries, implausible]), snakemake.output.queries, "queries")
tables.write(linked.set_aside, snakemake.output.set_aside, "set_aside")
counted = reconciliation.count_rows("3_link", cleaned, linked.tables, linked.set_aside)
tables.write(counted, snakemake.output.reconciliation, "reconciliation")
logging.info("%d patients, %d rows set aside", len(linked.tables["patients"]), len(linked.set_aside))
