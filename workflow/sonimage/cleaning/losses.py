"""Systematic loss: where many values of a column cannot be read the export map is wrong, not the data, and the run stops.

A single unreadable value is a query. Half of the uptake values unreadable must not end in a finished analysis.
"""

import pandas as pd

from sonimage.faults import Fault

SHOWN = 3  # kinds of text that a fault shows


def count_losses(part: pd.DataFrame, queries: list[pd.DataFrame]) -> pd.DataFrame:
    """Return for each column of one source how many filled values there are, how many could not be read, and their looks.

    `part`: the typed columns of the source; `queries`: what its reading asked. Values out of range were read; words of
    free text, such as an organ, are never lost.
    """
    asked = pd.concat(
        [asked for asked in queries if len(asked)] or [pd.DataFrame(columns=["action", "rule_id", "column"])]
    )
    lost = asked[(asked["action"] == "set missing") & (asked["rule_id"] != "OUT_OF_RANGE")]
    rows = [
        {
            "column": column,
            "n_filled": int(part[column].notna().sum()) + len(found),
            "n_unreadable": len(found),
            "looks": ", ".join(f"{text!r}" for text in found["observed"].value_counts().index[:SHOWN]),
            "source_file": found["source_file"].iloc[0],
            "source_row": found["source_row"].min(),
        }
        for column, found in lost.groupby("column", sort=False)
        if column in part
    ]
    columns = ["column", "n_filled", "n_unreadable", "looks", "source_file", "source_row"]
    return pd.DataFrame(rows, columns=columns)


def loss_faults(losses: pd.DataFrame, *, share: float, minimum: int) -> list[Fault]:
    """A fault for each column of which more than `share` of the filled values, and at least `minimum`, cannot be read."""
    too_many = (losses["n_unreadable"] > share * losses["n_filled"]) & (losses["n_unreadable"] >= minimum)
    return [
        Fault(
            row.source_file, int(row.source_row), row.column,
            f"{row.n_unreadable} of {row.n_filled} values cannot be read; they look like {row.looks}",
            "So many are a fault of the export map: mend what it says of this column (`snakemake check_exports` suggests how)",
        )
        for row in losses[too_many].itertuples()
    ]  # fmt: skip
