"""What a column that cannot be read could mean."""

import pandas as pd
import pytest
from sonimage.checks import suggestions


@pytest.mark.parametrize(
    "texts, field, words",
    [
        (["43804", "43805"], {"type": "date"}, "day numbers of Excel"),
        (["20200105"], {"type": "date"}, "%Y%m%d"),
        (["UK-03-2021"], {"type": "date"}, "partial dates"),
        (["12 mm", "13 mm"], {"type": "number"}, "end with a unit (mm)"),
        (["a", "b"], {"type": "string", "constraints": {"enum": ["x"]}}, "2 words without a code"),
        (["soon"], {"type": "date"}, ""),
    ],
)
def test_suggestions(texts, field, words):
    assert words in suggestions.reading_of(pd.Series(texts, dtype=object), field)
