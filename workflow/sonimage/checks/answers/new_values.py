"""New values as sites write them: one for the value that was asked about, or `column=value; column=value`."""

import pandas as pd

from sonimage.checks.answers.changed_cells import Delivery, columns_of
from sonimage.checks.answers.returned_workbooks import as_text
from sonimage.checks.asking.asked_values import ROW, find_rows
from sonimage.cleaning.corrections.decided_rows import KEY_TABLE

COLUMNS = ["query_id", "table", "record", "source_no", "column", "given"]
# A number that names a patient or a lesion is no value: it is decided elsewhere
NAMES = {("patients", "patient_id"): "the key table", ("lesions", "lesion_id"): "config/link_decisions.csv"}


def list_changes(answers: pd.DataFrame, cells: pd.DataFrame, delivery: Delivery) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return what each answer changes (query_id, table, record, source_no, column, given), and query -> why it is nothing.

    `answers`: rows of the query list with new_value; `cells`: what was asked about, with labels of the imported tables. A
    column that is not one of the row is one of the patient.
    """
    changes, refused = [], {}
    for answer in answers.to_dict("records"):
        mine = cells[cells["query_id"] == answer["query_id"]]
        if len(mine):
            found = _changes(answer, mine, delivery)
            if isinstance(found, str):
                refused[answer["query_id"]] = found
            else:
                changes += found
    return pd.DataFrame(changes, columns=COLUMNS), refused


def _changes(answer: dict, cells: pd.DataFrame, delivery: Delivery) -> list[dict] | str:
    """The changes of one answer, or why there are none."""
    said = _parts(answer["new_value"])
    if said is None and len(cells) > 1:
        return "several columns were asked about: write new_value as column=value"
    said = {cells["column"].iloc[0]: answer["new_value"]} if said is None else said
    found = []
    for column, given in said.items():
        place = _place(column, answer, cells.iloc[0], delivery)
        if place is None:
            return "new_value names a column that neither this row nor the patient has"
        if (place["table"], column) in NAMES:
            return f"the number of a patient or lesion is not changed by an answer: see {NAMES[place['table'], column]}"
        found.append(place | {"query_id": answer["query_id"], "column": column, "given": given})
    return found


def _parts(given) -> dict[str, str] | None:
    """The columns and values of `column=value; column=value`; None for a value alone."""
    text = as_text(given)
    if "=" not in text:
        return None
    parts = [part.partition("=") for part in text.split(";") if part.strip()]
    return {column.strip().lower(): value.strip() for column, _, value in parts}


def _place(column: str, answer: dict, cell: pd.Series, delivery: Delivery) -> dict | None:
    """The row that holds a column: the one asked about, or the patient's."""
    if column in columns_of(delivery, cell["table"], cell["source_no"]):
        return {"table": cell["table"], "record": cell["record"], "source_no": cell["source_no"]}
    if cell["table"] == KEY_TABLE or pd.isna(answer["patient_id"]):
        return None
    patients = delivery.study["patients"]
    origin = patients.loc[patients["patient_id"] == answer["patient_id"], ROW]
    places = find_rows(delivery.imported["patients"], origin).dropna(subset="record")
    if not len(places) or column not in columns_of(delivery, "patients", places["source_no"].iloc[0]):
        return None
    return {"table": "patients", "record": places["record"].iloc[0], "source_no": places["source_no"].iloc[0]}
