"""What an unreadable column could be meant to be: a hint for the export map, never applied by itself."""

from decimal import Decimal

import pandas as pd

from sonimage.cleaning import parsing

DATE_FORMS = (
    "%d-%m-%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%Y%m%d",
    "%m/%d/%Y",
    "%Y-%m-%dT%H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d-%b-%Y",
)
LIKELY = 0.5  # share of the unreadable texts that a hint must explain


def reading_of(texts: pd.Series, field: dict | None) -> str:
    """Return in words how most of the texts could be read, "" where nothing fits.

    `texts`: unreadable texts of one column; `field`: its entry in the schema.
    """
    if field is None:
        return ""
    if field["type"] in ("number", "integer"):
        return _number_hint(texts)
    if field["type"] == "date":
        return _date_hint(texts)
    if "enum" in field.get("constraints", {}) or field["type"] == "boolean":
        n = texts.nunique()
        return f"{n} word{'s' * (n != 1)} without a code: declare `codes` or `words`."
    return ""


def _number_hint(texts: pd.Series) -> str:
    for mark in (",", "."):
        if parsing.read_numbers(texts, mark, Decimal(1)).notna().mean() >= LIKELY:
            return f"They look like numbers with {mark!r}: declare `decimal: {mark!r}`."
    signs = texts.str.extract(r"(?i)\d\s*(mm|cm|kg|g|mbq|%|ml)\s*$")[0].str.lower()
    if signs.notna().mean() >= LIKELY:
        return f"They end with a unit ({signs.mode()[0]}): ask for numbers alone, and declare `unit`."
    return ""


def _date_hint(texts: pd.Series) -> str:
    read = {form: parsing.read_dates(texts, form).notna().mean() for form in DATE_FORMS}
    form = max(read, key=read.get)
    if read[form] >= LIKELY:
        return f"They look like dates of the form {form}: declare `date: {form!r}`."
    if texts.str.fullmatch(r"[34]\d{4}(\.0)?").mean() >= LIKELY:
        return "They look like day numbers of Excel: declare `date: excel_serial`, in a list with other forms."
    if parsing.is_partial(texts).mean() >= LIKELY or parsing.is_partial(texts, "%d-%m-%Y").mean() >= LIKELY:
        return "They look like partial dates: declare `partial` if the date may be completed."
    return ""
