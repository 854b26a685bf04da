"""Disclosure: no table for reviewers names a patient or a day, and small counts are marked."""

import re
from pathlib import Path

import pandas as pd

from sonimage import tables

PATIENT_COLUMN = re.compile(r"(^|_)(patient_id|record|lesion_id|scan_id|date)$|^assessment_date$|source_row$")

COUNT_COLUMN = re.compile(r"n$|n_")

REVIEWED = ("5_analyse", "6_report", "7_audit")


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
