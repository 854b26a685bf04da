"""A delivery before the analysis: all its problems at once, each with what could be meant."""

from pathlib import Path

import pandas as pd

from sonimage import schemas, tables
from sonimage.checks import suggestions
from sonimage.cleaning import typed_tables
from sonimage.exports import delivery, importing
from sonimage.exports.sources import stack
from sonimage.faults import Fault, FaultError
from sonimage.linking import one_study


def check_exports(
    raw_dir: str | Path, export_map: dict, *, unreadable_share: float = 0.2, unreadable_minimum: int = 5
) -> pd.DataFrame:
    """Return the problems of a delivery (schema export_check): faults, which stop a run, then values, which do not.

    Values are read only where all files are readable and have the columns of the map.
    """
    files, absent = delivery.find_files(raw_dir, export_map)
    faults = absent + delivery.read_files(raw_dir, export_map, files)[1]
    if faults:
        return _conform(_list_faults(faults))
    imported = importing.import_exports(raw_dir, export_map)
    sources = export_map["tables"]
    cleaned = typed_tables.clean_tables(imported.tables, sources, imported.field_options)
    losses = {"unreadable_share": unreadable_share, "unreadable_minimum": unreadable_minimum}
    faults = typed_tables.list_faults(cleaned.values(), **losses)
    try:
        study = {name: one.table for name, one in cleaned.items()}
        linked = one_study.link_patients(study, export_map, imported.patient_keys, **losses)
        found = [_group(linked.queries), _list_aside(linked.set_aside)]
    except FaultError as error:
        faults, found = faults + error.faults, []
    values = [_list_values(one.queries, imported.tables[name], sources.get(name, [])) for name, one in cleaned.items()]
    aside = [_list_aside(one.set_aside) for one in cleaned.values()] + [_list_aside(imported.set_aside)]
    parts = [_list_faults(faults), *values, *found, *aside, _list_unread(imported.raw_files)]
    return _conform(stack(parts, schemas.columns("export_check")))


def _conform(problems: pd.DataFrame) -> pd.DataFrame:
    order = pd.Categorical(problems["severity"], schemas.levels("export_check", "severity"))
    ordered = problems.assign(order=order).sort_values(["order", "file", "row", "column"], kind="stable")
    return tables.conform(ordered, "export_check")


def _list_faults(faults: list[Fault]) -> pd.DataFrame:
    return pd.DataFrame([fault._asdict() | {"severity": "fault", "n": 1} for fault in faults])


def _list_aside(set_aside: pd.DataFrame) -> pd.DataFrame:
    """Rows set aside, counted by file and reason, those without a number of a raw row in words."""
    reason = set_aside["reason"].str.replace(
        r"(same record as|equal to) .*", "a record that another row has", regex=True
    )
    reason = reason.str.replace(r"(an earlier source has this reading): .*", r"\1", regex=True)
    rows = set_aside.assign(rule="set aside: " + reason, severity="note", remedy="", column="")
    return _count(rows.rename(columns={"source_file": "file", "source_row": "row"}))


def _group(queries: pd.DataFrame) -> pd.DataFrame:
    """Queries counted by file, column and rule."""
    named = {"source_file": "file", "source_row": "row", "rule_id": "rule"}
    return _count(queries.rename(columns=named).assign(severity="query"))


def _list_values(queries: pd.DataFrame, imported: pd.DataFrame, sources: list[dict]) -> pd.DataFrame:
    """Unreadable values by file and column, with what their texts look like."""
    rows = _group(queries)
    hints = []
    for row in rows.itertuples():
        texts = _texts_of(queries, imported, row)
        hints.append(suggestions.reading_of(texts, schemas.fields(row.table).get(row.column)) if len(texts) else "")
    remedy = [" ".join(filter(None, (hint, remedy))) for hint, remedy in zip(hints, rows["remedy"], strict=True)]
    return rows.assign(remedy=remedy)


def _texts_of(queries: pd.DataFrame, imported: pd.DataFrame, found) -> pd.Series:
    """What was delivered where a column could not be read."""
    if found.rule != "UNREADABLE" or found.column not in imported:
        return pd.Series(dtype=object)
    where = queries[(queries["rule_id"] == "UNREADABLE") & (queries["column"] == found.column)]
    rows = imported["source_row"].isin(where["source_row"]) & (imported["source_file"].astype(object) == found.file)
    return imported.loc[rows, found.column].astype(object)


def _count(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per table, file, column and rule: the first raw row and how many there are."""
    by = ["severity", "table", "file", "column", "rule", "remedy"]
    return rows.groupby(by, dropna=False, sort=False).agg(row=("row", "min"), n=("row", "size")).reset_index()


def _list_unread(raw_files: pd.DataFrame) -> pd.DataFrame:
    unread = raw_files[raw_files["note"] != "read"]
    return unread[["file"]].assign(severity="note", rule=unread["note"], n=1, remedy="")


def in_words(problems: pd.DataFrame) -> str:
    """The problems for the screen: one line each, no values of patients."""
    lines = [
        f"{row.severity:6} {_place(row)}: {row.rule}"
        + (f" in {row.table}" if row.table else "")
        + (f" ({row.n} rows)" if row.n > 1 else "")
        + f". {row.remedy}"
        for row in problems.fillna({"remedy": "", "table": ""}).itertuples()
    ]
    counts = problems["severity"].value_counts().reindex(schemas.levels("export_check", "severity"), fill_value=0)
    total = ", ".join(f"{n} {name}" for name, n in counts.items())
    return "\n".join([*lines, f"In all: {total}. A fault stops the analysis; a query is asked; a note informs."])


def _place(row) -> str:
    parts = [row.file, None if pd.isna(row.row) else f"row {row.row}", None if pd.isna(row.column) else row.column]
    return ", ".join(str(part) for part in parts if part and not pd.isna(part))
