"""Read the query workbooks that came back, and propose lines for the register of corrections."""

import logging

import pandas as pd
from sonimage import faults, tables
from sonimage.checks.answers import judging, returned_workbooks
from sonimage.checks.answers.changed_cells import Delivery
from sonimage.cleaning import corrections
from sonimage.exports import maps

faults.log_to(snakemake.log[0])

answers, unread = returned_workbooks.read_workbooks(snakemake.params.answers)
files, path = snakemake.input, snakemake.input.corrections
plan, options = maps.load(files.export_map), tables.read_text(files.field_options)
imported = {name: tables.read_text(files[f"imported_{name}"]) for name in (*maps.TABLES, corrections.KEY_TABLE)}
register = corrections.read_register(path)
corrected = corrections.apply_corrections(imported, register, path, plan, options).tables
cleaned = {name: tables.read(files[f"cleaned_{name}"], name) for name in maps.TABLES}
study = {name: tables.read(files[name], name) for name in maps.TABLES}

delivery = Delivery(imported, corrected, cleaned, study, plan, options)
queries = tables.read(files.query_list, "query_list")
lines, refused = judging.judge_answers(answers, queries, register, path, delivery)
refused = tables.conform(pd.concat([refused, unread]), "not_accepted")
tables.check(lines, "proposed_corrections")
tables.write_text(lines, snakemake.output.proposed_corrections)
tables.write(refused, snakemake.output.not_accepted, "not_accepted")
logging.info("%d answers, %d lines proposed, %d not accepted", len(answers), len(lines), len(refused))
print(f"{len(answers)} answers: {len(lines)} lines proposed, {len(refused)} not accepted.")
print(f"Nothing applies before it stands in {path}.")
