"""Read the raw files of an export into text tables."""

import logging

from sonimage import faults, tables
from sonimage.exports import importing, maps

faults.log_to(snakemake.log[0])

imported = importing.import_exports(snakemake.params.raw_dir, maps.load(snakemake.input.export_map))
for name in maps.TABLES:
    tables.write_text(imported.tables[name], snakemake.output[name])
tables.write_text(imported.patient_keys, snakemake.output.patient_keys)
tables.write_text(imported.field_options, snakemake.output.field_options)
tables.write(imported.raw_files, snakemake.output.raw_files, "raw_files")
tables.write(imported.set_aside, snakemake.output.set_aside, "set_aside")
tables.write(imported.reconciliation, snakemake.output.reconciliation, "reconciliation")
logging.info("%d files registered, %d rows set aside", len(imported.raw_files), len(imported.set_aside))
