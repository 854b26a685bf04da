"""Which record a query is about, by its whole key: two lesions of a patient are two records, wherever their rows stand."""

import pandas as pd

from sonimage import schemas
from sonimage.cleaning.corrections.delivered_records import delivered_parts, texts_of

ROW = ["source_file", "source_row"]
# Columns that name a record beside its patient, in the tables that have them
NAMES = {
    "scans": {"scan_id": ["scan_id"]},
    "lesions": {"lesion_id": ["lesion_id"]},
    "measurements": {"lesion_id": ["lesion_id"], "scan_id": ["scan_id"]},
    "uptake": {"lesion_id": ["lesion_id"], "scan_id": ["scan_id"]},
    "assessments": {"visit": ["assessment_date"]},
    "events": {"visit": ["event", "event_date"]},
}


def name_records(
    queries: pd.DataFrame,
    cleaned: dict[str, pd.DataFrame],
    imported: dict[str, pd.DataFrame] | None = None,
    export_map: dict | None = None,
) -> pd.DataFrame:
    """Return the queries with lesion, scan and visit of their record, and with the source of their row.

    Named by the typed rows; by the delivered text where a row was set aside before (`imported`, `export_map`). A query on
    a row of the key table names no more than the patient.
    """
    parts = []
    for name, asked in queries.groupby("table", sort=False):
        named = _join(asked, _typed(cleaned.get(name), name, asked))
        lost = asked[named["number"].reindex(asked.index).isna()]
        if imported is not None and len(lost):
            parts.append(_join(lost, _delivered(imported[name], name, lost, export_map)))
            named = named.drop(index=lost.index)
        parts.append(named)
    if not parts:
        return queries
    named = pd.concat([part.astype(object) for part in parts]).reindex(queries.index)
    record = queries["record"].where(~queries["record"].isin(["nan", ""]), named["number"])
    return queries.assign(
        record=record, **{column: named[column] for column in ("source_no", "lesion_id", "scan_id", "visit")}
    )


def _join(asked: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """For each query the names of its row; of several sources of one raw row its own, or else the first."""
    rows = rows.astype({"source_no": "Int64"}).drop_duplicates([*ROW, "source_no"])
    named = asked[[*ROW, "source_no"]].reset_index(names="index")
    given = named["source_no"].notna()
    exact = named[given].merge(rows, on=[*ROW, "source_no"], how="left", validate="many_to_one")
    first = rows.drop_duplicates(ROW).rename(columns={"source_no": "first_no"})
    loose = named[~given].merge(first, on=ROW, how="left", validate="many_to_one")
    loose = loose.assign(source_no=loose["first_no"]).drop(columns="first_no")
    columns = ["index", "source_no", "number", "lesion_id", "scan_id", "visit"]
    found = [part.reindex(columns=columns).astype(object) for part in (exact, loose) if len(part)]
    return pd.concat(found).set_index("index") if found else pd.DataFrame(columns=columns[1:])


def _asked_rows(rows: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table that a query may be about, with file and row as text and number."""
    near = rows[pd.to_numeric(rows["source_row"]).isin(asked["source_row"])]
    return near.assign(
        source_file=near["source_file"].astype(object), source_row=pd.to_numeric(near["source_row"]).astype("Int64")
    )


def _typed(rows: pd.DataFrame | None, name: str, asked: pd.DataFrame) -> pd.DataFrame:
    """Names of typed rows; days as 2020-12-31."""
    rows = _asked_rows(rows if rows is not None else pd.DataFrame(columns=schemas.columns(name)), asked)
    text = {
        column: rows[column].dt.strftime("%Y-%m-%d") if rows[column].dtype.kind == "M" else rows[column].astype(object)
        for columns in NAMES.get(name, {}).values()
        for column in columns
    }
    names = {label: _joined([text[column] for column in columns]) for label, columns in NAMES.get(name, {}).items()}
    return rows[[*ROW, "source_no"]].assign(number=rows["patient_id"].astype(object), **names)


def _delivered(rows: pd.DataFrame, name: str, asked: pd.DataFrame, export_map: dict) -> pd.DataFrame:
    """Names of delivered rows, from the columns that the map makes the key of."""
    rows = _asked_rows(rows, asked)
    parts = [pd.DataFrame(columns=[*ROW, "source_no", "number"])]
    for number, some in rows.groupby(pd.to_numeric(rows["source_no"])):
        columns = export_map["tables"][name][int(number)]["columns"]
        names = {
            label: _joined([texts_of(some, part) for column in wanted for part in delivered_parts(columns, column)])
            for label, wanted in NAMES.get(name, {}).items()
        }
        parts.append(some[ROW].assign(source_no=int(number), number=texts_of(some, "patient_id"), **names))
    return pd.concat(parts[1:] or parts)


def _joined(texts: list[pd.Series]) -> pd.Series:
    """Texts of one row parted by blanks."""
    return texts[0].str.cat(texts[1:], sep=" ", na_rep="") if len(texts) > 1 else texts[0]
