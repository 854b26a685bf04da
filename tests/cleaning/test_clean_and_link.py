"""Cleaning and linking: the traps of real exports, readers' decisions, the query list, checks between deliveries."""

import json
import re

import openpyxl
import pandas as pd
import pytest
from plain_study import FILES, PLAIN, replace, stages
from sonimage import tables
from sonimage.checks import comparison, delivery_problems, query_workbook, suggestions
from sonimage.cleaning import typed_tables
from sonimage.exports import importing, maps
from sonimage.faults import FaultError
from sonimage.linking import cross_checks, one_study, query_list, reader_decisions, study_numbers, visits
from worked_tables import table


def clean(name: str, text: str, columns: dict, options: str = "group | name | value") -> typed_tables.Cleaned:
    """Clean one table written as text, by the columns of a map."""
    rows = table(text).fillna("").assign(source_no=0, source_file="raw.csv")
    rows = rows.assign(source_row=range(2, len(rows) + 2))
    entries = {column: {"column": column} | entry for column, entry in columns.items()}
    return typed_tables.clean_table(rows, name, [{"file": "raw", "columns": entries}], table(options))


PATIENT = {"patient_id": {}}
# column, delivered text, entry of the map, value expected (None: unreadable or missing)
VALUES = [
    ("er_percent", ".87", {}, 0.87),
    ("er_percent", "14.00000", {}, 14.0),
    ("er_percent", "-98", {"missing": ["-98"]}, None),
    ("er_percent", "-98.0", {"missing_codes": "castor"}, None),
    ("er_percent", "Missing (asked but unknown)", {"missing_codes": "castor"}, None),
    ("er_percent", "##USER_MISSING_95##", {"missing_codes": "castor"}, None),
    ("er_percent", "2.500", {"decimal": ","}, None),
    ("er_percent", "0,9", {"decimal": ",", "unit": "fraction"}, 90.0),
    ("death_date", "01-01-2996", {"date": "%d-%m-%Y", "missing_codes": "castor"}, None),
    ("death_date", "31-12-2998", {"date": "%d-%m-%Y", "missing_codes": "castor"}, None),
    ("death_date", "2996-01-01", {"missing_codes": "castor"}, None),
    ("death_date", "05-12-2019", {"date": "%d-%m-%Y"}, "2019-12-05"),
    ("death_date", "2019-12-05", {"date": "%d-%m-%Y"}, "2019-12-05"),
    ("death_date", "2019-12-05 00:00:00", {"date": "%d-%m-%Y"}, "2019-12-05"),
    ("death_date", "11-11-1111", {"date": "%d-%m-%Y"}, None),
    ("death_date", "19-03-0202", {"date": "%d-%m-%Y"}, None),
    ("death_date", "01-02-2939", {"date": "%d-%m-%Y"}, None),
    ("death_date", "UK-03-2021", {"date": "%d-%m-%Y"}, None),
    ("death_date", "UK-03-2021", {"date": "%d-%m-%Y", "partial": "mid"}, "2021-03-15"),
    ("death_date", "UK-UK-2021", {"date": "%d-%m-%Y", "partial": "last"}, "2021-12-31"),
    ("death_date", "2021-02", {"partial": "last"}, "2021-02-28"),
    ("death_date", "19726", {"origin": "1960-01-01"}, "2014-01-03"),
    ("death_date", "0001-01-01", {"missing": ["0001-01-01"]}, None),
    ("bone_only", "1", {"codes": {"1": "true", "0": "false"}}, True),
    ("centre", "NA", {}, "NA"),
    ("centre", "'Groningen", {"strip": "'"}, "Groningen"),
]


@pytest.mark.parametrize("column, text, entry, expected", VALUES, ids=lambda value: str(value))
def test_a_value_of_a_real_export_is_read_or_asked_about(column, text, entry, expected):
    found = clean("patients", f"patient_id | {column}\np | {text}", PATIENT | {column: entry})
    value = found.table[column].iloc[0]
    if expected is None:
        assert pd.isna(value)
        declared = "missing" in entry or "missing_codes" in entry
        assert declared == found.queries.empty
    else:
        assert value == (pd.Timestamp(expected) if column == "death_date" else expected)


def test_a_code_that_means_missing_in_one_column_is_a_value_in_another():
    found = clean("uptake", "patient_id | lesion_id | scan_id | x_mm | y_mm\np | L | S | -98 | -98",
                  {"patient_id": {}, "lesion_id": {}, "scan_id": {}, "x_mm": {}, "y_mm": {"missing_codes": "castor"}})  # fmt: skip
    assert found.table["x_mm"].tolist() == [-98] and found.table["y_mm"].isna().all()


