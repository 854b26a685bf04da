"""Words, dates and numbers as Dutch hospitals write them."""

import pandas as pd

ORGANS = {
    "bone": "bot", "lymph node": "lymfeklier", "lung": "long", "liver": "lever", "pleura": "pleura", "soft tissue": "weke delen",
}  # fmt: skip

SIDES = {"left": "links", "right": "rechts", "midline": "midden"}

STATES = {
    "TOO SMALL TO MEASURE": "TSTM", "ABSENT": "afwezig", "PRESENT": "aanwezig", "UNEQUIVOCAL PROGRESSION": "progressie",
    "NOT EVALUABLE": "NE",
}  # fmt: skip


def date(dates: pd.Series) -> pd.Series:
    """A day as 31-12-2020; "" where there is none."""
    return dates.dt.strftime("%d-%m-%Y").fillna("")


def number(values: pd.Series) -> pd.Series:
    """Two decimals behind a comma; "" where there is none."""
    return values.map("{:.2f}".format, na_action="ignore").fillna("").str.replace(".", ",")
