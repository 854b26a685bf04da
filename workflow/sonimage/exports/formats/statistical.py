"""Files of SPSS (.sav, .zsav), Stata (.dta) and SAS (.sas7bdat), read by pyreadstat: values, dates, labels of values.

A labelled value becomes its label, as a reader of the file would see it, unless the map names the stored value among the codes
or the missing codes of the column. So a special value such as 9999, labelled `not measured`, is never read as a number unseen.
"""

from functools import partial
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyreadstat

from sonimage.exports.formats.cells import Forms, as_text, forms_of
from sonimage.exports.sources import from_file
from sonimage.faults import Fault, FaultError

READERS = {"spss": pyreadstat.read_sav, "stata": pyreadstat.read_dta, "sas": pyreadstat.read_sas7bdat}
CALLED = {"spss": "an SPSS file (.sav)", "stata": "a Stata file (.dta)", "sas": "a SAS dataset (.sas7bdat)"}
MOST_CELLS = 50_000_000  # a small file may say that it holds any number of rows


def read(content: BinaryIO, name: str, entry: dict, *, kind: str) -> pd.DataFrame:
    """Read the file as text; `source_row` counts as if a header stood above. Special missing values (.a to .z) stay as such."""
    reader = partial(READERS[kind], encoding=entry.get("encoding"))
    try:
        size = reader(content, metadataonly=True)[1]
        if (size.number_rows or 0) * size.number_columns > MOST_CELLS:
            raise FaultError([Fault(name, None, None, "more than 50 million cells", "Is it the right file?")])
        content.seek(0)
        frame, facts = reader(content, user_missing=True)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OverflowError, UnicodeDecodeError):
        rule, remedy = f"not readable as {CALLED[kind]}", "Save it again, or declare its `encoding` in the export map"
        raise FaultError([Fault(name, None, None, rule, remedy)]) from None
    columns = {}
    for column in frame.columns:
        labels = facts.variable_value_labels.get(column, {}) if entry.get("value_labels") != "values" else {}
        letters = set(facts.missing_user_values.get(column, []))
        values = frame[column]
        if facts.readstat_variable_types.get(column) == "float":
            values = values.map(_from_single)
        columns[column] = _as_texts(values, labels, letters, forms_of(entry, column), entry.get("value_labels"))
    return from_file(pd.DataFrame(columns, dtype=object), name, range(2, len(frame) + 2))


def _from_single(value):
    """The number that was stored with seven digits: 5.1, which Stata's type float keeps as 5.099999904632568."""
    return float(str(np.float32(value))) if isinstance(value, float) else value


def _as_texts(values: pd.Series, labels: dict, letters: set, forms: Forms, rule: str | None) -> pd.Series:
    """Text of each value, worked out once per distinct one."""

    def text(value) -> str:
        written = f".{value}" if value in letters else as_text(value, forms)
        is_named = written in forms.get("codes", ()) and rule != "labels"
        return written if is_named or value not in labels else str(labels[value]).strip()

    known = values.astype(object)
    known = known.where(known.notna(), None)
    return known.map({value: text(value) for value in known.unique()}).fillna("")
