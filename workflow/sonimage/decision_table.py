"""Decision tables: for each row the answer of the first condition that holds, as RECIST 1.1 prints its rules."""

import numpy as np


def decide(*rules: tuple[object, str | None], otherwise: str | None) -> np.ndarray:
    """Return for each row the answer of the first rule (condition, answer) that holds, else `otherwise`.

    Conditions are marks of equal length; the answer is one of a few texts, shared by all rows that have it.
    """
    conditions = [np.asarray(condition, dtype=bool) for condition, _ in rules]
    answers = np.array([*(answer for _, answer in rules), otherwise], dtype=object)
    return answers[np.select(conditions, range(len(rules)), len(rules))]
