"""Registers kept by hand under config/: corrections to raw data, readers' decisions."""

from pathlib import Path

import pandas as pd

from sonimage.faults import Fault, FaultError


def read(path: str | Path, columns: list[str], *, required: list[str]) -> pd.DataFrame:
    """Return the register as text. Raises FaultError for an absent column and for each line with a required cell empty."""
    register = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = [column for column in columns if column not in register]
    if absent:
        faults = [Fault(str(path), 1, column, "column is missing", "See config/README.md") for column in absent]
        raise FaultError(faults)
    lacking = register.index[(register[required] == "").any(axis=1)]
    if len(lacking):
        remedy = f"Every line names {', '.join(required)}"
        raise FaultError([Fault(str(path), row + 2, None, "an incomplete line", remedy) for row in lacking])
    return register
