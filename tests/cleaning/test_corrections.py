"""Corrections of raw values: each replaces the value it names or stops the run."""

import pandas as pd
import pytest
from plain_study import PLAIN
from sonimage.cleaning import corrections
from sonimage.exports import importing, maps
from sonimage.faults import FaultError


def register(**changes) -> pd.DataFrame:
    line = {
        "table": "measurements",
        "key": "patient_id=P1; scan_id=S1",
        "column": "diameter_mm",
        "old": "20.5",
        "new": "25",
    }
    return pd.DataFrame([line | {"reason": "typing error", "authority": "site", "date": "2024-01-01"} | changes])


def test_a_correction_replaces_the_value_it_names(raw):
    imported = importing.import_exports(raw, maps.load(PLAIN)).tables
    corrected = corrections.apply_corrections(imported, register(), "corrections.csv")
    assert corrected["measurements"]["diameter_mm"].tolist() == ["25", "10", ""]
    assert imported["measurements"]["diameter_mm"].tolist() == ["20.5", "10", ""]


@pytest.mark.parametrize("changes", [{"old": "21"}, {"key": "patient_id=P9"}, {"column": "weight"}])
def test_a_correction_that_no_longer_fits_stops_the_run(raw, changes):
    imported = importing.import_exports(raw, maps.load(PLAIN)).tables
    with pytest.raises(FaultError, match=r"corrections.csv, row 2"):
        corrections.apply_corrections(imported, register(**changes), "corrections.csv")
