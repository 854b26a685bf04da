"""Write the page that leads to all others."""

from pathlib import Path

from sonimage import faults
from sonimage.report import frame

faults.log_to(snakemake.log[0])

index = frame.index(snakemake.params.pages, snakemake.params.data_label, snakemake.params.facts)
Path(snakemake.output.index).write_text(index, encoding="utf-8")
