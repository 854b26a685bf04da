"""Rows that name one record, of several sources or twice in one; files that two entries of a map name."""

import copy

import pandas as pd
import pytest
import yaml
from first_stages import run_stages
from plain_study import FILES, PLAIN, replace, stages
from sonimage.exports import maps
from sonimage.faults import FaultError
from sonimage.linking.records import merge_records
from worked_tables import table

UPTAKE = """
    patient_id | lesion_id | scan_id | suvmax | suvmean | source_file | source_row | source_no
"""


def merged(rows: str, name: str = "uptake", **source):
    """Records of a worked table; `source` is what the second source declares."""
    return merge_records(table(UPTAKE + rows, name), name, [{"columns": {}}, {"columns": {}} | source])


def reasons(found) -> list[str]:
    return sorted(found.set_aside["reason"])


def test_equal_readings_count_once():
    found = merged("P1 | 1 | S | 4.1 | - | a.csv | 2 | 0\n P1 | 1 | S | 4.1 | - | a.csv | 9 | 0\n")
    assert found.table["suvmax"].tolist() == [4.1] and reasons(found) == ["equal to a.csv row 2"]
    assert not any(len(asked) for asked in found.queries) and found.contradicting.empty


@pytest.mark.parametrize("other", ["4.2", "-"])
def test_contradicting_readings_of_one_source_are_all_set_aside_and_asked_about_once(other):
    """A value beside none contradicts too: the other row may be the one that was meant."""
    found = merged(
        f"P1 | 1 | S | 4.1 | - | a.csv | 2 | 0\n P1 | 1 | S | {other} | - | a.csv | 9 | 0\n P1 | 2 | S | 1 | - | a.csv | 4 | 0\n"
    )
    assert found.table["lesion_id"].tolist() == ["2"] and reasons(found) == ["one reading with two values"] * 2
    (asked,) = (asked for asked in found.queries if len(asked))
    assert asked["rule_id"].tolist() == ["READINGS_CONTRADICT"] and asked["column"].tolist() == ["suvmax"]
    assert asked["observed"].tolist() == ["two values: a.csv row 2, a.csv row 9"]


def test_two_sources_complete_each_other_or_contradict():
    found = merged("P1 | 1 | S | 4.1 | - | a.csv | 2 | 0\n P1 | 1 | S | - | 3.0 | b.csv | 2 | 1\n")
    assert found.table[["suvmax", "suvmean"]].to_numpy().tolist() == [[4.1, 3.0]]
    assert reasons(found) == ["same record as a.csv row 2"]
    found = merged("P1 | 1 | S | 4.1 | - | a.csv | 2 | 0\n P1 | 1 | S | 4.2 | 3.0 | b.csv | 2 | 1\n")
    assert found.table.empty and len(found.contradicting) == 2


@pytest.mark.parametrize("other, n_asked", [("5.0", 0), ("5.2", 1)])
def test_a_source_that_fills_gaps_gives_way_and_a_disagreement_beyond_its_tolerance_is_asked_about(other, n_asked):
    rows = f"P1 | 1 | S | 4.1 | - | a.csv | 2 | 0\n P1 | 1 | S | {other} | 9 | b.csv | 2 | 1\n P1 | 2 | S | 7 | - | b.csv | 3 | 1\n"
    found = merged(rows, fills_gaps=True, tolerance=1)
    assert found.table.sort_values("lesion_id")["suvmax"].tolist() == [4.1, 7] and found.table["suvmean"].isna().all()
    assert reasons(found) == ["an earlier source has this reading: a.csv row 2"]
    assert sum(map(len, found.queries)) == n_asked


def test_a_contradicting_patient_scan_or_lesion_stops_and_an_equal_one_counts_once(raw):
    replace(raw, "lesions", "P1,T01,Lever,,False,TARGET\n", "P1,T01,Lever,,False,TARGET\n" * 2)
    assert stages(raw).linked.tables["lesions"]["lesion_id"].tolist() == ["T01", "NT01"]
    (raw / "lesions.csv").write_text(FILES["lesions"].replace("\nP2", "\nP1,T01,bone,,False,TARGET\nP2"))
    with pytest.raises(FaultError, match=r"row 3.*contradicts lesions.csv row 2"):
        stages(raw)


def test_two_assessments_or_events_of_one_day_both_stay_to_be_asked_about(raw):
    replace(raw, "assessments", "P1,2020-04-05,PR\n", "P1,2020-04-05,PR\nP1,2020-04-05,SD\n")
    replace(raw, "events", "P1,BREAK START,2020-03-01\n", "P1,BREAK START,2020-03-01\n" * 2)
    found = stages(raw).linked
    assert found.tables["assessments"]["overall_response"].tolist() == ["PR", "SD"]
    assert len(found.tables["events"]) == 2 and found.set_aside.empty


def test_a_map_can_ask_for_the_stop_at_any_repeated_reading(raw):
    replace(raw, "uptake", "P1,T01,S3,2.5\n", "P1,T01,S3,2.5\nP1,T01,S3,2.6\n")
    assert stages(raw).linked.tables["uptake"].empty
    with pytest.raises(FaultError, match=r"(?s)uptake.csv, row 2.*uptake.csv, row 3"):
        run_stages(raw, maps.load(PLAIN) | {"repeated_readings": "stop"})


# One raw file under two names


