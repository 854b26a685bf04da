"""Stages 1 to 3 in this process: import, clean and link."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from project import PROJECT
from sonimage import faults
from sonimage.cleaning import typed_tables
from sonimage.exports import importing, maps
from sonimage.linking import one_study


class Stages(NamedTuple):
    """What each of the stages leaves."""

    imported: importing.Imported
    cleaned: dict[str, typed_tables.Cleaned]
    linked: one_study.Linked


def run_stages(folder: Path, plan: dict, cut_off: str | None = None) -> Stages:
    """Import, clean and link a folder by its map."""
    imported = importing.import_exports(folder, plan)
    cleaned = typed_tables.clean_tables(imported.tables, plan["tables"], imported.field_options)
    faults.stop_on(typed_tables.list_faults(cleaned.values(), unreadable_share=0.2, unreadable_minimum=5))
    typed = {name: one.table for name, one in cleaned.items()}
    return Stages(imported, cleaned, one_study.link_patients(typed, plan, imported.patient_keys, data_cut_off=cut_off))


@cache
def example_stages() -> Stages:
    """The example study."""
    return run_stages(PROJECT / "data/example", maps.load(PROJECT / "config/exports/sonimage.yaml"))


def example_study() -> dict[str, pd.DataFrame]:
    """The linked tables of the example study."""
    return {name: frame.copy() for name, frame in example_stages().linked.tables.items()}