OPTIONS = """
    group | name | value
    Arm   | 2    | 1
    Arm   | 1    | 2
    YesNo | Yes  | 1
    YesNo | No   | 0
"""
ARMS = PATIENT | {
    "allocation": {"options": "Arm", "codes": {"1": "A", "2": "B"}},
    "bone_only": {"options": "YesNo", "codes": {"1": "true", "0": "false"}},
}


@pytest.mark.parametrize("shown, arm", [("1", "A"), ("Yes", "B")])
def test_values_or_names_are_told_by_the_whole_file_since_one_text_may_be_both(shown, arm):
    found = clean("patients", f"patient_id | allocation | bone_only\np | 1 | {shown}", ARMS, OPTIONS)
    assert found.table["allocation"].tolist() == [arm] and found.table["bone_only"].tolist() == [True]


def test_unmapped_words_are_counted_as_they_came():
    found = clean("lesions", "patient_id | lesion_id | organ\np | A | heupkop\np | B | heupkop\np | C | bot",
                  {"patient_id": {}, "lesion_id": {}, "organ": {}})  # fmt: skip
    assert found.unmapped[["column", "word", "n_rows"]].to_numpy().tolist() == [["organ", "heupkop", 2]]
    assert found.table["organ"].tolist() == ["other", "other", "bone"]


REDCAP = """record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sonimage_id,arm,rand_date,bone___1,les_no,les_organ,les_suv,les_date,baseline_complete
1,baseline_arm_1,,,P1,1,2020-01-10,1,,,,,2
1,baseline_arm_1,fes_lesion,1,,,,,L01,1,"4,53",2020-01-06,2
1,baseline_arm_1,fes_lesion,2,,,,,L02,2,"-98",2020-01-06,0
2,baseline_arm_1,,,P2,2,2020-02-10,0,,,,,2
"""


def test_redcap_with_repeating_instruments_checkboxes_and_decimal_commas_by_map_alone(tmp_path):
    plan = {
        "title": "REDCap",
        "patient_keys": {"record": {"file": "redcap", "from": "record_id", "to": "sonimage_id"}},
        "files": {"redcap": {"path": "redcap.csv"}},
        "tables": {
            "patients": [
                {"file": "redcap", "where": [{"column": "redcap_repeat_instrument", "values": [""]}], "columns": {
                    "patient_id": "sonimage_id", "randomisation_date": "rand_date", "sex": {"constant": "F"},
                    "allocation": {"column": "arm", "codes": {"1": "A", "2": "B"}},
                    "bone_only": {"column": "bone___1", "codes": {"1": "true", "0": "false"}}}},
            ],
            "lesions": [
                {"file": "redcap", "where": [{"column": "redcap_repeat_instrument", "values": ["fes_lesion"]}], "columns": {
                    "patient_id": {"column": "record_id", "key": "record"}, "lesion_id": "les_no",
                    "organ": {"column": "les_organ", "codes": {"1": "bone", "2": "liver"}}}},
            ],
        },
    }  # fmt: skip
    (tmp_path / "map.yaml").write_text(json.dumps(plan))
    (tmp_path / "redcap.csv").write_text(REDCAP)
    loaded = maps.load(tmp_path / "map.yaml")
    imported = importing.import_exports(tmp_path, loaded)
    assert imported.reconciliation["is_balanced"].all()
    patients = typed_tables.clean_table(
        imported.tables["patients"], "patients", loaded["tables"]["patients"], imported.field_options
    )
    assert patients.table["bone_only"].tolist() == [True, False]
    lesions = typed_tables.clean_table(
        imported.tables["lesions"], "lesions", loaded["tables"]["lesions"], imported.field_options
    )
    study = {name: tables.empty(name) for name in maps.TABLES} | {
        "patients": patients.table,
        "lesions": lesions.table,
    }
    # lesion rows have no SONImage number of their own: the record number leads to it through the baseline rows
    numbering = study_numbers.numbering_of(loaded, imported.raw_files)
    linked = one_study.link_patients(study, numbering, imported.patient_keys, None)
    assert linked.tables["lesions"][["patient_id", "organ"]].to_numpy().tolist() == [["P1", "bone"], ["P1", "liver"]]


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


def study_with_pet_lesion(raw):
    replace(raw, "lesions", "P2,NT01", "P1,L07,liver,,False,\nP2,NT01")
    replace(raw, "uptake", "P1,T01,S3", "P1,L07,S3")


def decide(tmp_path, **changes):
    line = {"patient_id": "P1", "lesion_id": "L07", "decision": "same as", "partner_id": "T01"}
    line |= {"reader": "AB", "date": "2026-01-01", "reason": "seen side by side"} | changes
    pd.DataFrame([line]).to_csv(tmp_path / "decisions.csv", index=False)
    return reader_decisions.read_register(tmp_path / "decisions.csv")


