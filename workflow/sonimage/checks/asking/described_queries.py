"""Queries as the site reads them: which patient, scan and lesion, the value itself, what stands beside it, the question."""

import pandas as pd

from sonimage.checks.asking.asked_values import find_cells, show_values
from sonimage.checks.asking.questions import ask
from sonimage.checks.asking.rows_against import list_against
from sonimage.checks.asking.values_beside import as_texts, list_beside
from sonimage.checks.asking.values_used import show_used, used_values
from sonimage.cleaning.corrections.decided_rows import KEY_TABLE
from sonimage.cleaning.corrections.delivered_records import raw_column_of
from sonimage.exports.named_columns import field_of

MISSING = "missing"  # what a site writes for a new value where there is none
ANSWERS = ("right", "new value", "drop row")
ANSWERED = ("answer", "new_value", "answered_by", "answered_on")
COLUMNS = (
    "query_id", "patient_id", "visit", "lesion_id", "question", "column", "column_in_file", "value", "unit", "beside",
    "meanwhile", "source_file", "source_row", "rule_id", "severity", *ANSWERED,
)  # fmt: skip
WORDS = ("column", "column_in_file", "unit", "levels")
MEANWHILE = {
    "kept": "gebruikt zoals het is",
    "set missing": "telt als ontbrekend",
    "corrected": "aangevuld",
    "set aside": "rij terzijde gelegd",
}


def describe_queries(
    queries: pd.DataFrame,
    texts: dict[str, pd.DataFrame],
    study: dict[str, pd.DataFrame],
    export_map: dict,
    options: pd.DataFrame,
    language: str,
) -> pd.DataFrame:
    """Return one row per query with the columns of the workbook, those of the answer empty, and the levels to choose from.

    `queries`: open queries of the query list; `texts`: the text tables and `patient_keys` after the register of
    corrections; `study`: the linked tables; `options`: Castor's option lists.
    """
    queries = queries.reset_index(drop=True)
    if not len(queries):
        return pd.DataFrame(columns=[*COLUMNS, "levels"])
    cells = find_cells(queries, texts, study, export_map)
    words = zip(queries["rule_id"], queries["expected"].fillna(""), queries["remedy"].fillna(""), strict=True)
    against = list_against(queries, cells, texts, export_map, options)
    read = show_used(queries, cells, study, language)
    beside = list_beside(queries, study, language, against)
    described = queries.assign(
        patient_id=queries["patient_id"].fillna(queries["record"]),
        visit=_visits(queries, study["scans"]),
        question=[ask(*said, language) for said in words],
        value=_values(queries, cells, study),
        beside=(read + "\n" + beside).str.strip(),
        meanwhile=queries["action"].map(MEANWHILE) if language == "nl" else queries["action"],
        **_places(queries, _with_entries(cells, texts, export_map)),
        **dict.fromkeys(ANSWERED, ""),
    ).reindex(columns=[*COLUMNS, "levels"])
    order = ["patient_id", "visit", "lesion_id", "rule_id", "query_id"]
    return described.sort_values(order, kind="stable", ignore_index=True)


def _places(queries: pd.DataFrame, cells: pd.DataFrame) -> dict[str, pd.Series]:
    """File and row of each query's value, its columns here and in the file, its unit, and the levels to choose from."""
    of_query = cells.groupby("query_id", sort=False)
    places = of_query[["source_file", "source_row"]].first().reindex(queries["query_id"]).set_axis(queries.index)
    words = [of_query[column].agg(_together) if len(cells) else pd.Series(dtype=object) for column in WORDS]
    alone = of_query.size().reindex(queries["query_id"]).eq(1).to_numpy()
    found = {column: queries["query_id"].map(some) for column, some in zip(WORDS, words, strict=True)}
    found |= {column: places[column].fillna(queries[column]) for column in places}
    return found | {"column": found["column"].fillna(queries["column"]), "levels": found["levels"].where(alone)}


def _with_entries(cells: pd.DataFrame, texts: dict[str, pd.DataFrame], export_map: dict) -> pd.DataFrame:
    """The cells with the column's name and unit in the hospital's own file, and its levels."""
    named = cells.assign(column_in_file="", unit="", levels="")
    for (name, number, column), some in cells[cells["table"] != KEY_TABLE].groupby(["table", "source_no", "column"]):
        entry = export_map["tables"][name][int(number)]["columns"].get(column, {})
        field = field_of(name, column)
        levels = field.get("constraints", {}).get("enum", ["true", "false"] if field["type"] == "boolean" else [])
        unit = entry.get("unit", field.get("unit", ""))
        named.loc[some.index, "column_in_file"] = raw_column_of(
            texts[name].loc[some["record"]], column, entry
        ).to_numpy()
        named.loc[some.index, ["unit", "levels"]] = unit, "\n".join(levels)
    return named


def _together(parts: pd.Series) -> str:
    """What the cells of a query have: of several, each once."""
    return "; ".join(part for part in dict.fromkeys(parts) if part)


def _values(queries: pd.DataFrame, cells: pd.DataFrame, study: dict[str, pd.DataFrame]) -> pd.Series:
    """The value of each query as delivered; where its own row has none, that of the record, which another source filled."""
    shown = queries["query_id"].map(show_values(cells)).fillna("")
    empty = queries.assign(asked=queries["column"])[shown == ""]
    return shown.mask(shown == "", used_values(empty, study).reindex(queries.index)).fillna("")


def _visits(queries: pd.DataFrame, scans: pd.DataFrame) -> pd.Series:
    """The scan as kind and day, or the day of the assessment or event."""
    days = as_texts(scans, ["modality", "scan_date"]).set_axis(scans["scan_id"])
    known = queries["scan_id"].map(days[~days.index.duplicated()]).astype(object)
    known = known.where(known.notna(), queries["scan_id"])
    return known.where(known.notna(), queries["visit"])
