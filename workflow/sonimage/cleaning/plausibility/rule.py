"""What a query rule is."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

Study = dict[str, pd.DataFrame]


class Rule(NamedTuple):
    """One rule: its id, the table and columns it looks at, what is expected, what to do, and the rows that break it."""

    rule_id: str
    table: str
    column: str
    expected: str
    remedy: str
    broken: Callable[[Study], pd.DataFrame]
    severity: str = "warning"


def with_patient(study: Study, table: str, *columns: str) -> pd.DataFrame:
    """Rows of a table with columns of their patient."""
    return study[table].merge(study["patients"][["patient_id", *columns]], on="patient_id", validate="many_to_one")


def with_scan(study: Study, table: str, *columns: str) -> pd.DataFrame:
    """Rows of a table with columns of their scan."""
    return study[table].merge(study["scans"][["scan_id", *columns]], on="scan_id", validate="many_to_one")


def pairs(frame: pd.DataFrame, *columns: str) -> pd.MultiIndex:
    """The values of several columns as one index, to look others up in."""
    return pd.MultiIndex.from_frame(frame[list(columns)])


DATES = "Check the dates at the source"
