"""Record and key table held against each other."""

from sonimage.linking import cross_checks
from worked_tables import table


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
