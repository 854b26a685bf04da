"""New values of the register of corrections: each is read by the export map as the delivered one would be."""

import pandas as pd

from sonimage import schemas
from sonimage.cleaning.column_reading import read_columns
from sonimage.cleaning.corrections.delivered_records import as_own_text
from sonimage.cleaning.registers import LINE
from sonimage.faults import Fault

# Query rules of reading that say that a text was not understood; a partial date is one that the map completes.
REFUSED = ("UNREADABLE", "OUT_OF_RANGE", "UNMAPPED_ORGAN", "DATE_FORMS_DISAGREE")
KEY_TABLE = "patient_keys"


def find_faults(
    imported: dict[str, pd.DataFrame], lines: pd.DataFrame, path: str, export_map: dict, options: pd.DataFrame
) -> list[Fault]:
    """A fault for each line whose new value cannot be read or coded by the export map, or would not be read at all.

    `lines`: those that replace a value, with the label of their row as `record`.
    """
    faults = []
    for name, some in lines.groupby("table"):
        if name == KEY_TABLE:
            faults += _key_faults(imported[name], some, path, export_map, options)
            continue
        number = imported[name].loc[some["record"], "source_no"].astype(int).to_numpy()
        for (source, column), cells in some.groupby([number, "column"]):
            columns = export_map["tables"][name][source]["columns"]
            faults += _column_faults(imported[name], cells, name, column, columns, path, options)
    return faults


def refusals(rows: pd.DataFrame, name: str, columns: dict[str, dict], options: pd.DataFrame) -> pd.DataFrame:
    """The queries that reading these texts by the map would raise because they are not understood."""
    queries = [query for query in read_columns(rows, name, columns, options)[1] if len(query)]
    found = pd.concat(queries) if queries else pd.DataFrame({"rule_id": [], "source_row": [], "expected": []})
    return found[found["rule_id"].isin(REFUSED)]


def _column_faults(
    frame: pd.DataFrame, cells: pd.DataFrame, name: str, column: str, columns: dict, path: str, options: pd.DataFrame
) -> list[Fault]:
    """Faults of the new values of one column of one source."""
    entry = columns.get(column, {"not_applicable": ""})
    if "compose" in entry:
        remedy = f"It is composed: correct one of {', '.join(entry['compose'])}"
        return [Fault(path, line, column, "not read from the source", remedy) for line in cells[LINE]]
    if "not_applicable" in entry:
        remedy = "Correct a row of the source that holds this column"
        return [Fault(path, line, column, "not read from the source of this row", remedy) for line in cells[LINE]]
    emptied = cells[cells["new"] == ""]
    if schemas.fields(name).get(column, {}).get("constraints", {}).get("required"):
        remedy = "Use the action `drop row` if the row is to be dropped"
        faults = [Fault(path, line, "new", f"{column} cannot be empty", remedy) for line in emptied[LINE]]
    else:
        faults = []
    return faults + _unread(frame, cells.drop(index=emptied.index), name, {column: entry}, path, options)


def _key_faults(
    frame: pd.DataFrame, cells: pd.DataFrame, path: str, export_map: dict, options: pd.DataFrame
) -> list[Fault]:
    """Faults of new values in the key table: an emptied number, or a value to check by that cannot be read."""
    faults = [
        Fault(path, line, "new", "a number cannot be empty", "Use `drop row`")
        for line in cells.loc[cells["new"] == "", LINE]
    ]
    checked = cells[cells["column"].str.startswith("check_") & (cells["new"] != "")]
    system = frame.loc[checked["record"], "key"].astype(str).to_numpy()
    for (key, column), some in checked.groupby([system, "column"]):
        name = column.removeprefix("check_")
        entry = export_map["patient_keys"][key]["check"].get(name)
        if entry:
            rows = frame.rename(columns={column: name})
            faults += _unread(rows, some.assign(column=name), "patients", {name: entry}, path, options)
    return faults


def _unread(
    frame: pd.DataFrame, cells: pd.DataFrame, name: str, columns: dict, path: str, options: pd.DataFrame
) -> list[Fault]:
    """New values of one column that the map cannot read; each row bears its line, so that a query leads back to it."""
    if not len(cells):
        return []
    column = next(iter(columns))
    rows = frame.loc[cells["record"]].reset_index(drop=True).astype({column: object})
    origin = {"source_file": path, "source_row": cells[LINE].to_numpy()}
    rows = as_own_text(rows.assign(**{column: cells["new"].to_numpy()}, **origin), column, columns[column])
    found = refusals(rows, name, columns, options)
    rule = f"the new {column} cannot be read by the export map"
    return [
        Fault(path, line, "new", rule, f"Expected: {expected}")
        for line, expected in zip(found["source_row"], found["expected"], strict=True)
    ]
