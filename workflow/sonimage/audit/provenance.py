"""Provenance: settings, digests and versions that made the results."""

import importlib.metadata
import platform

PACKAGES = ("snakemake", "pandas", "numpy", "scipy", "lifelines", "statsmodels", "matplotlib", "seaborn", "papermill")


def describe_run(config: dict, config_digest: str, raw_digest: str, source_date_epoch: str) -> dict:
    """Return what made the results: settings, digests, versions. Clock, host and user stay in the logs."""
    return {
        "study": "SONImage, NCT04125277",
        "config": config,
        "config_digest": config_digest,
        "raw_digest": raw_digest,
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "source_date_epoch": source_date_epoch,
    }
