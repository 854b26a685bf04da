"""Parts of a file that are tables of their own: REDCap's repeating instruments and events."""

import pandas as pd

from sonimage.checks.drafting.columns.contents import Cells
from sonimage.checks.drafting.layouts.raw_tables import RawTable

INSTRUMENTS, EVENTS = ("redcap_repeat_instrument", "Repeat Instrument"), ("redcap_event_name", "Event Name")
BOOKKEEPING = ("redcap_", "repeat instrument", "repeat instance", "event name")  # how REDCap's own columns begin
OF_CENTRE = "redcap_data_access_group"
ALIKE = 0.5  # share of filled columns that rows of one form have in common


def parts_of(table: RawTable) -> list[RawTable]:
    """Return the table, or one for each repeating instrument and each group of events whose rows fill the same columns."""
    instrument = next((name for name in INSTRUMENTS if name in table.frame), None)
    event = next((name for name in EVENTS if name in table.frame), None)
    if not len(table.frame) or (instrument is None and event is None):
        return [table]
    parts = []
    for form in sorted(table.frame[instrument].unique()) if instrument else [None]:
        rows = table.frame if form is None else table.frame[table.frame[instrument] == form]
        chosen = [] if form is None else [{"column": instrument, "values": [form]}]
        groups = [(rows, [])] if event is None or form else _by_event(rows, event)
        parts += [_part(table, some, chosen + conditions, form or "") for some, conditions in groups]
    return [part for part in parts if len(part.frame.columns) > 1]


def _by_event(rows: pd.DataFrame, event: str) -> list[tuple[pd.DataFrame, list[dict]]]:
    """The rows of events that fill the same columns, each group with the condition that takes it."""
    groups = []
    for name in rows[event].unique():
        filled = _filled(rows[rows[event] == name])
        for group in groups:
            if len(filled & group["filled"]) > ALIKE * len(filled | group["filled"]):
                group["names"].append(name)
                group["filled"] |= filled
                break
        else:
            groups.append({"names": [name], "filled": filled})
    if len(groups) == 1:
        return [(rows, [])]
    return [(rows[rows[event].isin(group["names"])], [{"column": event, "values": group["names"]}]) for group in groups]


def _filled(rows: pd.DataFrame) -> set[str]:
    """Columns that hold something, but the record's number and REDCap's own."""
    return {
        column
        for place, column in enumerate(rows)
        if place and not is_bookkeeping(column) and (rows[column] != "").any()
    }


def is_bookkeeping(column: str) -> bool:
    """Whether REDCap itself fills a column."""
    name = column.casefold()
    return (name.startswith(BOOKKEEPING) and name != OF_CENTRE) or name.endswith("_complete")


def _part(table: RawTable, rows: pd.DataFrame, conditions: list[dict], form: str) -> RawTable:
    """The rows of one form with the columns that they fill; a checkbox that nobody ticked counts as filled."""
    columns = [column for column in rows if (rows[column] != "").any() and not column.endswith("_complete")]
    cells = {
        column: Cells(rows[column], table.cells[column].numbers, table.cells[column].n_dates) for column in columns
    }
    place = f"{table.place} {form}" if form else table.place
    return table._replace(place=place, frame=rows[columns], cells=cells, where=tuple(conditions))
