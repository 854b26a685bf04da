"""Do the two ends of a link agree? Findings about links, asked and never answered here."""

import pandas as pd

from sonimage import tables
from sonimage.cleaning.column_reading import read_columns
from sonimage.cleaning.queries import collect, query

NO_OPTIONS = pd.DataFrame(columns=["group", "name", "value"])


def check_key_table(patients: pd.DataFrame, patient_keys: pd.DataFrame, keys: dict[str, dict]) -> pd.DataFrame:
    """Return a query for each patient whose record and key table differ in a check field (birth year, centre, ...).

    `patient_keys`: links with check_<column> as text; `keys`: `patient_keys` of the export map, whose `check` says how each
    is read. A wrong link usually shows here first.
    """
    found = []
    for name, entry in keys.items():
        columns = {column: check | {"column": f"check_{column}"} for column, check in entry.get("check", {}).items()}
        rows = patient_keys[patient_keys["key"] == name]
        if not columns or not len(rows):
            continue
        texts = rows.rename(columns={f"check_{column}": column for column in columns}).drop(columns="patient_id")
        values = read_columns(texts, "patients", columns, NO_OPTIONS)[0][list(columns)]
        record = patients.set_index("patient_id").reindex(rows["patient_id"]).set_axis(rows.index)
        for column in columns:
            both = values[column].notna() & record[column].notna()
            differs = both & (values[column].astype(object) != record[column].astype(object))
            found.append(_ask(rows[differs], column))
    return collect(found)


def _ask(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return query(
        rows,
        "patients",
        column,
        rule_id="LINK_DISAGREES",
        severity="error",
        observed="another value",
        expected="the same in the key table and in the patient's record",
        action="kept",
        remedy="Is it the right patient? The link stands until the key table is mended",
    )


def query_reviews(review: pd.DataFrame, lesions: pd.DataFrame) -> pd.DataFrame:
    """Return a query for each lesion link that a reader should look at and has not decided."""
    waiting = review[tables.known_true(review["needs_review"]) & review["decision"].isna()]
    key = ["patient_id", "lesion_id"]
    origin = ["source_file", "source_row", "source_no"]
    rows = waiting.merge(lesions[[*key, *origin]], on=key, how="left", validate="many_to_one")
    found = query(
        rows,
        "lesions",
        "lesion_id",
        rule_id="LESION_LINK",
        severity="note",
        observed=rows["finding"],
        expected="one number for one lesion on " + rows["pair"],
        action="kept",
        remedy="See results/3_link/link_review.csv; decide in config/link_decisions.csv",
    )
    return collect([found])
