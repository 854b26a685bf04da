"""Reading, validating and writing the workflow's tables: the only place that touches CSV files of our own.

Types in memory follow the schema: text is `object` with NaN, dates `datetime64[ns]`, numbers `float64`,
integers `Int64`, booleans `boolean`, times text `HH:MM:SS`.
"""

from pathlib import Path

import pandas as pd

from sonimage import blinding, schemas

DTYPES = {"string": "object", "time": "object", "number": "float64", "integer": "Int64", "boolean": "boolean"}
BOOLEANS = {"True": True, "False": False}
# Constraint of a Table Schema -> how a message names it. Our own check: pandera gives the same messages (tests) and takes
# 0.3 s to import in every job that writes a table.
RULES = {
    "required": "not_nullable",
    "enum": "isin({})",
    "minimum": "greater_than_or_equal_to({})",
    "maximum": "less_than_or_equal_to({})",
}
# What a reading is of, and when
LESION, ASSESSMENT = ["patient_id", "lesion_id"], ["patient_id", "assessment_date"]


class TableError(ValueError):
    """A table does not keep its schema; the message lists every fault at once."""


def empty(name: str) -> pd.DataFrame:
    """Return the table with its columns and types and no rows."""
    return conform(pd.DataFrame(columns=schemas.columns(name)), name)


def conform(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the frame with exactly the schema's columns, in order and typed; absent columns come out empty."""
    frame = frame.reindex(columns=schemas.columns(name)).reset_index(drop=True)
    return frame.assign(
        **{column: _typed(frame[column], field["type"]) for column, field in schemas.fields(name).items()}
    )


def _typed(column: pd.Series, type_: str) -> pd.Series:
    if type_ == "date":
        return pd.to_datetime(column, format="ISO8601").astype("datetime64[ns]")
    if type_ in ("string", "time"):
        missing = column.isna()
        return column.astype("object").mask(missing) if missing.any() else column.astype("object")
    if type_ == "boolean" and column.dtype == object:
        column = column.map(lambda value: BOOLEANS.get(value, value))
    if type_ == "integer":
        column = pd.to_numeric(column)
    return column.astype(DTYPES[type_])


def known_true(column: pd.Series) -> pd.Series:
    """True where the column says so; False where it says no or nothing."""
    return column.astype("boolean").fillna(False).astype(bool)


def read(path: str | Path, name: str) -> pd.DataFrame:
    """Read one of our own tables with the types of its schema."""
    text = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    return conform(text, name)


def read_text(path: str | Path) -> pd.DataFrame:
    """Read a table of stage 1: every cell as the text that was delivered, "" where empty."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False)


def write_text(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table of stage 1 as it is."""
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def write(frame: pd.DataFrame, path: str | Path, name: str) -> None:
    """Validate the table against its schema and write it (UTF-8, comma, dot, LF).

    Raises TableError with every fault if a column is missing, of the wrong type or outside its constraints.
    """
    absent = [column for column in schemas.columns(name) if column not in frame]
    if absent:
        raise TableError(f"table {name}: column {', '.join(absent)} is missing; see {schemas.shown_path(name)}")
    frame = conform(frame, name)
    check(frame, name)
    save(frame, path, name)


def save(frame: pd.DataFrame, path: str | Path, name: str) -> None:
    """Write a conformed table; dates as ISO days, numbers at full precision, the stamp of a dummy run in a last column."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    dates = [column for column, field in schemas.fields(name).items() if field["type"] == "date"]
    frame = frame.assign(**{column: frame[column].dt.strftime("%Y-%m-%d") for column in dates})
    blinding.stamped(frame).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def check(frame: pd.DataFrame, name: str) -> None:
    """Raise TableError with all faults (column, rule, lines) unless the frame keeps its schema; no value is shown."""
    in_one_alone = sorted(set(frame) ^ set(schemas.columns(name)))
    if in_one_alone:
        raise TableError(f"table {name} and {schemas.shown_path(name)} differ in column {', '.join(in_one_alone)}")
    broken = {
        (column, RULES[constraint].format(limit)): _breaking(frame[column], constraint, limit)
        for column, field in schemas.fields(name).items()
        for constraint, limit in field.get("constraints", {}).items()
    }
    key = schemas.primary_key(name)
    repeated = frame[frame.duplicated(key, keep=False)] if key else frame[:0]
    broken |= {(column, "multiple_fields_uniqueness"): repeated.index[repeated[column].notna()] for column in key}
    faults = [
        f"  column {column}: {rule} does not hold in {len(rows)} row(s), line {', '.join(str(row + 2) for row in rows[:5])}"
        for (column, rule), rows in sorted(broken.items())
        if len(rows)
    ]
    if faults:
        raise TableError(f"table {name} does not keep {schemas.shown_path(name)}:\n" + "\n".join(faults))


def _breaking(column: pd.Series, constraint: str, limit) -> pd.Index:
    """Rows that break a constraint; a missing value breaks `required` alone."""
    if constraint == "required":
        return column.index[column.isna()]
    known = column.dropna()
    keeps = {"enum": known.isin, "minimum": known.ge, "maximum": known.le}[constraint]
    return known.index[~keeps(limit).astype(bool)]
