"""Checksums of every file of the results, and the files that no rule wrote."""

import hashlib
from pathlib import Path

import pandas as pd

from sonimage import schemas, tables


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
