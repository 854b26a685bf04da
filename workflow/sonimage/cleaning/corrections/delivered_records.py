"""Records of the text tables as a register names them: `patient_id=UMCG-003; lesion_id=T02`, by the text that was delivered."""

import pandas as pd
from pandas.api.types import is_numeric_dtype

from sonimage import schemas
from sonimage.exports.chosen_texts import READ_FROM
from sonimage.exports.named_columns import raw_columns


def part_key(key: str) -> dict[str, str]:
    """The columns and texts of a key; empty where it is not written as `column=text; column=text`."""
    parts = [part.partition("=") for part in key.split(";") if part.strip()]
    if not all(sign and column.strip() for column, sign, _ in parts):
        return {}
    return {column.strip(): text.strip() for column, _, text in parts}


def write_key(texts: dict[str, str]) -> str:
    """The key that names a record by these columns."""
    return "; ".join(f"{column}={text}" for column, text in texts.items())


def key_columns(columns: dict[str, dict], name: str) -> list[str]:
    """Delivered columns that make the key of a record of table `name`; `columns`: those of its source in the export map."""
    named = [part for column in schemas.primary_key(name) for part in delivered_parts(columns, column)]
    return list(dict.fromkeys(named))


def delivered_parts(columns: dict[str, dict], column: str) -> list[str]:
    """The column itself, or the delivered columns that the map composes it of."""
    entry = columns.get(column, {})
    if "compose" not in entry:
        return [column]
    return [part for name in entry["compose"] for part in delivered_parts(columns, name)]


def texts_of(rows: pd.DataFrame, column: str) -> pd.Series:
    """The delivered text of a column; "" where nothing was delivered."""
    return rows[column].astype(object).where(rows[column].notna(), "").astype(str)


def raw_column_of(rows: pd.DataFrame, column: str, entry: dict) -> pd.Series:
    """The raw column that each text was taken from: of several the one that was chosen, of boxes all of them."""
    chosen = READ_FROM.format(column)
    named = pd.Series(", ".join(raw_columns(entry)), index=rows.index, dtype=object)
    return named if chosen not in rows else texts_of(rows, chosen).where(lambda texts: texts != "", named)


def as_own_text(rows: pd.DataFrame, column: str, entry: dict) -> pd.DataFrame:
    """The rows with the texts of a column counted as its own: what a person writes refers to no other column."""
    chosen = READ_FROM.format(column)
    return rows.assign(**{chosen: entry["column"]}) if chosen in rows and "column" in entry else rows


def find_records(table: pd.DataFrame, keys: pd.Series) -> pd.Series:
    """The rows of a text table that each key names: index of `keys`, once for every row -> label of the row."""
    parts = keys.map(part_key)
    found = [pd.Series(dtype=object)]
    for columns, some in parts.groupby(parts.map(tuple)):
        if columns and set(columns) <= set(table):
            found.append(_find(table, pd.DataFrame(list(some), index=some.index)))
    return pd.concat(found) if len(found) > 1 else found[0]


def _find(table: pd.DataFrame, wanted: pd.DataFrame) -> pd.Series:
    rows = table
    for column in wanted:
        if not is_numeric_dtype(rows[column]):
            empty = rows[column].isna() if (wanted[column] == "").any() else False
            rows = rows[rows[column].isin(wanted[column]) | empty]
    texts = pd.DataFrame({column: texts_of(rows, column) for column in wanted}).assign(record=rows.index)
    both = wanted.assign(line=wanted.index).merge(texts, on=list(wanted))
    return pd.Series(both["record"].to_numpy(), index=both["line"].to_numpy(), dtype=object)
