"""A study of any size for the benchmarks: a simulated trial of 1,000 patients, repeated under new numbers."""

from pathlib import Path

import pandas as pd
import yaml
from sonimage.simulate.study import simulate_trial

PROJECT = Path(__file__).parents[1]
BLOCK = 1000
KEYS = ("patient_id", "scan_id")


def simulate_block(n_patients: int) -> dict[str, pd.DataFrame]:
    """The tables of one simulated trial of at most 1,000 patients."""
    parameters = yaml.safe_load((PROJECT / "config/simulation.yaml").read_text(encoding="utf-8"))
    return simulate_trial(parameters | {"n_patients": min(BLOCK, n_patients)})


def repeat(table: pd.DataFrame, n_patients: int):
    """The table once for every 1,000 patients, each time under new numbers of patients and scans."""
    keys = [key for key in KEYS if key in table]
    for number in range(max(1, n_patients // BLOCK)):
        yield table.assign(**{key: f"B{number}-" + table[key] for key in keys})
