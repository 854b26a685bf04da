"""List all problems of a delivery."""

from pathlib import Path

from sonimage import faults, tables
from sonimage.checks import delivery_problems
from sonimage.exports import maps

faults.log_to(snakemake.log[0])

problems = delivery_problems.check_exports(
    snakemake.params.raw_dir, maps.load(snakemake.params.export_map), **snakemake.params.losses
)
Path(snakemake.output.export_check).parent.mkdir(exist_ok=True)
tables.write(problems, snakemake.output.export_check, "export_check")
