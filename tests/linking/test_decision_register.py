"""The register of the readers' decisions is checked line by line, all faults at once."""

import pytest
from sonimage.faults import FaultError
from sonimage.linking import reader_decisions
from worked_tables import table

HEADER = "patient_id,lesion_id,decision,partner_id,reader,date,reason"
SAME = "P1,L07,same as,T01,AB,2026-01-01,seen side by side"


def study():
    lesions = table("patient_id | lesion_id\nP1 | T01\nP1 | L07\nP1 | L08\nP2 | L01", "lesions")
    nothing = table("patient_id | lesion_id | scan_id\nP1 | L08 | S1\nP1 | T01 | S1", "measurements")
    return {"lesions": lesions, "measurements": nothing, "uptake": nothing}


def faults_of(folder, *lines, header=HEADER) -> list[str]:
    path = folder / "decisions.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    with pytest.raises(FaultError) as stopped:
        reader_decisions.apply_decisions(study(), reader_decisions.read_register(path), path.name)
    return [f"{fault.row} {fault.column}: {fault.rule}" for fault in stopped.value.faults]


WRONG_LINES = {
    "a date that is none": (SAME.replace("2026-01-01", "31/31/2026"), "2 date: not a date"),
    "no date": (SAME.replace("2026-01-01", ""), "2 date: an incomplete line"),
    "no reader": (SAME.replace(",AB,", ",,"), "2 reader: an incomplete line"),
    "no decision": (SAME.replace("same as", ""), "2 decision: an incomplete line"),
    "another word": (SAME.replace("same as", "perhaps"), "2 decision: no decision"),
    "no partner": (SAME.replace("T01", ""), "2 decision: no decision"),
    "no such lesion": (SAME.replace("L07", "L09"), "2 lesion_id: no such lesion"),
    "a lesion of another patient": (SAME.replace("T01", "L01"), "2 lesion_id: no such lesion"),
    "itself": (SAME.replace("T01", "L07"), "2 partner_id: a chain of decisions"),
    "both on one scan": (SAME.replace("L07", "L08"), "2 partner_id: both numbers were read on one scan"),
}


@pytest.mark.parametrize("what", WRONG_LINES)
def test_a_line_that_does_not_fit_stops_the_run(tmp_path, what):
    line, fault = WRONG_LINES[what]
    assert faults_of(tmp_path, line) == [fault]


def test_all_faults_are_told_at_once(tmp_path):
    found = faults_of(tmp_path, *(line for line, _ in WRONG_LINES.values()))
    for number, (_, fault) in enumerate(WRONG_LINES.values(), start=2):
        assert fault.replace("2 ", f"{number} ", 1) in found


def test_two_lines_for_one_lesion_stop_the_run(tmp_path):
    stands = SAME.replace("same as,T01", "stands,")
    assert faults_of(tmp_path, SAME, stands) == ["3 lesion_id: a second decision on one lesion"]


def test_a_register_saved_by_a_dutch_excel_is_the_same(tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text("\n".join([HEADER, SAME, ",,,,,,"]).replace(",", ";").replace("2026-01-01", "01-01-2026"))
    decided, aside = reader_decisions.apply_decisions(study(), reader_decisions.read_register(path), path.name)
    assert decided["lesions"]["lesion_id"].tolist() == ["T01", "L08", "L01"] and len(aside) == 1


def test_a_missing_column_stops_the_run(tmp_path):
    assert faults_of(tmp_path, header=HEADER.replace(",date", "")) == ["1 date: column is missing"]
