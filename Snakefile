"""SONImage (NCT04125277): does baseline FES- and FDG-PET, lesion by lesion, predict how long first-line endocrine
treatment with or without a CDK4/6 inhibitor works in advanced ER+ breast cancer?

Stages in the order data flows; `results/` mirrors them. Stages 1-4 hold patient rows and stay inside, 5-7 go to reviewers.
"""

from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")

CONFIG = Path("config/config.yaml")


# A folder given by --directory may have settings of its own.
configfile: str(CONFIG if CONFIG.exists() else Path(workflow.basedir) / CONFIG)
report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/1_import.smk"
include: "workflow/rules/2_clean.smk"
include: "workflow/rules/3_link.smk"
include: "workflow/rules/4_derive.smk"
include: "workflow/rules/5_analyse.smk"
include: "workflow/rules/5_analyse_models.smk"
include: "workflow/rules/6_report.smk"
include: "workflow/rules/7_audit.smk"
include: "workflow/rules/checks.smk"
include: "workflow/rules/example.smk"
include: "workflow/rules/operating_characteristics.smk"


rule all:
    """The whole analysis: pages, figures and tables for the team, the audit for reviewers."""
    default_target: True
    input:
        "results/6_report/index.html",
        "results/7_audit/checksums.csv",
