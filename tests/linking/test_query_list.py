"""The query list: every query with the centre of its patient."""

from listed_queries import queries_of_two_centres
from sonimage.linking import query_list


def test_queries_come_with_the_centre_of_their_patient():
    listed, patients = queries_of_two_centres()
    assert listed[["centre", "patient_id"]].fillna("").to_numpy().tolist() == [
        ["UMCG", "P1"],
        ["VUMC", "P2"],
        ["no centre", ""],
    ]
    counts = query_list.count_queries(listed, patients["centre"]).set_index(["rule_id", "centre"])["n"]
    assert counts.sum() == 3 and counts["AGE", "VUMC"] == 1 and counts["AGE", "UMCG"] == 0 and len(counts) > 280
