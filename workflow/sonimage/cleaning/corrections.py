"""The register of corrections to raw data: each one guarded by the value it replaces."""

from pathlib import Path

import pandas as pd

from sonimage import tables
from sonimage.cleaning import registers
from sonimage.faults import Fault, FaultError

COLUMNS = ["table", "key", "column", "old", "new", "reason", "authority", "date"]


def read_register(path: str | Path) -> pd.DataFrame:
    """Read `config/corrections.csv`; raises FaultError if a column or an authority is lacking."""
    return registers.read(path, COLUMNS, required=["key", "column", "reason", "authority", "date"])


def apply_corrections(imported: dict[str, pd.DataFrame], register: pd.DataFrame, path: str) -> dict[str, pd.DataFrame]:
    """Return the text tables with the register's corrections; `old` and `new` are text as delivered.

    `key` names the record by columns of the text table, as `patient_id=UMCG-003; lesion_id=T02`.
    Raises FaultError for every correction whose record is not found exactly once or whose old value is no longer there:
    the source was mended, so the line has to go.
    """
    imported, faults = dict(imported), []
    for row, correction in register.iterrows():
        frame = imported.get(correction["table"], pd.DataFrame())
        found = _find(frame, correction["key"])
        if correction["column"] not in frame or len(found) != 1:
            rule = f"names {len(found)} records" if correction["column"] in frame else "names no such table and column"
            faults.append(Fault(path, row + 2, correction["column"], rule, "Name one record of the imported table"))
        elif str(frame.loc[found[0], correction["column"]]) != correction["old"]:
            faults.append(
                Fault(
                    path,
                    row + 2,
                    "old",
                    "the old value is no longer there",
                    "Remove the correction if the source was mended",
                )
            )
        else:
            frame = frame.astype({correction["column"]: object})
            frame.loc[found[0], correction["column"]] = correction["new"]
            imported[correction["table"]] = frame
    if faults:
        raise FaultError(faults)
    return imported


def _find(frame: pd.DataFrame, key: str) -> list:
    matches = pd.Series(True, index=frame.index)
    for part in key.split(";"):
        column, _, value = part.strip().partition("=")
        matches &= frame[column].astype(str) == value if column in frame else False
    return list(frame.index[matches])


def list_applied(register: pd.DataFrame) -> pd.DataFrame:
    """The register as the table `corrections` (values stay inside: stages 1-4 hold patient rows)."""
    return tables.conform(register, "corrections")
