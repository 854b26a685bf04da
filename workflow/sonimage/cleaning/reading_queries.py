"""Queries about texts that could not be read, lie outside the limits of their column, or were completed."""

import re

import pandas as pd

from sonimage.cleaning import parsing
from sonimage.cleaning.queries import query
from sonimage.exports.named_columns import date_forms
from sonimage.exports.vocabularies import BOOLEANS_IN_WORDS

CORRECT = "Correct at the source, in the export map, or in config/corrections.csv"
# Words of a coded column are shown if they look like words; a column of free text that was mapped by mistake does not.
MOST_WORDS, LONGEST_WORD = 10, 30
MANY_DIGITS = re.compile(r"(\D*\d){4}")


def unreadable(rows: pd.DataFrame, name: str, field: dict, entry: dict, delivered: pd.Series) -> pd.DataFrame:
    """Query rows for texts of one column that are no value of its type; `field`: the column's entry in the schema."""
    if "enum" in field.get("constraints", {}) or field["type"] == "boolean":
        return _unknown_words(rows, name, field, entry, delivered)
    forms = date_forms(entry)
    disagree = parsing.is_ambiguous(delivered, forms) if field["type"] == "date" else pd.Series(False, index=rows.index)
    expected = f"{field['type']} {field.get('unit', '')}".strip()
    words_of = {"severity": "error", "action": "set missing"}
    observed = delivered.map(parsing.redact)
    found = [
        query(
            rows[~disagree], name, field["name"], rule_id="UNREADABLE", observed=observed[~disagree],
            expected=expected, remedy=CORRECT, **words_of,
        ),
        query(
            rows[disagree], name, field["name"], rule_id="DATE_FORMS_DISAGREE", observed=observed[disagree],
            expected=f"a date that the declared forms read as one day: {', '.join(forms)}",
            remedy="Ask which day is meant, and correct it in config/corrections.csv", **words_of,
        ),
    ]  # fmt: skip
    return pd.concat(found)


def _unknown_words(rows: pd.DataFrame, name: str, field: dict, entry: dict, delivered: pd.Series) -> pd.DataFrame:
    """Query rows for words of a coded column that no code, level or vocabulary has: the word, and what is accepted."""
    is_organ = field["name"] == "organ"
    shown = _listed_words(delivered)
    accepted = _accepted(field, entry)
    return query(
        rows,
        name,
        field["name"],
        rule_id="UNMAPPED_ORGAN" if is_organ else "UNREADABLE",
        severity="warning" if is_organ else "error",
        observed=delivered if shown else delivered.map(parsing.redact),
        expected=accepted,
        action="corrected" if is_organ else "set missing",
        remedy=f"{shown or 'Texts without a code: is it the right column?'} Accepted: {accepted}. {CORRECT}",
    )


def _listed_words(delivered: pd.Series) -> str:
    """The distinct words as a sentence; "" where they are too many, too long or too much like numbers to be words."""
    found = sorted(delivered.dropna().unique())
    if len(found) > MOST_WORDS or any(len(word) > LONGEST_WORD or MANY_DIGITS.match(word) for word in found):
        return ""
    return f"Without a code: {', '.join(map(repr, found))}."


def _accepted(field: dict, entry: dict) -> str:
    """What a coded column takes: codes and words of the map, levels, the usual booleans."""
    own = [*entry.get("codes", {}), *entry.get("words", {})]
    known = [BOOLEANS_IN_WORDS] if field["type"] == "boolean" else field["constraints"]["enum"]
    return " | ".join(dict.fromkeys([*own, *known]))


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