def link(raw, decisions):
    plan = maps.load(PLAIN)
    imported = importing.import_exports(raw, plan)
    cleaned = {
        name: typed_tables.clean_table(imported.tables[name], name, plan["tables"][name], imported.field_options).table
        for name in maps.TABLES
    }
    numbering = study_numbers.numbering_of(plan, imported.raw_files)
    return one_study.link_patients(cleaned, numbering, imported.patient_keys, None, decisions, "decisions.csv")


def test_a_readers_decision_brings_two_numbers_together(raw, tmp_path):
    study_with_pet_lesion(raw)
    linked = link(raw, decide(tmp_path))
    assert linked.tables["uptake"]["lesion_id"].tolist() == ["T01"]
    assert linked.tables["lesions"]["lesion_id"].tolist() == ["T01", "NT01"]
    assert linked.set_aside["reason"].tolist() == ["same lesion as T01: reader's decision"]


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"lesion_id": "L99"}, "no such lesion"),
        ({"partner_id": "L99"}, "no such lesion"),
        ({"decision": "perhaps"}, "no decision"),
        ({"partner_id": ""}, "no decision"),
        ({"reader": ""}, "an incomplete line"),
    ],
)
def test_a_decision_that_does_not_fit_stops_the_run(raw, tmp_path, changes, words):
    study_with_pet_lesion(raw)
    with pytest.raises(FaultError, match=words):
        link(raw, decide(tmp_path, **changes))


def test_two_numbers_read_on_one_scan_cannot_be_one_lesion(raw, tmp_path):
    replace(raw, "lesions", "P2,NT01", "P1,L07,liver,,False,\nP2,NT01")
    replace(raw, "uptake", "P1,T01,S3,2.5", "P1,T01,S3,2.5\nP1,L07,S3,3.5")
    with pytest.raises(FaultError, match="both numbers were read on one scan"):
        link(raw, decide(tmp_path))


def test_a_decided_link_waits_for_nobody(tmp_path):
    review = table("""
        patient_id | lesion_id | pair | finding | needs_review
        P1         | L07       | x    | agrees  | True
        P1         | L08       | x    | agrees  | True
    """, "link_review")  # fmt: skip
    noted = reader_decisions.note_decisions(review, decide(tmp_path, decision="stands", partner_id=""))
    assert noted["decision"].notna().tolist() == [True, False]
    lesions = tables.conform(review[["patient_id", "lesion_id"]].assign(source_file="f", source_row=2), "lesions")
    assert cross_checks.query_reviews(noted, lesions)["record"].tolist() == ["P1"]


def test_record_and_key_table_that_differ_are_asked_about_and_nothing_is_changed():
    patients = table("patient_id | birth_year | centre\nP1 | 1950 | UMCG\nP2 | 1960 | UMCG", "patients")
    keys = table("""
        key   | source_patient_id | patient_id | check_birth_year | check_centre | source_file | source_row
        sonia | 11                | P1         | 1950             | UMCG         | k.csv       | 2
        sonia | 12                | P2         | 1961             | -            | k.csv       | 3
    """)  # fmt: skip
    entry = {"sonia": {"check": {"birth_year": {"column": "Born"}, "centre": {"column": "Site"}}}}
    found = cross_checks.check_key_table(patients, keys, entry)
    assert found[["rule_id", "column", "source_row"]].to_numpy().tolist() == [["LINK_DISAGREES", "birth_year", 3]]


def test_ct_scans_become_numbered_visits_with_unscheduled_ones_and_days():
    patients = table("patient_id | randomisation_date | first_treatment_date\np | 2020-01-01 | 2020-01-03", "patients")
    scans = table("""
        scan_id | patient_id | modality | scan_date
        early   | p          | CT       | 2019-11-01
        base    | p          | CT       | 2019-12-28
        chest   | p          | CT       | 2020-03-25
        abdomen | p          | CT       | 2020-03-27
        extra   | p          | CT       | 2020-05-10
    """, "scans")  # fmt: skip
    found = visits.link_visits(patients, scans, tables.empty("measurements"), pooling_days=7, late_baseline_days=28)
    assert found[["scan_id", "visit_number", "n_scan_days", "is_unscheduled"]].to_numpy().tolist() == [
        ["early", -1, 1, False], ["base", 0, 1, False], ["chest", 1, 2, False], ["abdomen", 1, 2, False], ["extra", 2, 1, True],
    ]  # fmt: skip


def queries_of_two_centres():
    row = {"severity": "warning", "table": "patients", "source_file": "castor.csv", "action": "kept"}
    clean_ = tables.conform(pd.DataFrame([row | {"rule_id": "UNREADABLE", "record": "011", "observed": "=9+9", "source_row": 2},
                                          row | {"rule_id": "UNREADABLE", "record": "999", "source_row": 3}]), "queries")  # fmt: skip
    link_ = tables.conform(pd.DataFrame([row | {"rule_id": "AGE", "record": "P2", "source_row": 4}]), "queries")
    patients = table("patient_id | centre\nP1 | UMCG\nP2 | VUMC", "patients")
    links = table(
        "source_file | source_patient_id | patient_id | status\ncastor.csv | 011 | P1 | linked", "patient_links"
    )
    return query_list.list_queries(clean_, link_, patients, links), patients


