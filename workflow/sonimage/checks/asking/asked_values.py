"""The values that queries ask about, as they were delivered: the cells of the text tables that an answer may change.

The query list is redacted; here the values come back, for the site whose own data they are.
"""

import pandas as pd

from sonimage import schemas
from sonimage.cleaning.corrections.decided_rows import KEY_TABLE
from sonimage.cleaning.corrections.delivered_records import delivered_parts, texts_of

ROW = ["source_file", "source_row", "source_no"]
CELLS = ["query_id", "table", "record", *ROW, "column", "text"]


def find_cells(
    queries: pd.DataFrame, texts: dict[str, pd.DataFrame], study: dict[str, pd.DataFrame], export_map: dict
) -> pd.DataFrame:
    """Return the cells of each query: table, label of the row (`record`), its origin, column and delivered text.

    `queries`: rows of the query list; `texts`: the text tables and `patient_keys` after the register of corrections;
    `study`: the linked tables. A column that the map composes is asked for by the delivered columns that it is made of.
    """
    places = _places(queries, study)
    parts = [find_rows(texts[name], some) for name, some in places.groupby("table")]
    rows = pd.concat(parts).sort_index() if parts else places.assign(record=None)
    rows = rows.assign(column=rows["column"].str.split(", ")).explode("column", ignore_index=True)
    rows = rows.assign(column=_delivered(rows, export_map)).explode("column", ignore_index=True)
    rows = rows.drop_duplicates(["query_id", "column"]).dropna(subset="record")
    parts = [
        cells.assign(text=_texts(texts[name], cells["record"], column))
        for (name, column), cells in rows.groupby(["table", "column"])
    ]
    found = pd.concat(parts) if parts else rows.assign(text="")
    return found.sort_index().reindex(columns=CELLS).reset_index(drop=True)


def _places(queries: pd.DataFrame, study: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Table and raw row that each query asks about; where sources disagree, the row that the analysis uses."""
    places = queries[["query_id", "table", *ROW, "column"]].copy()
    lost = queries["rule_id"] == "KEY_WITHOUT_PATIENT"
    places.loc[lost, "table"] = KEY_TABLE
    led = queries["rule_id"].isin(["SOURCES_DISAGREE", "LINK_DISAGREES"])
    for name, some in queries[led].groupby("table"):
        key = schemas.primary_key(name)
        if not set(key) <= set(some):
            continue
        used = study[name].drop_duplicates(key).set_index(key)[ROW]
        wanted = some.set_index(key).index
        found = used.reindex(wanted).set_axis(some.index).dropna(how="all")
        places.loc[found.index, ROW] = found.astype(object)
    return places


def find_rows(table: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Add the label of each place in its text table as `record`; empty where the row is no longer there."""
    by = [column for column in ROW if column in table]
    near = table[pd.to_numeric(table["source_row"]).isin(places["source_row"])]
    origin = [near[column].astype(object) if column == "source_file" else pd.to_numeric(near[column]) for column in by]
    labels = pd.Series(near.index, index=pd.MultiIndex.from_arrays(origin, names=by))
    wanted = [
        places[column].astype(object) if column == "source_file" else places[column].astype("float64") for column in by
    ]
    records = labels[~labels.index.duplicated()].reindex(pd.MultiIndex.from_arrays(wanted, names=by))
    return places.assign(record=records.to_numpy())


def _delivered(rows: pd.DataFrame, export_map: dict) -> pd.Series:
    """The delivered columns of each asked column: itself, or what the map of its source composes it of."""
    parts = rows["column"].map(lambda column: [column])
    for (name, number), some in (
        rows[rows["table"] != KEY_TABLE].dropna(subset="source_no").groupby(["table", "source_no"])
    ):
        columns = export_map["tables"][name][int(number)]["columns"]
        parts.loc[some.index] = some["column"].map(lambda column, columns=columns: _asked_parts(columns, column))
    return parts


def _asked_parts(columns: dict[str, dict], column: str) -> list[str]:
    parts = delivered_parts(columns, column)
    return [part for part in parts if len(parts) == 1 or "constant" not in columns.get(part, {})]


def _texts(table: pd.DataFrame, records: pd.Series, column: str):
    return texts_of(table.loc[records], column).to_numpy() if column in table else ""


def show_values(cells: pd.DataFrame) -> pd.Series:
    """Query -> the value as a site sees it: the text alone, or `column=text; column=text`."""
    several = cells["query_id"].duplicated(keep=False)
    shown = cells["text"].where(~several, cells["column"] + "=" + cells["text"])
    return shown.groupby(cells["query_id"], sort=False).agg("; ".join) if len(cells) else pd.Series(dtype=object)
