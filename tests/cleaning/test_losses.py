"""Where a run stops and where it asks: columns that cannot be read, rows that are no data, references lost in bulk."""

import pandas as pd
import pytest
from plain_study import replace, stages
from sonimage.faults import FaultError
from sonimage.linking.lost_references import truncated_table_faults

pytestmark = pytest.mark.slow  # every test runs stages 1 to 3 anew

SHAPES = [f"P{i}" for i in range(1, 41)]


@pytest.fixture
def many(raw):
    """Forty patients, each with a baseline CT, one target lesion measured on it, a FES-PET and its uptake."""
    lines = {
        "patients": ["patient_id,centre,sex,randomisation_date,allocation"]
        + [f"{p},UMCG,F,2020-01-10,A" for p in SHAPES],
        "scans": ["scan_id,patient_id,modality,scan_date"]
        + [f"C{p},{p},CT,2020-01-05" for p in SHAPES]
        + [f"F{p},{p},FES-PET,2020-01-06" for p in SHAPES],
        "lesions": ["patient_id,lesion_id,organ,is_node,role"] + [f"{p},1,bone,False,TARGET" for p in SHAPES],
        "measurements": ["patient_id,lesion_id,scan_id,diameter_mm,state"]
        + [f"{p},1,C{p},20.5,MEASURED" for p in SHAPES],
        "uptake": ["patient_id,lesion_id,scan_id,suvmax"] + [f"{p},1,F{p},2.5" for p in SHAPES],
        "assessments": ["patient_id,assessment_date,overall_response"],
        "events": ["patient_id,event,event_date"],
    }
    for name, text in lines.items():
        (raw / f"{name}.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    return raw


def edit(raw, name, change):
    """Change the lines of a file below its header."""
    path = raw / f"{name}.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *change(lines)]) + "\n", encoding="utf-8")


# A column that cannot be read


@pytest.mark.parametrize("n, stops", [(4, False), (8, False), (9, True), (20, True)])
def test_more_than_a_fifth_of_unreadable_values_stops_the_run(many, n, stops):
    edit(many, "uptake", lambda lines: [line.replace("2.5", "two") for line in lines[:n]] + lines[n:])
    if not stops:
        assert len(stages(many).linked.tables["uptake"]) == 40
        return
    with pytest.raises(
        FaultError, match=f"uptake.csv, row 2, column suvmax: {n} of 40 values cannot be read; they look like 'xxx'"
    ):
        stages(many)


def test_fewer_than_five_unreadable_values_are_queries_whatever_their_share(raw):
    replace(raw, "uptake", "2.5", "two")
    found = stages(raw)
    assert found.cleaned["uptake"].queries["rule_id"].tolist() == ["UNREADABLE"]


def test_half_of_the_scan_dates_unreadable_stop_the_run_and_an_unknown_organ_never_does(many):
    edit(many, "lesions", lambda lines: [line.replace("bone", "somewhere") for line in lines])
    assert set(stages(many).linked.tables["lesions"]["organ"]) == {"other"}
    edit(many, "scans", lambda lines: [line.replace("2020-01-05", "05/01/2020") for line in lines])
    with pytest.raises(FaultError, match="column scan_date: 40 of 80 values cannot be read"):
        stages(many)


# Rows that are no data


@pytest.mark.parametrize("footer", ["N = ,40,,,", "Totaal,40,,,", "total:,40,,,", "Gemiddelde,,,,", "Legenda,,,,"])
def test_a_footer_is_never_a_patient(many, footer):
    edit(many, "patients", lambda lines: [*lines, footer])
    found = stages(many)
    assert len(found.linked.tables["patients"]) == 40
    assert found.cleaned["patients"].set_aside["reason"].tolist() == ["a footer or legend"]


def test_a_second_header_is_set_aside_and_a_header_further_down_stops_the_run(many):
    header = (many / "patients.csv").read_text().splitlines()[0]
    edit(many, "patients", lambda lines: [header.upper(), *lines])
    found = stages(many)
    assert len(found.linked.tables["patients"]) == 40
    assert found.cleaned["patients"].set_aside["reason"].tolist() == ["the header again"]
    edit(many, "patients", lambda lines: [*lines[1:20], header, *lines[20:]])
    with pytest.raises(FaultError, match=r"patients.csv, row 21: the header stands again as a row"):
        stages(many)


def test_a_number_unlike_all_others_with_hardly_anything_filled_is_set_aside_and_asked_about(many):
    edit(many, "patients", lambda lines: [*lines, "* see remarks,,,,"])
    found = stages(many)
    assert len(found.linked.tables["patients"]) == 40
    assert found.cleaned["patients"].queries["rule_id"].tolist() == ["ROW_WITHOUT_DATA"]
    edit(many, "patients", lambda lines: [*lines[:-1], "UMCG-041,UMCG,F,2020-01-10,A"])
    assert len(stages(many).linked.tables["patients"]) == 41


# References lost in bulk, tables that end early


def test_numbers_that_a_spreadsheet_has_rewritten_stop_the_run_with_that_hint(many):
    edit(many, "measurements", lambda lines: [line.replace(",1,", ",1.0,") for line in lines])
    with pytest.raises(FaultError, match=r"40 of 40 measurements lead to no lesion.*A spreadsheet has rewritten"):
        stages(many)


def test_two_exchanged_column_names_stop_the_run_with_that_hint(many):
    path = many / "measurements.csv"
    path.write_text(path.read_text().replace("patient_id,lesion_id,scan_id", "patient_id,scan_id,lesion_id"))
    with pytest.raises(FaultError, match=r"lead to no lesion.*are two column names exchanged"):
        stages(many)


def test_readings_of_a_table_without_rows_are_queries(many):
    for name in ("scans", "lesions"):
        edit(many, name, lambda lines: [])
    found = stages(many).linked
    assert found.tables["measurements"].empty and set(found.queries["rule_id"]) == {"ORPHAN_SCAN"}


@pytest.mark.parametrize("n, stops", [(1, False), (2, True), (15, True), (40, False)])
def test_a_table_of_sizes_that_ends_early_stops_the_run(many, n, stops):
    edit(many, "measurements", lambda lines: lines[: 40 - n])
    if not stops:
        assert len(stages(many).linked.tables["measurements"]) == 40 - n
        return
    with pytest.raises(
        FaultError,
        match=f"measurements.csv, row {41 - n}: the last {n} patients have CTs and target lesions and no size",
    ):
        stages(many)


def test_gaps_among_the_patients_are_no_end(many):
    edit(many, "measurements", lambda lines: lines[3:38])
    tables = stages(many).linked.tables
    assert truncated_table_faults(*(tables[name] for name in ("measurements", "lesions", "scans", "patients"))) == []
    assert isinstance(tables["measurements"], pd.DataFrame)
