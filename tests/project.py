"""Where the project stands, and its settings as they are committed."""

from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[1]


def settings(name: str) -> dict:
    """One of the files of `config/`."""
    return yaml.safe_load((PROJECT / f"config/{name}.yaml").read_text(encoding="utf-8"))


CONFIG = settings("config")
SIMULATION = settings("simulation")
