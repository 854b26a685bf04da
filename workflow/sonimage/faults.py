"""Structural faults of raw data and settings: they stop the run, all named at once, without showing values."""

import logging
import sys
from typing import NamedTuple


class Fault(NamedTuple):
    """One fault: where it is, which rule is broken and what to do."""

    file: str
    row: int | None
    column: str | None
    rule: str
    remedy: str

    def __str__(self) -> str:
        place = [f"file {self.file}"]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.rule}. {self.remedy}"


class FaultError(Exception):
    """Raised with every fault found."""

    def __init__(self, faults: list[Fault]):
        self.faults = faults
        super().__init__(f"{len(faults)} fault(s):\n" + "\n".join(f"  - {fault}" for fault in faults))


def stop_on(faults: list[Fault]) -> None:
    """Raise FaultError if there are any."""
    if faults:
        raise FaultError(faults)


def log_to(path: str) -> None:
    """Send the log of a script to its file; an uncaught error goes there with its traceback, to the screen in words."""
    logging.basicConfig(filename=path, filemode="w", level="INFO", format="%(levelname)s %(message)s")
    sys.excepthook = _report


def _report(kind, error, traceback) -> None:
    logging.error("stopped: %s", error, exc_info=None if isinstance(error, FaultError) else (kind, error, traceback))
    if isinstance(error, FaultError):
        print(f"\nThe run stopped. {error}\n", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, traceback)
