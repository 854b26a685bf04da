"""Compare a delivery with an earlier one."""

from sonimage import export_comparison, export_map, faults, tables

faults.log_to(snakemake.log[0])

plan = export_map.load(snakemake.params.export_map)
before, after = (
    export_comparison.read_study(folder, plan)
    for folder in (snakemake.params.previous_raw_dir, snakemake.params.raw_dir)
)
changes = export_comparison.compare_studies(before, after)
counts = export_comparison.count_changes(changes)
tables.write(changes, snakemake.output.changes, "export_changes")
tables.write(counts, snakemake.output.counts, "export_change_counts")
print(counts.to_string(index=False))
