"""REDCap, with its repeating instruments and record numbers, by map alone."""

import json

from sonimage import tables
from sonimage.cleaning import typed_tables
from sonimage.exports import importing, maps
from sonimage.linking import one_study

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
    linked = one_study.link_patients(study, loaded, imported.patient_keys)
    assert linked.tables["lesions"][["patient_id", "organ"]].to_numpy().tolist() == [["P1", "bone"], ["P1", "liver"]]
