"""What became of each query from one delivery to the next: new, open, answered, or gone from the data."""

import pandas as pd

from sonimage import tables

NEW, OPEN, ANSWERED, GONE = "new", "open", "answered", "gone"


def list_states(before: pd.DataFrame, delivered: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return every query of two deliveries with its state (schema query_states).

    `before`, `delivered`: query lists of the earlier and the later delivery as they came; `after`: that of the later one
    with the registers of corrections and decisions. What the later delivery raises and the registers settle is answered;
    what it no longer raises is gone; of the rest, what the earlier one did not raise is new.
    """
    waiting = after[after["answer"].isna()]
    every = pd.concat([after, delivered, before], ignore_index=True).drop_duplicates("query_id")
    number = every["query_id"]
    state = pd.Series(GONE, index=every.index)
    state = state.mask(number.isin(delivered["query_id"]) | number.isin(after["query_id"]), ANSWERED)
    state = state.mask(number.isin(waiting["query_id"]), OPEN)
    state = state.mask((state == OPEN) & ~number.isin(before["query_id"]), NEW)
    listed = every.assign(state=state).sort_values(["centre", "state", "query_id"], kind="stable")
    return tables.conform(listed, "query_states")
