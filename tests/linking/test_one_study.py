"""Seven small files linked into one study: what is read, what is asked about, what is set aside."""

import re

import pytest
from plain_study import FILES, replace, stages
from sonimage.cleaning.queries import collect
from sonimage.exports import maps


def test_every_cleaned_row_leads_to_its_line_in_the_raw_file(raw):
    _, cleaned, linked = stages(raw)
    for name, frame in linked.tables.items():
        lines = FILES[name].splitlines()
        for row in frame.itertuples():
            assert row.source_file == f"{name}.csv" and lines[row.source_row - 1].split(",").count(row.patient_id) == 1
    assert all(one.table["source_row"].is_unique for one in cleaned.values())


def test_the_plain_layout_is_read_whole(raw):
    imported, _cleaned, linked = stages(raw)
    assert imported.reconciliation["is_balanced"].all()
    assert {name: len(frame) for name, frame in linked.tables.items()} == {
        "patients": 2, "scans": 4, "lesions": 2, "measurements": 3, "uptake": 1, "assessments": 1, "events": 1,
    }  # fmt: skip
    assert linked.tables["lesions"]["organ"].tolist() == ["liver", "bone"]
    assert linked.tables["measurements"].iloc[0]["source_row"] == 2


ROW_LEVEL = {
    "decimal comma": ("measurements", "20.5", '"20,5"', "UNREADABLE"),
    "wrong date form": ("patients", "2020-01-10", "10-01-2020", "UNREADABLE"),
    "impossible date": ("scans", "2020-04-05", "2020-04-31", "UNREADABLE"),
    "unknown organ": ("lesions", "Lever", "acetabulum", "UNMAPPED_ORGAN"),
    "unknown code": ("patients", ",A,", ",C,", "UNREADABLE"),
    "negative size": ("measurements", ",10,", ",-10,", "OUT_OF_RANGE"),
    "unknown patient": ("assessments", "P1", "P9", "ORPHAN_PATIENT"),
    "unknown scan": ("measurements", "S2", "S9", "ORPHAN_SCAN"),
    "unknown lesion": ("measurements", "P1,T01,S2", "P1,T09,S2", "ORPHAN_LESION"),
}


@pytest.mark.parametrize("damage", ROW_LEVEL)
def test_a_damaged_value_becomes_a_query_and_shows_no_value(raw, damage):
    name, old, new, rule = ROW_LEVEL[damage]
    replace(raw, name, old, new)
    imported, cleaned, linked = stages(raw)
    queries = collect([*(one.queries for one in cleaned.values()), linked.queries])
    assert rule in set(queries["rule_id"])
    observed = "".join(queries["observed"].dropna())
    assert not re.search(r"[0-8]", observed)
    for table in maps.TABLES:
        aside = len(cleaned[table].set_aside) + (linked.set_aside["table"] == table).sum()
        assert len(imported.tables[table]) == len(linked.tables[table]) + aside


def test_absent_optional_files_count_as_empty_and_headers_without_rows_are_valid(raw):
    for name in ("assessments", "events", "uptake"):
        (raw / f"{name}.csv").unlink()
    (raw / "lesions.csv").write_text(FILES["lesions"].splitlines()[0] + "\n")
    imported, _, linked = stages(raw)
    assert linked.tables["uptake"].empty and linked.tables["lesions"].empty
    assert (imported.raw_files["note"] == "absent: counts as empty").sum() == 3


def test_records_after_the_cut_off_are_set_aside_and_later_deaths_unknown(raw):
    _, _, linked = stages(raw, "2020-03-31")
    assert linked.tables["patients"]["death_date"].isna().all()
    assert len(linked.tables["scans"]) == 3 and len(linked.tables["measurements"]) == 2
    assert (linked.set_aside["reason"] == "after the data cut-off").sum() == 3
