"""What a question to a site is."""

from typing import NamedTuple


class Question(NamedTuple):
    """One rule as a question: in English, in Dutch, and what stands beside the value (see `values_beside`)."""

    english: str
    dutch: str
    beside: tuple[str, ...] = ()
