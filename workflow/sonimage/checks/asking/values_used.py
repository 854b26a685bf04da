"""What the analysis uses of the record that is asked about: our units and words, where these are not the delivered text."""

import pandas as pd

from sonimage import schemas
from sonimage.checks.asking.values_beside import as_texts

USED = {"en": "in the analysis", "nl": "in de analyse"}


def used_values(queries: pd.DataFrame, study: dict[str, pd.DataFrame]) -> pd.Series:
    """The value of the column `asked` of each query's record in the linked tables, as text; empty where there is none."""
    parts = [pd.Series(dtype=object)]
    for (name, column), some in queries.groupby(["table", "asked"]):
        key = schemas.primary_key(name) if name in study else []
        if key and set(key) <= set(some) and column in schemas.columns(name):
            record = study[name].drop_duplicates(key).set_index(key, drop=False)[[column]]
            found = record.reindex(some.set_index(key).index).reset_index(drop=True)
            parts.append(as_texts(found, [column]).set_axis(some.index))
    return pd.concat(parts)


def show_used(queries: pd.DataFrame, cells: pd.DataFrame, study: dict[str, pd.DataFrame], language: str) -> pd.Series:
    """A line for each query whose values stand in the analysis otherwise than as delivered: `in the analysis: 4.1 g/mL`."""
    asked = cells[["query_id", "column", "text"]].rename(columns={"column": "asked"})
    asked = asked.merge(queries.drop(columns="column"), on="query_id", validate="many_to_one")
    asked = asked.assign(read=used_values(asked, study).reindex(asked.index).fillna(""))
    bare = asked["read"].str.split(" ").str[0]
    asked = asked[(asked["read"] != "") & (asked["text"] != "") & (bare != asked["text"])]
    if not len(asked):
        return pd.Series("", index=queries.index)
    lines = (asked["asked"] + " " + asked["read"]).groupby(asked["query_id"], sort=False).agg("; ".join)
    return queries["query_id"].map(USED[language] + ": " + lines).fillna("")
