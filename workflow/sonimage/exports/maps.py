"""Export maps: reading one and checking it."""

from pathlib import Path

import jsonschema
import yaml

from sonimage import schemas
from sonimage.exports.map_rules import rule_faults
from sonimage.faults import Fault, FaultError

TABLES = ("patients", "scans", "lesions", "measurements", "uptake", "assessments", "events")


class UniqueKeyLoader(yaml.CSafeLoader):
    """YAML that refuses a key written twice (the standard loader keeps the last) and leaves dates as text."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"key written twice: {', '.join(map(str, twice))}", node.start_mark
            )
        return super().construct_mapping(node, deep)


UniqueKeyLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load(path: str | Path) -> dict:
    """Return the export map with its shorthands written out (`sex: sex` is `sex: {column: sex}`).

    Raises FaultError with every fault: unreadable YAML, unknown keys, names that lead nowhere.
    """
    try:
        export_map = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=UniqueKeyLoader)
    except FileNotFoundError:
        raise FaultError([Fault(str(path), None, None, "no such export map", "See config/exports/")]) from None
    except yaml.YAMLError as error:
        raise FaultError([Fault(str(path), None, None, f"not readable as YAML: {error}", "Mend the map")]) from None
    validator = jsonschema.Draft202012Validator(schemas.load("export_map"))
    faults = [
        Fault(
            str(path),
            None,
            "/".join(map(str, error.absolute_path)) or None,
            error.message,
            "See config/README.md",
        )
        for error in validator.iter_errors(export_map)
    ]
    if faults:
        raise FaultError(faults)
    for source in (source for sources in export_map["tables"].values() for source in sources):
        source["columns"] = _written_out(source["columns"])
    for key in export_map.get("patient_keys", {}).values():
        key["check"] = _written_out(key.get("check", {}))
    faults = rule_faults(export_map, str(path))
    if faults:
        raise FaultError(faults)
    return export_map


def _written_out(columns: dict) -> dict[str, dict]:
    return {name: {"column": entry} if isinstance(entry, str) else entry for name, entry in columns.items()}
