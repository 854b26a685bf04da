"""Compare a delivery with an earlier one, and say what became of each query."""

import logging

from sonimage import faults, tables
from sonimage.checks import asked_deliveries, comparison, query_states
from sonimage.cleaning import corrections
from sonimage.exports import maps
from sonimage.linking import reader_decisions

faults.log_to(snakemake.log[0])

params = snakemake.params
plan = maps.load(params.export_map)
(before, asked_before), (after, asked) = (
    asked_deliveries.ask(folder, plan, **params.link) for folder in (params.previous_raw_dir, params.raw_dir)
)
before, after = (
    asked_deliveries.whole_study(one, params.link["data_cut_off"], **params.link["losses"]) for one in (before, after)
)
changes = comparison.compare_studies(before, after)
counts = comparison.count_changes(changes)
del before, after

register = corrections.read_register(snakemake.input.corrections)
decisions = reader_decisions.read_register(snakemake.input.decisions)
registers = {"register": register, "decisions": decisions}
settled = (
    asked_deliveries.ask(params.raw_dir, plan, **registers, **params.link)[1]
    if len(register) + len(decisions)
    else asked
)
states = query_states.list_states(asked_before, asked, settled)

tables.write(changes, snakemake.output.changes, "export_changes")
tables.write(counts, snakemake.output.counts, "export_change_counts")
tables.write(states, snakemake.output.states, "query_states")
logging.info("%d queries of both deliveries", len(states))
print(counts.to_string(index=False))
print(states.groupby(["centre", "state"]).size().rename("queries").reset_index().to_string(index=False))
