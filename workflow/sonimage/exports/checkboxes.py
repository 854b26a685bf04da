"""Checkboxes: one raw column per box becomes one text, `prior#AI=1; prior#None=0`, which names each box with what it holds."""

import re

import pandas as pd


def join(rows: pd.DataFrame, boxes: list[str]) -> pd.Series:
    """One text per row for the boxes, which are raw columns; "" where none of them holds anything."""
    parts = [box + "=" + rows[box].astype(object) for box in boxes]
    if not parts:
        return pd.Series("", index=rows.index)
    is_filled = (rows[boxes] != "").any(axis=1)
    return parts[0].str.cat(parts[1:], sep="; ").where(is_filled, "")


def part(text: str, boxes: list[str]) -> dict[str, str]:
    """What each box of such a text holds; empty where the text is none."""
    names = "|".join(re.escape(f"{box}=") for box in sorted(boxes, key=len, reverse=True))
    if not re.match(names, text):
        return {}
    pieces = [(re.match(names, piece)[0], piece) for piece in re.split(f"; (?={names})", text)]
    return {name[:-1]: piece[len(name) :] for name, piece in pieces}
