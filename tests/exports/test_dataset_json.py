"""CDISC Dataset-JSON, as an object and as lines."""

import json

import pytest
from exports.raw_files import cells, read
from sonimage.faults import FaultError

DATASET = {
    "datasetJSONVersion": "1.1.0",
    "records": 2,
    "columns": [{"name": "USUBJID"}, {"name": "AVAL"}, {"name": "ADT"}, {"name": "FL"}],
    "rows": [["01", 1.5, "2014-01-02", True], [" 02", None, "", 3]],
}


def as_lines(dataset: dict) -> bytes:
    metadata = {name: value for name, value in dataset.items() if name != "rows"}
    return "\n".join(json.dumps(line) for line in [metadata, *dataset["rows"]]).encode()


def test_dataset_json_as_object_and_as_lines():
    expected = [["01", "1.5", "2014-01-02", "true"], ["02", "", "", "3"]]
    assert cells(read(json.dumps(DATASET).encode(), "adtte.json")) == expected
    assert cells(read(as_lines(DATASET), "adtte.ndjson")) == expected


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"records": 3}, "2 rows where `records` says 3"),
        ({"datasetJSONVersion": "1.0.0"}, "not version 1.1"),
        ({"columns": DATASET["columns"][:3]}, "row 2: not a row of 3 values"),
        ({"columns": [DATASET["columns"][0]] * 4}, "occurs twice"),
    ],
)
def test_damaged_dataset_json_is_refused(changes, words):
    with pytest.raises(FaultError, match=words):
        read(json.dumps(DATASET | changes).encode(), "adtte.json")


def test_dataset_json_that_is_cut_off_or_has_no_number_is_refused():
    whole = json.dumps(DATASET)
    for text in (whole[:-20], whole.replace("1.5", "NaN"), "[]", ""):
        with pytest.raises(FaultError, match=r"adtte.json"):
            read(text.encode(), "adtte.json")
