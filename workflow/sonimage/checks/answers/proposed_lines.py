"""Lines for the register of corrections, each tried against the register and the data as a run would."""

import pandas as pd

from sonimage.checks.answers.changed_cells import Delivery, columns_of
from sonimage.cleaning import corrections
from sonimage.cleaning.corrections.decided_rows import KEY_TABLE
from sonimage.cleaning.corrections.delivered_records import find_records, key_columns, texts_of, write_key
from sonimage.cleaning.corrections.places import REPLACE
from sonimage.cleaning.registers import LINE

LINES = [*corrections.COLUMNS, *corrections.OPTIONAL]


def write_lines(decisions: pd.DataFrame, delivery: Delivery) -> pd.DataFrame:
    """Return lines of the register for decisions: table, record, source_no, column, old, new, action, query_id, signed.

    The key names the record by the columns that the map makes its key of; where that names several rows, by source and row.
    """
    decisions = decisions.reset_index(drop=True)
    parts = [_keys(some, name, delivery) for name, some in decisions.groupby("table")]
    lines = decisions.assign(key=pd.concat(parts) if parts else "")
    return lines.reindex(columns=[*LINES, "record"])


def refuse_lines(lines: pd.DataFrame, register: pd.DataFrame, path: str, delivery: Delivery) -> dict[str, str]:
    """Query -> why its lines cannot stand in the register, together with the lines that are there and with each other."""
    start = int(register[LINE].max()) + 1 if len(register) else 2
    numbered = lines[LINES].assign(**{LINE: range(start, start + len(lines))})
    together = pd.concat([register, numbered], ignore_index=True)
    faults = corrections.find_faults(delivery.imported, together, path, delivery.export_map, delivery.options)
    queries = numbered.set_index(LINE)["query_id"]
    refused = {}
    for fault in faults:
        if fault.row in queries.index:
            refused.setdefault(queries[fault.row], f"{fault.rule}. {fault.remedy}")
    known = register.set_index(LINE)["action"]
    for fault in faults:  # a line of the register that stands against a new one
        if fault.row in known.index:
            refused |= {query: why for query, why in _against(fault, numbered).items() if query not in refused}
    return refused


def _against(fault, numbered: pd.DataFrame) -> dict[str, str]:
    """The new line that a fault of a registered line names, if it names one."""
    words = [word for word in fault.rule.split() if word.isdigit()]
    named = numbered[numbered[LINE].astype(str).isin(words)]
    return dict.fromkeys(named["query_id"], f"line {fault.row} of the register decides on this row already")


def conflicts(lines: pd.DataFrame) -> set[str]:
    """Queries whose answers contradict each other: two values for one cell, right and wrong, dropped and kept."""
    found = set()
    for _, some in lines.groupby(["table", "record"]):
        actions = set(some["action"])
        if len(actions) > 1 and corrections.DROP in actions:
            found |= set(some["query_id"])
        for _, cell in some.groupby("column"):
            values = cell.loc[cell["action"] == REPLACE, "new"]
            if len(set(values)) > 1 or (len(values) and corrections.RIGHT in set(cell["action"])):
                found |= set(cell["query_id"])
    return found


def _keys(decisions: pd.DataFrame, name: str, delivery: Delivery) -> pd.Series:
    """The shortest key that leads to each row."""
    frame, keys = delivery.imported[name], pd.Series(None, index=decisions.index, dtype=object)
    for more in ([], ["source_no"], ["source_file", "source_row", "source_no"]):
        open_ = decisions[keys.isna()]
        if not len(open_):
            break
        tried = open_.apply(_key, axis=1, args=(name, [column for column in more if column in frame], delivery))
        is_alone = [
            _leads_to(frame, found, line)
            for found, line in zip(_matches(frame, tried), open_.to_dict("records"), strict=True)
        ]
        keys.loc[open_.index[is_alone]] = tried[is_alone]
    return keys.fillna("")


def _key(decision: pd.Series, name: str, more: list[str], delivery: Delivery) -> str:
    row = delivery.imported[name].loc[[decision["record"]]]
    if name == KEY_TABLE:
        columns = ["key", "source_patient_id", "patient_id"]
    else:
        source = columns_of(delivery, name, decision["source_no"])
        columns = [part for part in key_columns(source, name) if "constant" not in source.get(part, {})]
    if len(more) > 1:
        columns = []
    return write_key({column: texts_of(row, column).iloc[0] for column in [*columns, *more]})


def _matches(frame: pd.DataFrame, keys: pd.Series) -> list[list]:
    """The rows that each key names."""
    found = find_records(frame, keys)
    return [list(found[found.index == index]) for index in keys.index]


def _leads_to(frame: pd.DataFrame, records: list, line: dict) -> bool:
    """Whether a key leads to the row, by itself or with the old value."""
    if records == [line["record"]]:
        return True
    if not line["column"] or line["column"] not in frame:
        return False
    texts = texts_of(frame.loc[records], line["column"])
    return list(texts.index[texts == line["delivered"]]) == [line["record"]]