def test_queries_come_with_the_centre_of_their_patient():
    listed, patients = queries_of_two_centres()
    assert listed[["centre", "patient_id"]].fillna("").to_numpy().tolist() == [
        ["UMCG", "P1"],
        ["VUMC", "P2"],
        ["no centre", ""],
    ]
    counts = query_list.count_queries(listed, patients["centre"]).set_index(["rule_id", "centre"])["n"]
    assert counts.sum() == 3 and counts["AGE", "VUMC"] == 1 and counts["AGE", "UMCG"] == 0 and len(counts) > 280


def test_the_workbook_of_a_site_has_text_cells_only_its_own_rows_and_the_same_bytes(tmp_path):
    listed, patients = queries_of_two_centres()
    counts = query_list.count_queries(listed, patients["centre"])
    for name in ("one.xlsx", "two.xlsx"):
        query_workbook.write_workbook(listed, counts, "UMCG", tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    cells = [cell for row in book["Queries"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"} and "=9+9" in {cell.value for cell in cells}
    assert book["Queries"].max_row == 2 and "VUMC" not in {cell.value for cell in cells}


def test_the_check_of_a_delivery_lists_every_problem_with_what_could_be_meant(raw):
    replace(raw, "scans", "modality", "modalty")
    (raw / "events.csv").write_text("")
    replace(raw, "patients", "centre,", "centre;")
    problems = delivery_problems.check_exports(raw, maps.load(PLAIN))
    assert set(problems["severity"]) == {"fault"} and set(problems["file"]) == {
        "scans.csv",
        "events.csv",
        "patients.csv",
    }
    assert "Did you mean 'modalty'" in delivery_problems.in_words(problems)


def test_the_check_names_decimal_mark_and_date_form_that_would_fit(raw):
    replace(raw, "measurements", "20.5", '"20,5"')
    replace(raw, "scans", "2020-01-05", "05-01-2020")
    problems = delivery_problems.check_exports(raw, maps.load(PLAIN))
    remedies = " ".join(problems["remedy"].fillna(""))
    assert "declare `decimal: ','`" in remedies and "declare `date: '%d-%m-%Y'`" in remedies
    assert not re.search(r"20,5|05-01", delivery_problems.in_words(problems))


@pytest.mark.parametrize(
    "texts, field, words",
    [
        (["43804", "43805"], {"type": "date"}, "day numbers of Excel"),
        (["20200105"], {"type": "date"}, "%Y%m%d"),
        (["UK-03-2021"], {"type": "date"}, "partial dates"),
        (["12 mm", "13 mm"], {"type": "number"}, "end with a unit (mm)"),
        (["a", "b"], {"type": "string", "constraints": {"enum": ["x"]}}, "2 words without a code"),
        (["soon"], {"type": "date"}, ""),
    ],
)
def test_suggestions(texts, field, words):
    assert words in suggestions.reading_of(pd.Series(texts, dtype=object), field)


def test_a_delivery_is_compared_with_the_one_before(raw, tmp_path):
    plan = maps.load(PLAIN)
    before = comparison.read_study(raw, plan)
    assert comparison.compare_studies(before, before).empty
    replace(raw, "measurements", "20.5", "25")
    replace(raw, "events", "P1,BREAK START,2020-03-01\n", "")
    replace(raw, "scans", "S4,P2", "S5,P2,CT,2020-05-01\nS4,P2")
    lines = (raw / "lesions.csv").read_text().splitlines()
    (raw / "lesions.csv").write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n")
    changes = comparison.compare_studies(before, comparison.read_study(raw, plan))
    shown = changes[["table", "change", "record", "before", "after"]].fillna("").to_numpy().tolist()
    assert shown == [
        ["events", "vanished", "P1 / BREAK START / 2020-03-01", "", ""],
        ["measurements", "changed", "P1 / T01 / S1", "20.5", "25.0"],
        ["scans", "new", "S5", "", ""],
    ]
    counts = comparison.count_changes(changes)
    assert counts["n"].sum() == 3 and len(counts) == 21


def test_every_cleaned_row_leads_to_its_line_in_the_raw_file(raw):
    _, cleaned, linked = stages(raw)
    for name, frame in linked.tables.items():
        lines = FILES[name].splitlines()
        for row in frame.itertuples():
            assert row.source_file == f"{name}.csv" and lines[row.source_row - 1].split(",").count(row.patient_id) == 1
    assert all(one.table["source_row"].is_unique for one in cleaned.values())
