"""What every test shares: worked tables written as text."""

import os
from io import StringIO
from pathlib import Path

import pandas as pd
from sonimage import tables
from sonimage.cleaning import typed_tables
from sonimage.endpoints.lesion_sizes import size_lesions
from sonimage.endpoints.targets import derive_target_sums, follow_target_lesions, sum_targets
from sonimage.endpoints.visit_response import derive_visit_response
from sonimage.exports import importing, maps
from sonimage.linking import one_study, study_numbers

PROJECT = Path(__file__).parents[1]
# Compiled functions stay out of the source tree; the workflow has a folder of its own for them.
os.environ.setdefault("NUMBA_CACHE_DIR", str(PROJECT / ".pytest_cache/numba"))


def example_study() -> dict[str, pd.DataFrame]:
    """The linked tables of the example study."""
    plan = maps.load(PROJECT / "config/exports/sonimage.yaml")
    imported = importing.import_exports(PROJECT / "data/example", plan)
    cleaned = typed_tables.clean_tables(imported.tables, plan["tables"], imported.field_options)
    numbering = study_numbers.numbering_of(plan, imported.raw_files)
    typed = {name: one.table for name, one in cleaned.items()}
    return one_study.link_patients(typed, numbering, imported.patient_keys, None).tables


def table(text: str, name: str | None = None) -> pd.DataFrame:
    """Read a worked table: columns parted by `|`, `-` for a value that was never recorded.

    With the name of one of our tables the columns get the types of its schema.
    """
    lines = [line for line in text.strip().splitlines() if line.strip()]
    frame = pd.read_csv(StringIO("\n".join(lines)), sep="|", dtype=str, keep_default_na=False)
    frame.columns = frame.columns.str.strip()
    frame = frame.apply(lambda column: column.str.strip()).replace({"-": None, "": None})
    frame = frame.where(frame.notna())
    return tables.conform(frame, name) if name else frame


def target_sums(lesions: pd.DataFrame, measurements: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Target sums (schema target_sums) straight from the study's tables."""
    sizes = size_lesions(lesions, measurements, visits)
    return derive_target_sums(sum_targets(follow_target_lesions(sizes), sizes))


def visit_responses(lesions, measurements, visits, *, keep_partial_response: bool = True) -> pd.DataFrame:
    """Visit responses (schema visit_response) straight from the study's tables."""
    sizes = size_lesions(lesions, measurements, visits)
    sums = sum_targets(follow_target_lesions(sizes), sizes)
    return derive_visit_response(sizes, sums, keep_partial_response=keep_partial_response)
