"""Settings: where a file of the project is found, and values of the command line as the schema has them."""

from pathlib import Path

import yaml


def locate(path: str, project: Path) -> str:
    """A path of the config: as it stands where it leads somewhere from the working folder, else within the project.

    With `snakemake --directory DIR` the working folder is DIR; what it does not have is taken from the project.
    """
    return path if Path(path).exists() or not (project / path).exists() else str(project / path)


def as_schema_says(value: object, schema: dict) -> object:
    """The value with texts read as YAML wherever the schema allows no text.

    Snakemake hands on nested values of `--config "fes_status={suvmax_cut: 1.8}"` as texts; a text that is not readable so
    stays, for the validation to name. `schema`: JSON Schema; alternatives (`oneOf`, `anyOf`) take the first that fits.
    """
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        others = others if isinstance(others, dict) else {}
        return {key: as_schema_says(entry, known.get(key, others)) for key, entry in value.items()}
    if isinstance(value, list):
        return [as_schema_says(entry, schema.get("items", {})) for entry in value]
    if isinstance(value, str) and not _allows_text(schema):
        try:
            return yaml.safe_load(value)
        except yaml.YAMLError:
            return value
    return value


def _allows_text(schema: dict) -> bool:
    """Whether the schema says nothing of the type, or that it may be a text."""
    if "enum" in schema:
        return any(isinstance(entry, str) for entry in schema["enum"])
    types = schema.get("type", "string")
    return "string" in ([types] if isinstance(types, str) else types)
