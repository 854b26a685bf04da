"""Two deliveries of one study: what is new, gone or changed, in the study's own terms.

Compared are the linked tables, so that another file layout, unit or order of rows is no change, and a value is.
"""

import pandas as pd

from sonimage import schemas, tables
from sonimage.exports import maps
from sonimage.exports.sources import stack

ORIGIN = ["source_file", "source_row"]
NEW, VANISHED, CHANGED = "new", "vanished", "changed"


def compare_studies(before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row per new or vanished record and per changed value (schema export_changes)."""
    changes = stack(
        [_compare(before[name], after[name], name) for name in maps.TABLES], schemas.columns("export_changes")
    )
    order = ["table", "record", "change", "column"]
    return tables.conform(changes.sort_values(order, kind="stable"), "export_changes")


def count_changes(changes: pd.DataFrame) -> pd.DataFrame:
    """Return how many records and values of each table and column are new, gone or changed, zero included."""
    grid = pd.MultiIndex.from_product([maps.TABLES, (NEW, VANISHED, CHANGED)], names=["table", "change"])
    by_table = changes.groupby(["table", "change"]).agg(n=("record", "size"), n_patients=("patient_id", "nunique"))
    return tables.conform(by_table.reindex(grid, fill_value=0).reset_index(), "export_change_counts")


def _compare(before: pd.DataFrame, after: pd.DataFrame, name: str) -> pd.DataFrame:
    key = [*(schemas.primary_key(name) or ["patient_id"]), "repeat"]
    one, two = (_as_text(frame, key[:-1]) for frame in (before, after))
    values = [column for column in schemas.columns(name) if column not in (*key, *ORIGIN)]
    both = one.merge(two, on=key, how="outer", suffixes=("_before", "_after"), indicator="found", validate="one_to_one")
    both = both.assign(record=both[key[:-1]].agg(" / ".join, axis=1) if len(both) else "", table=name)
    if "patient_id" not in key:
        both = both.assign(patient_id=both["patient_id_after"].fillna(both["patient_id_before"]))
    both = both.assign(
        source_file=both["source_file_after"].fillna(both["source_file_before"]),
        source_row=both["source_row_after"].fillna(both["source_row_before"]),
    )
    shown = ["table", "record", "patient_id", *ORIGIN]
    parts = [both.loc[both["found"] == "right_only", shown].assign(change=NEW)]
    parts.append(both.loc[both["found"] == "left_only", shown].assign(change=VANISHED))
    kept = both[both["found"] == "both"]
    for column in values:
        old, new = kept[f"{column}_before"].fillna(""), kept[f"{column}_after"].fillna("")
        differs = old != new
        part = kept.loc[differs, shown].assign(change=CHANGED, column=column, before=old[differs], after=new[differs])
        parts.append(part)
    return stack(parts, schemas.columns("export_changes"))


def _as_text(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Every cell as text, so that equal values are equal; records of one key are numbered."""
    days = frame.select_dtypes("datetime").columns
    text = frame.assign(**{column: frame[column].dt.strftime("%Y-%m-%d") for column in days}).astype(object)
    text = text.where(text.notna(), None).astype(str).replace("None", None)
    ordered = text.sort_values([*key, *ORIGIN], kind="stable")
    return ordered.assign(repeat=ordered.groupby(key, dropna=False).cumcount().astype(str))
