"""Export maps: what they may say, and faulty ones are refused."""

import json

import pytest
from sonimage.exports import importing, maps
from sonimage.faults import FaultError


def test_older_column_names_and_one_image_of_a_series(tmp_path):
    plan = {
        "title": "old names",
        "files": {"study": {"path": "s.csv", "also_called": {"Participant Id": ["Record Id", "record_id"]},
                            "first_of": {"by": ["Series"], "order": ["Time"], "reason": "another image of the series"}}},
        "tables": {"patients": [{"file": "study", "columns": {"patient_id": "Participant Id", "centre": "Time"}}]},
    }  # fmt: skip
    (tmp_path / "map.yaml").write_text(json.dumps(plan))
    (tmp_path / "s.csv").write_text("Record Id,Series,Time\nP1,a,11:00\nP1,a,10:00\nP2,b,12:00\n")
    imported = importing.import_exports(tmp_path, maps.load(tmp_path / "map.yaml"))
    assert imported.tables["patients"]["centre"].tolist() == ["10:00", "12:00"]
    assert imported.set_aside[["source_row", "reason"]].to_numpy().tolist() == [[2, "another image of the series"]]


@pytest.mark.parametrize(
    "text, words",
    [
        ("title: a\ntitle: b\n", "written twice"),
        ("title: a\nfiles: {x: {path: x.csv, delimitr: ';'}}\ntables: {}\n", "delimitr"),
        ("title: a\nfiles: {}\ntables: {patients: [{file: y, columns: {sex: sex}}]}\n", "no file 'y'"),
        (
            "title: a\nfiles: {x: {path: x.csv}}\ntables: {scans: [{file: x, columns: {scan_date: {column: d, partial: mid}}}]}\n",
            "never completed",
        ),
    ],
)
def test_a_faulty_export_map_is_refused(tmp_path, text, words):
    (tmp_path / "map.yaml").write_text(text)
    with pytest.raises(FaultError, match=words):
        maps.load(tmp_path / "map.yaml")
