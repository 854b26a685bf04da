"""List all problems of a delivery."""

from pathlib import Path

from sonimage import export_check, export_map, faults, tables

faults.log_to(snakemake.log[0])

problems = export_check.check_exports(snakemake.params.raw_dir, export_map.load(snakemake.params.export_map))
Path(snakemake.output.export_check).parent.mkdir(exist_ok=True)
tables.write(problems, snakemake.output.export_check, "export_check")
print(export_check.in_words(problems))
