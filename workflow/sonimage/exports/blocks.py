"""Blocks of rows whose first row alone holds what is meant for all of them, as merged cells and hand-made tables have it."""

import pandas as pd

LEAST_EMPTY, LEAST_SHARE = 2, 0.25  # a few forgotten numbers make no column of blocks


def fill_down(frame: pd.DataFrame, columns: list[str], *, blank_lines_are_left_out: bool) -> pd.DataFrame:
    """Return the rows of a file with the columns filled from the row above; a blank line, or another sheet, ends a block.

    `blank_lines_are_left_out`: a gap between the numbers of two rows is a blank line; else a blank line is a row.
    """
    values = frame.drop(columns=["source_file", "source_row"])
    is_blank = (values == "").all(axis=1)
    starts = (frame["source_file"].astype(object) != frame["source_file"].astype(object).shift()) | is_blank.shift(
        fill_value=False
    )
    if blank_lines_are_left_out:
        starts |= frame["source_row"].diff() > 1
    filled = {}
    for column in columns:
        if column in frame:
            text = frame[column].astype(object)
            below = text.mask(text == "").groupby(starts.cumsum()).ffill()
            filled[column] = below.fillna("").mask(is_blank, "")
    return frame.assign(**filled)


def looks_filled_down(texts: pd.Series) -> bool:
    """Whether a column of one file, in the order of its rows, looks as if each text were meant for the rows below it too."""
    is_empty = texts.isna() | (texts == "")
    filled = texts[~is_empty]
    enough = is_empty.sum() >= max(LEAST_EMPTY, LEAST_SHARE * len(texts))
    return bool(enough and len(filled) and not is_empty.iloc[0] and filled.is_unique)
