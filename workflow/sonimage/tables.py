"""Reading, validating and writing the workflow's tables: the only place that touches CSV files of our own.

Types in memory follow the schema: text is `object` with NaN, dates `datetime64[ns]`, numbers `float64`,
integers `Int64`, booleans `boolean`, times text `HH:MM:SS`.
"""

from pathlib import Path

import pandas as pd

from sonimage import blinding, schemas

DTYPES = {"string": "object", "time": "object", "number": "float64", "integer": "Int64", "boolean": "boolean"}
BOOLEANS = {"True": True, "False": False}
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
    """Raise TableError with all faults (column, rule, rows) unless the frame keeps its schema; no value is shown."""
    import pandera.errors

    try:
        _validator(name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        raise TableError(_fault_list(errors.failure_cases, name)) from None


def _validator(name: str):
    import pandera.pandas as pa

    def column(field: dict) -> pa.Column:
        limits = field.get("constraints", {})
        checks = [
            make(limits[key])
            for key, make in {
                "enum": pa.Check.isin,
                "minimum": pa.Check.ge,
                "maximum": pa.Check.le,
                "pattern": pa.Check.str_matches,
            }.items()
            if key in limits
        ]
        return pa.Column(checks=checks, nullable=not limits.get("required", False))

    key = schemas.primary_key(name)
    return pa.DataFrameSchema(
        {field: column(entry) for field, entry in schemas.fields(name).items()},
        strict=True,
        unique=key or None,
    )


def _fault_list(cases: pd.DataFrame, name: str) -> str:
    found = cases.drop_duplicates(["column", "check", "index"]).groupby(["column", "check"], dropna=False)["index"]
    faults = []
    for (column, rule), rows in found:
        shown = ", ".join(str(int(row) + 2) for row in rows.dropna().head(5))
        faults.append(f"  column {column}: {rule} does not hold in {len(rows)} row(s), line {shown}")
    return f"table {name} does not keep {schemas.shown_path(name)}:\n" + "\n".join(faults)
