"""Audit the results: reconciliation, queries per rule, disclosure, checksums, provenance."""

import json
import logging
import os
from pathlib import Path

import pandas as pd
from sonimage import faults, tables
from sonimage.audit import checksums, disclosure, provenance

faults.log_to(snakemake.log[0])

results, declared = Path("results"), list(snakemake.params.declared)
counted = pd.concat([tables.read(path, "reconciliation") for path in snakemake.input.reconciliations])
run = provenance.describe_run(
    snakemake.params.config,
    snakemake.params.config_digest,
    snakemake.params.raw_digest,
    os.environ["SOURCE_DATE_EPOCH"],
)
listed = checksums.list_checksums(results, declared, list(snakemake.output))

tables.write(counted, snakemake.output.reconciliation, "reconciliation")
tables.write(
    tables.read(snakemake.input.query_counts, "query_counts"), snakemake.output.queries_by_rule, "queries_by_rule"
)
tables.write(
    disclosure.check_disclosure(results, declared, snakemake.params.threshold),
    snakemake.output.disclosure,
    "disclosure",
)
Path(snakemake.output.provenance).write_text(json.dumps(run, indent=1, sort_keys=True) + "\n", encoding="utf-8")
tables.write(listed, snakemake.output.checksums, "checksums")
strangers = listed.loc[~listed["is_declared"], "file"]
logging.info("%d files, %d strangers: %s", len(listed), len(strangers), ", ".join(strangers))
