"""Compare the definitions of a group, and decide between three groups and two."""

import logging

from sonimage import faults, tables
from sonimage.summaries import group_agreement, group_changes, grouping_decision, reading_agreement

faults.log_to(snakemake.log[0])

groups, status, patients = (
    tables.read(snakemake.input[name], name) for name in ("group_definitions", "fes_status", "analysis_set")
)
definitions, primary = snakemake.params.definitions, snakemake.params.stability["primary"]
bands = {"primary": primary, "lesion_bands": snakemake.params.stability["lesion_bands"]}
enough = {name: snakemake.params.stability[name] for name in ("minimum_patients", "minimum_events")}
decision = grouping_decision.decide_grouping(patients, **enough)
summaries = {
    "grouping_decision": decision,
    "group_counts": group_agreement.count_groups(groups, definitions),
    "group_agreement": group_agreement.compare_definitions(groups, definitions),
    "group_crosstab": group_agreement.cross_tabulate(groups, definitions, primary=primary),
    "group_changes": group_changes.count_changes(groups, **bands),
    "mixed_probability": group_changes.summarise_mixing(groups, **bands),
    "reading_agreement": reading_agreement.compare_readings(
        status, suvmax_cuts=snakemake.params.stability["suvmax_cuts"], **snakemake.params.bootstrap
    ),
}
for name, table in summaries.items():
    tables.write(table, snakemake.output[name], name)
logging.info("%s: %s", decision["decision"].iloc[0], decision[["group", "n", "n_events"]].to_dict("records"))
