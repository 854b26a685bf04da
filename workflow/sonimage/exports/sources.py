"""Sources of a table: which rows and columns of a raw file become rows of one of our tables, still as text."""

from collections.abc import Iterable

import pandas as pd
from pandas.api.types import union_categoricals

from sonimage.exports.chosen_texts import texts
from sonimage.exports.named_columns import required_of

ORIGIN = ["source_no", "source_file", "source_row"]


def stack(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Stack frames that have rows; without any, an empty frame of the columns."""
    parts = [part for part in parts if len(part)]
    return pile(parts).reindex(columns=columns) if parts else pd.DataFrame(columns=columns)


def pile(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate frames; columns of categories stay categories, those without rows included, and so do notes on files."""
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)
    shared = [
        column
        for column in parts[0]
        if all(column in part and isinstance(part[column].dtype, pd.CategoricalDtype) for part in parts)
    ]
    joined = {column: union_categoricals([part[column] for part in parts]) for column in shared}
    rest = pd.concat([part.drop(columns=shared) for part in parts], ignore_index=True)
    piled = rest.assign(**joined)[list(dict.fromkeys(column for part in parts for column in part))]
    notes = {label: note for part in parts for label, note in part.attrs.get("notes", {}).items()}
    piled.attrs = {"notes": notes} if notes else {}
    return piled


def from_file(frame: pd.DataFrame, label: str, rows: Iterable[int]) -> pd.DataFrame:
    """Add where each row comes from: `source_file` and `source_row`."""
    label_of_each = pd.Categorical.from_codes([0] * len(frame), [label])
    return frame.assign(source_file=label_of_each, source_row=list(rows))


def required_columns(source: dict, file: str) -> set[str]:
    """Raw columns of `file` that a source cannot do without."""
    join = source.get("join")
    needed = set()
    if join and join["file"] == file:
        needed |= {*join["by"].values(), *join["take"], *(rule["column"] for rule in join.get("where", []))}
    if source["file"] != file:
        return needed
    joined = set(join["take"]) if join else set()
    needed |= set(join["by"]) if join else set()
    needed |= {column for entry in source["columns"].values() for column in required_of(entry)}
    needed |= {rule["column"] for rule in source.get("where", [])} | set(source.get("skip_if_empty", []))
    return needed - joined


def gather(sources: list[dict], kept: dict[str, pd.DataFrame], unused: dict[str, pd.Series]) -> pd.DataFrame:
    """Stack the sources of one table as text; mark in `unused` which raw rows were taken.

    `kept`: the rows of each file that are study data. Columns of another file come in by `join`, one record for many.
    """
    parts, columns = [], list(dict.fromkeys(column for source in sources for column in source["columns"]))
    for number, source in enumerate(sources):
        if source["file"] not in kept:
            continue
        rows = _join(kept[source["file"]], source.get("join"), kept, unused)
        taken = _matches(rows, source.get("where", []))
        if "skip_if_empty" in source:
            taken &= (rows[source["skip_if_empty"]] != "").any(axis=1)
        rows = rows[taken]
        unused[source["file"]] &= ~taken
        named = {}
        for name, entry in source["columns"].items():
            named |= texts(rows, name, entry)
        origin = {"source_no": number, "source_file": rows["source_file"], "source_row": rows["source_row"]}
        part = pd.DataFrame(named | origin, index=rows.index)
        columns += [name for name in named if name not in columns]
        parts.append(part.drop_duplicates([*source["columns"], "source_file"]) if source.get("distinct") else part)
    return stack(parts, [*columns, *ORIGIN])


def _matches(rows: pd.DataFrame, rules: list[dict]) -> pd.Series:
    """Rows that keep every rule: one of `values`, or none of `except`."""
    taken = pd.Series(True, index=rows.index)
    for rule in rules:
        taken &= (
            rows[rule["column"]].isin(rule["values"])
            if "values" in rule
            else ~rows[rule["column"]].isin(rule["except"])
        )
    return taken


def _join(
    rows: pd.DataFrame, join: dict | None, kept: dict[str, pd.DataFrame], unused: dict[str, pd.Series]
) -> pd.DataFrame:
    """Add columns of another file by its key; of several records of one key the first counts."""
    if join is None:
        return rows
    other = kept.get(join["file"], pd.DataFrame(columns=[*join["by"].values(), *join["take"]]))
    matching = _matches(other, join.get("where", []))
    if join["file"] in unused:
        unused[join["file"]] &= ~matching
    right = other[matching].drop_duplicates(list(join["by"].values()))[[*join["by"].values(), *join["take"]]]
    right = right.astype(object)
    joined = rows.reset_index().merge(
        right, left_on=list(join["by"]), right_on=list(join["by"].values()), how="left", validate="many_to_one"
    )
    return joined.set_index("index").fillna({name: "" for name in join["take"]})
