"""Say the problems of a delivery, and fail where a fault would stop the analysis."""

import sys

from sonimage import faults, tables
from sonimage.checks import delivery_problems

faults.log_to(snakemake.log[0])

problems = tables.read(snakemake.input.export_check, "export_check")
print(delivery_problems.in_words(problems))
n_faults = (problems["severity"] == "fault").sum()
if n_faults:
    sys.exit(f"{n_faults} fault(s) would stop the analysis; all problems are listed in {snakemake.input.export_check}.")
