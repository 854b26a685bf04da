"""Audit: checksums, files that no rule wrote, reconciliation, disclosure check, provenance."""

import hashlib
import importlib.metadata
import platform
import re
from pathlib import Path

import pandas as pd

from sonimage import schemas, tables

REVIEWED = ("5_analyse", "6_report", "7_audit")
PATIENT_COLUMN = re.compile(r"(^|_)(patient_id|record|lesion_id|scan_id|date)$|^assessment_date$|source_row$")
COUNT_COLUMN = re.compile(r"n$|n_")
PACKAGES = ("snakemake", "pandas", "numpy", "scipy", "lifelines", "statsmodels", "matplotlib", "seaborn", "papermill")


def list_checksums(results: Path, declared: list[str], own: list[str]) -> pd.DataFrame:
    """Return the checksum of every file below `results` except the audit's `own` files (schema checksums).

    `declared`: paths that rules write. A stranger, left by a renamed rule or put there by hand, is listed as not declared.
    """
    files = sorted(path for path in results.rglob("*") if path.is_file() and path.as_posix() not in own)
    rows = [
        {
            "file": path.relative_to(results).as_posix(),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "n_bytes": path.stat().st_size,
            "is_declared": path.as_posix() in declared,
        }
        for path in files
    ]
    return tables.conform(pd.DataFrame(rows, columns=schemas.columns("checksums")), "checksums")


def check_disclosure(results: Path, declared: list[str], threshold: int) -> pd.DataFrame:
    """Return each CSV for reviewers with the columns that would name a patient or a day (schema disclosure).

    Such a column fails; counts of 1 to `threshold` are for a person to review.
    """
    files = sorted(Path(path) for path in declared if path.endswith(".csv") and Path(path).parts[1] in REVIEWED)
    return tables.conform(pd.DataFrame([_check_file(path, results, threshold) for path in files]), "disclosure")


def _check_file(path: Path, results: Path, threshold: int) -> dict:
    frame = tables.read_text(path)
    named = [column for column in frame.columns if PATIENT_COLUMN.search(column)]
    counts = frame[[column for column in frame if COUNT_COLUMN.match(column)]].apply(pd.to_numeric, errors="coerce")
    small = int(((counts >= 1) & (counts <= threshold)).any(axis=1).sum())
    status = "fail" if named else "review" if small else "pass"
    return {
        "file": path.relative_to(results).as_posix(),
        "n_rows": len(frame),
        "patient_columns": ", ".join(named) or None,
        "n_small_counts": small,
        "status": status,
    }


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
