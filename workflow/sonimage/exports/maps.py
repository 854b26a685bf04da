"""Export maps: reading one and checking it."""

from pathlib import Path

from sonimage.exports import map_faults, map_text, shorthands
from sonimage.exports.map_rules import TABLES, rule_faults
from sonimage.faults import FaultError

__all__ = ["TABLES", "load"]


def load(path: str | Path) -> dict:
    """Return the export map with its shorthands written out (`sex: sex` is `sex: {column: sex}`).

    Raises FaultError with every fault: unreadable YAML, unknown keys, names that lead nowhere.
    """
    export_map, line_of = map_text.read(path)
    _stop_on(map_faults.schema_faults(export_map, str(path), line_of))
    _stop_on(shorthands.repeat_faults(export_map, str(path)))
    export_map = shorthands.write_out(export_map)
    _stop_on(rule_faults(export_map, str(path)))
    return export_map


def _stop_on(faults: list) -> None:
    if faults:
        raise FaultError(faults)
