"""Table Schemas: the single home of each table's columns, types, units, levels and labels.

A table's schema stands in the folder of its room; beside the rooms stand the JSON Schemas of settings.
"""

from functools import cache
from pathlib import Path

import yaml

SCHEMA_FOLDER = Path(__file__).parents[1] / "schemas"


@cache
def paths() -> dict[str, Path]:
    """Name of every schema, of tables and of settings -> its file."""
    return {path.stem: path for path in sorted(SCHEMA_FOLDER.rglob("*.yaml"))}


@cache
def load(name: str) -> dict:
    """Return the Table Schema of a table (frictionless Table Schema, https://specs.frictionlessdata.io)."""
    return yaml.load(paths()[name].read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def names() -> list[str]:
    """Names of all tables, sorted."""
    return sorted(name for name, path in paths().items() if path.parent != SCHEMA_FOLDER)


def shown_path(name: str) -> str:
    """The file of a schema as a message names it."""
    return f"workflow/schemas/{paths()[name].relative_to(SCHEMA_FOLDER).as_posix()}"


def fields(name: str) -> dict[str, dict]:
    """Column name -> its field entry, in column order."""
    return {field["name"]: field for field in load(name)["fields"]}


def columns(name: str) -> list[str]:
    """Column names in order."""
    return list(fields(name))


def primary_key(name: str) -> list[str]:
    """Columns that identify a row, one or several; empty where a table has no key."""
    key = load(name).get("primaryKey", [])
    return [key] if isinstance(key, str) else key


def levels(name: str, column: str) -> list[str]:
    """Levels of a column in order; the first is the reference."""
    return fields(name)[column]["constraints"]["enum"]


def level_labels(name: str, column: str) -> dict[str, str]:
    """Level -> its label for readers, in order."""
    field = fields(name)[column]
    return field.get("levels") or {level: level for level in field["constraints"]["enum"]}


def label(name: str, column: str) -> str:
    """Label of a column with its unit, as it stands on an axis or over a table column."""
    field = fields(name)[column]
    unit = field.get("unit")
    return f"{field['label']} ({unit})" if unit else field["label"]


def dictionary() -> str:
    """Return the data dictionary as Markdown: every table with its columns, types, units, levels and labels."""
    command = "python -c \"from sonimage import schemas; print(schemas.dictionary(), end='')\""
    parts = [f"# Data dictionary\n\nGenerated from `workflow/schemas/` by `{command}`.\n"]
    for name in names():
        schema = load(name)
        key = f" Key: {', '.join(primary_key(name))}." if primary_key(name) else ""
        parts.append(f"\n## {name}\n\n{schema['title']}. {schema.get('description', '')}{key}\n\n")
        parts.append("| column | type | unit | levels | label | ADaM |\n|---|---|---|---|---|---|\n")
        for column, field in fields(name).items():
            enum = ", ".join(map(str, field.get("constraints", {}).get("enum", [])))
            cells = [column, field["type"], field.get("unit", ""), enum, field["label"], field.get("adam", "")]
            parts.append("| " + " | ".join(cells) + " |\n")
    return "".join(parts)
