"""CT scans as numbered visits."""

from sonimage import tables
from sonimage.linking import visits
from worked_tables import table


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
