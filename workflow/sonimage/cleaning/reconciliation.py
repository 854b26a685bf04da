"""Reconciliation: rows in = rows used + rows set aside, counted in every run."""

import pandas as pd

from sonimage import tables


def count_rows(
    stage: str, before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame], set_aside: pd.DataFrame
) -> pd.DataFrame:
    """Return the counts of each table before and after a stage; `set_aside` names the table of each row."""
    aside = set_aside["table"].value_counts()
    counts = pd.DataFrame(
        [
            {
                "item": name,
                "rows_in": len(before[name]),
                "rows_out": len(after[name]),
                "rows_set_aside": aside.get(name, 0),
            }
            for name in before
        ]
    )
    balanced = counts["rows_in"] == counts["rows_out"] + counts["rows_set_aside"]
    return tables.conform(counts.assign(stage=stage, is_balanced=balanced), "reconciliation")
