"""Values that R gave (`tests/reference/`), and the data it was given. R calls stand in the tests."""

from pathlib import Path

import pandas as pd
from lifelines.datasets import load_rossi

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = (
    pd.read_csv(REFERENCE / "expected.csv", na_values={"value": ["NA"]}, keep_default_na=False)
    .astype({"value": float})
    .set_index(["case", "quantity", "term"])["value"]
    .sort_index()
)
G2, G3, HORMON = "factor(grade)2", "factor(grade)3", "hormon"
GRADE, ARM = [G2, G3], [G2, G3, HORMON]


def values(case: str, quantity: str, terms: list[str]) -> list[float]:
    """One quantity of one case, term by term."""
    return [EXPECTED[case, quantity, term] for term in terms]


def load(name: str) -> pd.DataFrame:
    """A data set as R had it, with its dummy columns."""
    if name == "rossi":
        return load_rossi().rename(columns={"week": "time", "arrest": "status"})
    frame = pd.read_csv(REFERENCE / f"{name}.csv")
    if "grade" in frame:
        frame = frame.assign(**{G2: frame["grade"] == 2, G3: frame["grade"] == 3})
        frame = frame.assign(**{f"{g}:{HORMON}": frame[g] * frame["hormon"] for g in GRADE})
    return frame
