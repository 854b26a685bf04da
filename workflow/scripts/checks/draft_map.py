"""Draft a first export map from a folder of raw files."""

from pathlib import Path

from sonimage import faults
from sonimage.checks.drafting import draft
from sonimage.exports import maps

faults.log_to(snakemake.log[0])

path = Path(snakemake.output.draft)
path.parent.mkdir(exist_ok=True)
path.write_text(draft.draft_map(snakemake.params.raw_dir), encoding="utf-8")
drafted = maps.load(path)
print(f"{path}: {len(drafted['files'])} file(s), {draft.count_columns(drafted)} column(s) of {len(drafted['tables'])} table(s).")
