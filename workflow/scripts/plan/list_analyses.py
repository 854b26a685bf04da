"""List the analyses of the plan and how the plan changed."""

import logging

from sonimage import faults, tables
from sonimage.plan import loading

faults.log_to(snakemake.log[0])

plan = snakemake.params.plan
changes = loading.list_changes(plan)
tables.write(loading.list_analyses(plan), snakemake.output.analysis_plan, "analysis_plan")
tables.write(changes, snakemake.output.plan_changes, "plan_changes")
logging.info("%d analyses; digest of this plan: %s", len(plan["analyses"]), loading.digest(plan))
if not changes["is_recorded"].all():
    logging.warning("this plan is not recorded: add a line with its digest to `changes`")
