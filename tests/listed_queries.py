"""Queries of two patients of two centres, and one of nobody."""

import pandas as pd
from sonimage import tables
from sonimage.linking import query_list
from worked_tables import table


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
