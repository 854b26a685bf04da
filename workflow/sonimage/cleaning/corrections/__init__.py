"""The register of corrections to raw data: each line is guarded by the value it found, and says who decided it and why.

A line replaces a value, drops a row, keeps one of several rows of a record, or says that a value that was asked about is
right. Nothing else changes what was delivered.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.cleaning import registers
from sonimage.cleaning.corrections import decided_rows, places, values
from sonimage.cleaning.corrections.decided_rows import KEY_TABLE
from sonimage.cleaning.corrections.places import ACTIONS, DROP, KEEP, REPLACE, RIGHT
from sonimage.cleaning.registers import LINE
from sonimage.exports.chosen_texts import READ_FROM
from sonimage.exports.maps import TABLES
from sonimage.exports.sources import stack
from sonimage.faults import Fault, FaultError

COLUMNS = ["table", "key", "column", "old", "new", "reason", "authority", "date"]
OPTIONAL = ("action", "query_id")
ORIGIN = ["source_file", "source_row", "source_no"]
REQUIRED = ["table", "key", "reason", "authority", "date"]


class Corrected(NamedTuple):
    """The text tables after the register, the rows that it set aside, and its lines with the raw row of each."""

    tables: dict[str, pd.DataFrame]
    set_aside: pd.DataFrame
    applied: pd.DataFrame


def read_register(path: str | Path) -> pd.DataFrame:
    """Read `config/corrections.csv`; raises FaultError with every fault of the file itself."""
    return _completed(registers.read(path, COLUMNS, optional=OPTIONAL))


def apply_corrections(
    imported: dict[str, pd.DataFrame], register: pd.DataFrame, path: str, export_map: dict, options: pd.DataFrame
) -> Corrected:
    """Return the text tables with the register's corrections; `old` and `new` are text as delivered.

    `imported`: the seven tables, and the key table as `patient_keys`; `export_map` and `options` (Castor's) say how a new
    value will be read. `key` names the record by columns of the text table, as `patient_id=UMCG-003; lesion_id=T02`.
    Raises FaultError with every fault of every line: an action or date that is none, a record that is not found exactly
    once, an old value that is no longer there (the source was mended, so the line has to go), a new value that the map
    cannot read, two lines for one cell or row.
    """
    register = _completed(register)
    found, aside, faults = _examine(imported, register, path, export_map, options)
    if faults:
        raise FaultError(sorted(dict.fromkeys(faults), key=lambda fault: fault.row))
    corrected = dict(imported)
    for name, lines in found[found["action"] == REPLACE].groupby("table"):
        corrected[name] = _replaced(imported[name], lines, export_map["tables"].get(name, []))
    for name, rows in aside.groupby("table"):
        corrected[name] = corrected[name].drop(index=rows["record"]).reset_index(drop=True)
    return Corrected(corrected, _list_aside(imported, aside), _list_applied(imported, found))


def find_faults(
    imported: dict[str, pd.DataFrame], register: pd.DataFrame, path: str, export_map: dict, options: pd.DataFrame
) -> list[Fault]:
    """Every fault of every line of a register on these tables; see `apply_corrections`."""
    return _examine(imported, _completed(register), path, export_map, options)[2]


def fitting_lines(
    imported: dict[str, pd.DataFrame], register: pd.DataFrame, path: str, export_map: dict, options: pd.DataFrame
) -> pd.DataFrame:
    """The lines of the register without a fault on these tables; the others would stop a run."""
    register = _completed(register)
    faults = find_faults(imported, register, path, export_map, options)
    return register[~register[LINE].isin([fault.row for fault in faults])]


def _examine(
    imported: dict[str, pd.DataFrame], register: pd.DataFrame, path: str, export_map: dict, options: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[Fault]]:
    """Where the lines lead, the rows that they set aside, and all faults."""
    found = places.find_places(imported, register)
    aside = decided_rows.rows_set_aside(imported, found, export_map, options)
    faults = line_faults(register, path) + places.find_faults(imported, register, found, path)
    faults += decided_rows.find_faults(found, aside, path)
    replaced = found[found["action"] == REPLACE]
    known = [column in imported[name] for name, column in zip(replaced["table"], replaced["column"], strict=True)]
    replaced = replaced[np.array(known, dtype=bool)]
    faults += values.find_faults(imported, replaced, path, export_map, options)
    return found, aside, faults


def line_faults(register: pd.DataFrame, path: str) -> list[Fault]:
    """What is wrong with a line whatever the data say."""
    faults = registers.line_faults(register, path, required=REQUIRED)
    known = register["table"].isin((*TABLES, KEY_TABLE)) | (register["table"] == "")
    named = register["column"] != ""
    of_cell = register["action"].isin((REPLACE, RIGHT))
    rules = (
        (~known, "table", "no such table", f"One of {', '.join((*TABLES, KEY_TABLE))}"),
        (~register["action"].isin(ACTIONS), "action", "no such action", f"One of {', '.join(ACTIONS)}; empty: {REPLACE}"),
        (of_cell & ~named, "column", "an incomplete line", "Name the column of the value"),
        (register["action"].isin((KEEP, DROP, RIGHT)) & (register["new"] != ""), "new", "a new value beside another action",
         f"Empty it, or write the action `{REPLACE}`"),
        ((register["action"] == REPLACE) & named & (register["new"] == register["old"]), "new", "the old value again",
         "Remove the line, or write the new value"),
    )  # fmt: skip
    return faults + [
        Fault(path, line, column, rule, remedy)
        for broken, column, rule, remedy in rules
        for line in register.loc[broken, LINE]
    ]


def _completed(register: pd.DataFrame) -> pd.DataFrame:
    """The register with its optional columns, the line of each row, and no gaps; an empty action is `replace`."""
    register = register.reset_index(drop=True)
    given = {column: register[column] for column in OPTIONAL if column in register}
    register = register.assign(
        **{column: given.get(column, "") for column in OPTIONAL}, line=registers.lines_of(register)
    )
    register = register.fillna(dict.fromkeys([*COLUMNS, *OPTIONAL], ""))
    return register.assign(action=register["action"].str.lower().where(register["action"] != "", REPLACE))


def _replaced(frame: pd.DataFrame, lines: pd.DataFrame, sources: list[dict]) -> pd.DataFrame:
    """The table with the new texts."""
    for column, some in lines.groupby("column"):
        frame = frame.astype({column: object})
        frame.loc[some["record"], column] = some["new"].to_numpy()
        chosen = READ_FROM.format(column)
        if chosen in frame:
            number = frame.loc[some["record"], "source_no"].astype(int)
            own = number.map({no: source["columns"].get(column, {}).get("column") for no, source in enumerate(sources)})
            frame.loc[some["record"], chosen] = own.fillna(frame.loc[some["record"], chosen])
    return frame


def _list_aside(imported: dict[str, pd.DataFrame], aside: pd.DataFrame) -> pd.DataFrame:
    """The rows that the register set aside, as they stand in the listing of the stage."""
    parts = [
        imported[name].loc[rows["record"], ORIGIN[:2]].assign(table=name, reason=rows["why"].to_numpy())
        for name, rows in aside.groupby("table")
    ]
    return tables.conform(stack(parts, schemas.columns("set_aside")).assign(stage="2_clean"), "set_aside")


def _list_applied(imported: dict[str, pd.DataFrame], found: pd.DataFrame) -> pd.DataFrame:
    """The lines with the raw row that each led to (values stay inside: stages 1-4 hold patient rows)."""
    origins = [
        imported[name].reindex(columns=ORIGIN).loc[lines["record"]].set_axis(lines.index)
        for name, lines in found.groupby("table")
    ]
    days = pd.to_datetime(found["date"].map(registers.read_date))
    lines = found.assign(date=days).join(pd.concat(origins) if origins else pd.DataFrame(columns=ORIGIN))
    lines = lines.replace({"query_id": {"": None}})
    return tables.conform(lines.sort_values(LINE), "corrections")
