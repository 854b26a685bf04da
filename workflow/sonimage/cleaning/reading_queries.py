"""Queries about texts that could not be read, lie outside the limits of their column, or were completed."""

import pandas as pd

from sonimage.cleaning import parsing
from sonimage.cleaning.queries import query
from sonimage.exports.named_columns import date_forms

CORRECT = "Correct at the source, in the export map, or in config/corrections.csv"


def unreadable(rows: pd.DataFrame, name: str, field: dict, entry: dict, delivered: pd.Series) -> pd.DataFrame:
    """Query rows for texts of one column that are no value of its type; `field`: the column's entry in the schema."""
    is_organ = field["name"] == "organ"
    words = {
        "rule_id": "UNMAPPED_ORGAN" if is_organ else "UNREADABLE",
        "severity": "warning" if is_organ else "error",
        "observed": delivered.map(parsing.redact),
        "action": "corrected" if is_organ else "set missing",
    }
    levels = field.get("constraints", {}).get("enum", [])
    expected = " | ".join(levels) or f"{field['type']} {field.get('unit', '')}".strip()
    if field["type"] != "date":
        return query(rows, name, field["name"], expected=expected, remedy=CORRECT, **words)
    forms = date_forms(entry)
    twofold = parsing.is_ambiguous(delivered, forms)
    expected = pd.Series(expected, index=rows.index).mask(twofold, "a date that the declared forms read as one day")
    remedy = pd.Series(CORRECT, index=rows.index).mask(
        twofold, f"Two of {', '.join(forms)} read it differently: ask which"
    )
    return query(rows, name, field["name"], expected=expected, remedy=remedy, **words)


def outside(rows: pd.DataFrame, name: str, field: dict, delivered: pd.Series) -> pd.DataFrame:
    """Query rows for values outside the minimum and maximum of the schema."""
    limits = field.get("constraints", {})
    return query(
        rows,
        name,
        field["name"],
        rule_id="OUT_OF_RANGE",
        severity="error",
        observed=delivered.map(parsing.redact),
        expected=f"{limits.get('minimum', '')} to {limits.get('maximum', '')} {field.get('unit', '')}".strip(),
        action="set missing",
        remedy="Correct at the source or in config/corrections.csv",
    )


def completed(rows: pd.DataFrame, name: str, column: str, entry: dict, delivered: pd.Series) -> pd.DataFrame:
    """Query rows for partial dates that the map completes."""
    if "partial" not in entry:
        return rows.iloc[:0]
    is_completed = parsing.is_partial(delivered, date_forms(entry))
    return query(
        rows[is_completed],
        name,
        column,
        rule_id="PARTIAL_DATE",
        severity="warning",
        observed=delivered[is_completed].map(parsing.redact),
        expected="a full date",
        action="corrected",
        remedy=f"Completed to the {entry['partial']} day; ask for the full date",
    )
