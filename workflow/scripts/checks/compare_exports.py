"""Compare a delivery with an earlier one."""

from sonimage import faults, tables
from sonimage.checks import comparison
from sonimage.exports import maps

faults.log_to(snakemake.log[0])

plan = maps.load(snakemake.params.export_map)
before, after = (
    comparison.read_study(folder, plan) for folder in (snakemake.params.previous_raw_dir, snakemake.params.raw_dir)
)
changes = comparison.compare_studies(before, after)
counts = comparison.count_changes(changes)
tables.write(changes, snakemake.output.changes, "export_changes")
tables.write(counts, snakemake.output.counts, "export_change_counts")
print(counts.to_string(index=False))
