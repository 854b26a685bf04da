"""Rows of the delivery that speak against a value: of another source, of the same record, of the key table."""

import pandas as pd

from sonimage.checks.asking.asked_values import ROW, find_rows
from sonimage.cleaning.corrections.decided_rows import KEY_TABLE, other_rows
from sonimage.cleaning.corrections.delivered_records import texts_of


def list_against(
    queries: pd.DataFrame, cells: pd.DataFrame, texts: dict[str, pd.DataFrame], export_map: dict, options: pd.DataFrame
) -> dict[str, str]:
    """Query -> the rows that speak against its value, each with file, row and what stands there."""
    return (
        _of_another_source(queries[queries["rule_id"] == "SOURCES_DISAGREE"], texts)
        | _of_the_record(
            cells[cells["query_id"].isin(_numbers(queries, "READINGS_CONTRADICT"))], texts, export_map, options
        )
        | _of_the_key_table(queries[queries["rule_id"] == "LINK_DISAGREES"], texts)
    )


def _numbers(queries: pd.DataFrame, rule_id: str) -> pd.Series:
    return queries.loc[queries["rule_id"] == rule_id, "query_id"]


def _of_another_source(queries: pd.DataFrame, texts: dict[str, pd.DataFrame]) -> dict[str, str]:
    """The row that the query was raised by; the value asked about is that of the row before it."""
    found = {}
    for name, some in queries.groupby("table"):
        rows = find_rows(texts[name], some[["query_id", *ROW, "column"]]).dropna(subset="record")
        for row in rows.itertuples():
            found[row.query_id] = _shown(texts[name], [row.record], row.column.split(", "))
    return found


def _of_the_record(
    cells: pd.DataFrame, texts: dict[str, pd.DataFrame], export_map: dict, options: pd.DataFrame
) -> dict[str, str]:
    """The other rows of the same record."""
    found = {}
    for query_id, asked in cells.groupby("query_id"):
        name, record = asked[["table", "record"]].iloc[0]
        others = other_rows(texts[name], name, record, export_map, options)
        found[query_id] = _shown(texts[name], others, list(asked["column"]))
    return found


def _of_the_key_table(queries: pd.DataFrame, texts: dict[str, pd.DataFrame]) -> dict[str, str]:
    """What the key table holds to check the patient's record by."""
    rows = find_rows(texts[KEY_TABLE], queries[["query_id", *ROW, "column"]]).dropna(subset="record")
    return {row.query_id: _shown(texts[KEY_TABLE], [row.record], [f"check_{row.column}"]) for row in rows.itertuples()}


def _shown(table: pd.DataFrame, records: list, columns: list[str]) -> str:
    """One line for each row: where it stands and what it says."""
    rows = table.loc[records]
    parts = [column + "=" + texts_of(rows, column) for column in columns if column in rows]
    places = rows["source_file"].astype(object) + " row " + rows["source_row"].astype(str)
    said = parts[0].str.cat(parts[1:], sep="; ") if parts else places * 0
    return "\n".join(places + ": " + said)
