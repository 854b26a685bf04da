"""Audit the results: reconciliation, queries per rule, disclosure, checksums, provenance."""

import json
import logging
import os
from pathlib import Path

import pandas as pd
from sonimage import audit, faults, tables

faults.log_to(snakemake.log[0])

results, declared = Path("results"), list(snakemake.params.declared)
counted = pd.concat([tables.read(path, "reconciliation") for path in snakemake.input.reconciliations])
run = audit.describe_run(
    snakemake.params.config,
    snakemake.params.config_digest,
    snakemake.params.raw_digest,
    os.environ["SOURCE_DATE_EPOCH"],
)
checksums = audit.list_checksums(results, declared, list(snakemake.output))

tables.write(counted, snakemake.output.reconciliation, "reconciliation")
tables.write(tables.read(snakemake.input.query_counts, "query_counts"), snakemake.output.query_counts, "query_counts")
tables.write(
    audit.check_disclosure(results, declared, snakemake.params.threshold), snakemake.output.disclosure, "disclosure"
)
Path(snakemake.output.provenance).write_text(json.dumps(run, indent=1, sort_keys=True) + "\n", encoding="utf-8")
tables.write(checksums, snakemake.output.checksums, "checksums")
strangers = checksums.loc[~checksums["is_declared"], "file"]
logging.info("%d files, %d strangers: %s", len(checksums), len(strangers), ", ".join(strangers))