@pytest.fixture
def keyed(raw):
    """The plain study with SONIA's numbers 1 and 2 for P2 and P1, so that a key that is not applied moves every patient."""
    for name in ("patients", "scans", "lesions", "measurements", "uptake", "assessments", "events"):
        path = raw / f"{name}.csv"
        path.write_text(path.read_text().replace("P1,", "2,").replace("P2,", "1,"))
    (raw / "keys.csv").write_text("sonia,sonimage\n1,2\n2,1\n")
    plan = yaml.safe_load(PLAIN.read_text(encoding="utf-8"))
    plan["files"]["keys"] = {"path": "keys.csv"}
    plan["patient_keys"] = {"sonia": {"file": "keys", "from": "sonia", "to": "sonimage"}}
    for sources in plan["tables"].values():
        sources[0]["columns"]["patient_id"] = {"column": "patient_id", "key": "sonia"}
    return raw, plan


def linked(folder, plan, tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    return run_stages(folder, maps.load(path))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["patients", "scans", "lesions", "measurements", "uptake", "assessments", "events"])
def test_a_second_entry_for_a_file_changes_nothing(keyed, tmp_path, name):
    """As REDCap maps are written: one entry for all rows, one that keeps the base form."""
    folder, plan = keyed
    right = linked(folder, plan, tmp_path)
    twice = copy.deepcopy(plan)
    twice["files"] |= {
        f"{name}_base": {
            "path": f"{name}.csv",
            "keep": [{"column": "patient_id", "values": ["none"], "reason": "another form"}],
        }
    }
    found = linked(folder, twice, tmp_path)
    for table_name, frame in right.linked.tables.items():
        pd.testing.assert_frame_equal(found.linked.tables[table_name], frame)
    pd.testing.assert_frame_equal(found.imported.reconciliation, right.imported.reconciliation)
    assert found.imported.set_aside.empty and found.imported.reconciliation["is_balanced"].all()
    entry = found.imported.raw_files.set_index("file").loc[f"{name}.csv"]
    assert entry["map_entry"] == f"{name}, {name}_base" and entry["ignored_columns"] == ""


def test_the_key_table_may_be_a_second_name_of_a_file_that_tables_read(keyed, tmp_path):
    folder, plan = keyed
    right = linked(folder, plan, tmp_path)
    lines = (folder / "patients.csv").read_text().splitlines()
    lines = [line + "," + other for line, other in zip(lines, ("sonimage", "1", "2"), strict=True)]
    (folder / "patients.csv").write_text("\n".join(lines) + "\n")
    plan["files"]["patients_base"] = {"path": "patients.csv"}
    plan["patient_keys"]["sonia"] = {"file": "patients_base", "from": "patient_id", "to": "sonimage"}
    found = linked(folder, plan, tmp_path)
    assert found.linked.tables["patients"].equals(right.linked.tables["patients"])


def test_two_sources_of_one_file_may_have_different_keys(keyed, tmp_path):
    """UMCG reads by SONIA's numbers, VUMC by SONImage's: plain numbers both, and each row goes by the key of its source."""
    folder, plan = keyed
    (folder / "uptake.csv").write_text(
        "centre,patient_id,lesion_id,scan_id,suvmax\nUMCG,2,T01,S3,2.5\nVUMC,1,T01,S5,4\n"
    )
    replace(folder, "scans", "S4,1,", "S5,2,FDG-PET,2020-01-07\nS4,1,")
    by_sonia = plan["tables"]["uptake"][0] | {"where": [{"column": "centre", "values": ["UMCG"]}]}
    by_sonimage = copy.deepcopy(by_sonia) | {"where": [{"column": "centre", "values": ["VUMC"]}]}
    by_sonimage["columns"]["patient_id"] = {"column": "patient_id"}
    found = linked(folder, plan | {"tables": plan["tables"] | {"uptake": [by_sonia, by_sonimage]}}, tmp_path).linked
    assert found.tables["uptake"][["patient_id", "suvmax"]].to_numpy().tolist() == [["1", 2.5], ["1", 4.0]]
    assert found.set_aside.empty


def test_the_same_number_in_two_numberings_is_not_one_record_before_it_is_linked(keyed, tmp_path):
    """Lesion T01 of patient 1 in SONIA's numbering is that of patient 2 here; both stay."""
    folder, plan = keyed
    (folder / "more.csv").write_text("patient_id,lesion_id,organ,is_node,role\n2,T01,bone,False,\n")
    plan["files"]["more"] = {"path": "more.csv"}
    columns = {name: name for name in ("lesion_id", "organ", "is_node", "role")}
    plan["tables"]["lesions"].append({"file": "more", "columns": {"patient_id": "patient_id"} | columns})
    found = linked(folder, plan, tmp_path).linked.tables["lesions"]
    assert found[["patient_id", "lesion_id", "organ"]].to_numpy().tolist() == [
        ["1", "T01", "liver"], ["2", "NT01", "bone"], ["2", "T01", "bone"],
    ]  # fmt: skip


def test_a_row_whose_source_is_lost_is_a_fault_where_a_key_is_declared(keyed, tmp_path):
    from sonimage.linking import one_study

    folder, plan = keyed
    done = linked(folder, plan, tmp_path)
    cleaned = {name: one.table for name, one in done.cleaned.items()}
    cleaned["scans"] = cleaned["scans"].assign(source_no=pd.array([0, None, 0, 0], dtype="Int64"))
    with pytest.raises(FaultError, match=r"scans.csv, row 3, column patient_id"):
        one_study.link_patients(cleaned, plan, done.imported.patient_keys)


def test_a_key_on_another_column_than_the_patients_is_a_fault_of_the_map(keyed, tmp_path):
    """It would never be applied."""
    folder, plan = keyed
    plan["tables"]["lesions"][0]["columns"]["merged_into"] = {"column": "merged_into", "optional": True, "key": "sonia"}
    with pytest.raises(FaultError, match=r"merged_into.*a key is applied to patient_id alone"):
        linked(folder, plan, tmp_path)
