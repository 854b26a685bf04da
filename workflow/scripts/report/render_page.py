"""Run one notebook and write its page; the executed notebook stays beside the log."""

from pathlib import Path

from sonimage import faults
from sonimage.report import pages

faults.log_to(snakemake.log[0])

parameters = (
    dict(snakemake.params.tables)
    | {
        "figures": snakemake.params.figures,
        "shown_tables": snakemake.params.shown_tables,
        "data_label": snakemake.params.data_label,
    }
    | dict(snakemake.params.settings)
)
executed = Path(snakemake.log[0]).with_suffix(".ipynb")
notebook = pages.execute(Path(snakemake.input.notebook), executed, parameters)
Path(snakemake.output.page).write_text(
    pages.render(notebook, snakemake.params.title, snakemake.params.data_label), encoding="utf-8"
)
