"""Bad input: one message that names file, row, column and remedy, all faults at once, and no value of a patient."""

import re

import pandas as pd
import pytest
from plain_study import FILES, PLAIN, replace, stages
from sonimage.cleaning import corrections
from sonimage.cleaning.queries import collect
from sonimage.exports import importing, maps
from sonimage.faults import FaultError
from whole_runs import clone, snakemake


def test_the_plain_layout_is_read_whole(raw):
    imported, _cleaned, linked = stages(raw)
    assert imported.reconciliation["is_balanced"].all()
    assert {name: len(frame) for name, frame in linked.tables.items()} == {
        "patients": 2, "scans": 4, "lesions": 2, "measurements": 3, "uptake": 1, "assessments": 1, "events": 1,
    }  # fmt: skip
    assert linked.tables["lesions"]["organ"].tolist() == ["liver", "bone"]
    assert linked.tables["measurements"].iloc[0]["source_row"] == 2


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
        ["patients.csv", "row 3", "column patient_id", "repeats the key of row 2"],
    ),
    "exact duplicate": (
        lambda raw: replace(raw, "uptake", "P1,T01,S3,2.5\n", "P1,T01,S3,2.5\nP1,T01,S3,2.5\n"),
        ["uptake.csv", "row 3", "repeats the key"],
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
    _, cleaned, linked = stages(raw)
    queries = collect([*(one.queries for one in cleaned.values()), linked.queries])
    assert rule in set(queries["rule_id"])
    observed = "".join(queries["observed"].dropna())
    assert not re.search(r"[0-8]", observed)
    for table in maps.TABLES:
        rows_in = len(importing.import_exports(raw, maps.load(PLAIN)).tables[table])
        aside = len(cleaned[table].set_aside) + (linked.set_aside["table"] == table).sum()
        assert rows_in == len(linked.tables[table]) + aside


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


def test_the_command_line_stops_with_one_message_and_leaves_no_partial_result(tmp_path, raw):
    folder = tmp_path / "project"
    folder.mkdir()
    clone(folder)
    replace(raw, "scans", "modality", "modalty")
    arguments = [
        "--cores",
        "1",
        "results/4_derive/visit_response.csv",
        "--config",
        f"raw_dir={raw}",
        "export_map=config/exports/plain.yaml",
    ]
    answer = snakemake(folder, *arguments)
    assert answer.returncode != 0 and "file scans.csv, row 1, column modality" in answer.stdout + answer.stderr
    assert not [path for path in (folder / "results").rglob("*") if path.is_file()]
    (raw / "scans.csv").write_text(FILES["scans"])
    assert snakemake(folder, *arguments).returncode == 0
    assert "P1,2020-04-05,PR" in (folder / "results/4_derive/visit_response.csv").read_text()


def test_an_unknown_config_key_is_refused(tmp_path):
    folder = clone(tmp_path)
    answer = snakemake(folder, "-n", "--config", "data_cutoff=2020-01-01")
    assert answer.returncode != 0 and "data_cutoff" in answer.stdout + answer.stderr
