"""Files that cannot be read as their map says: all faults at once, each with file, row, column and remedy."""

import pytest
from plain_study import FILES, replace, stages
from sonimage.faults import FaultError

STRUCTURAL = {
    "missing file": (lambda raw: (raw / "scans.csv").unlink(), ["scans.csv", "no such file"]),
    "empty file": (lambda raw: (raw / "events.csv").write_text(""), ["events.csv", "the file is empty"]),
    "missing column": (
        lambda raw: replace(raw, "scans", "modality", "modalty"),
        ["scans.csv", "row 1", "column modality", "Did you mean"],
    ),
    "wrong delimiter": (
        lambda raw: (raw / "patients.csv").write_text(FILES["patients"].replace(",", ";")),
        ["patients.csv", "wrong delimiter", "declare `delimiter"],
    ),
    "duplicate key": (
        lambda raw: replace(raw, "patients", "P2,", "P1,"),
        ["patients.csv", "row 3", "column patient_id", "contradicts patients.csv row 2", "action `drop row`"],
    ),
    "two sizes of a target lesion at baseline": (
        lambda raw: replace(
            raw, "measurements", "P1,T01,S1,20.5,measured\n", "P1,T01,S1,20.5,measured\nP1,T01,S1,25,measured\n"
        ),
        ["measurements.csv", "row 2", "row 3", "a target lesion has two sizes at baseline", "action `keep row`"],
    ),
    "too many fields": (
        lambda raw: replace(raw, "events", "2020-03-01", "2020-03-01,"),
        ["events.csv", "row 2", "4 fields where the header has 3"],
    ),
    "NUL byte": (
        lambda raw: (raw / "events.csv").write_bytes(b"patient_id,event,event_date\nP1,\0,x\n"),
        ["row 2", "NUL"],
    ),
    "not UTF-8": (
        lambda raw: (raw / "patients.csv").write_bytes(b"patient_id\nRen\xe9e\n"),
        ["row 2", "not utf-8", "cp1252"],
    ),
    "uptake on a CT": (lambda raw: replace(raw, "uptake", "S3", "S1"), ["uptake.csv", "row 2", "uptake on a CT scan"]),
    "another patient's scan": (
        lambda raw: replace(raw, "measurements", "P1,T01,S2", "P1,T01,S4"),
        ["row 3", "another patient"],
    ),
}


@pytest.mark.parametrize("damage", STRUCTURAL)
def test_a_structural_fault_stops_with_place_and_remedy(raw, damage):
    harm, words = STRUCTURAL[damage]
    harm(raw)
    with pytest.raises(FaultError) as stopped:
        stages(raw)
    for word in words:
        assert word in str(stopped.value)


def test_all_faults_of_all_files_are_named_at_once(raw):
    for name in ("scans", "events"):
        (raw / f"{name}.csv").write_text("")
    with pytest.raises(FaultError) as stopped:
        stages(raw)
    assert len(stopped.value.faults) == 2
