"""A delivery compared with the one before."""

from plain_study import PLAIN, replace
from sonimage.checks import asked_deliveries, comparison
from sonimage.exports import maps


def read_study(folder, plan):
    return asked_deliveries.ask(folder, plan)[0].study


def test_a_delivery_is_compared_with_the_one_before(raw, tmp_path):
    plan = maps.load(PLAIN)
    before = read_study(raw, plan)
    assert comparison.compare_studies(before, before).empty
    replace(raw, "measurements", "20.5", "25")
    replace(raw, "events", "P1,BREAK START,2020-03-01\n", "")
    replace(raw, "scans", "S4,P2", "S5,P2,CT,2020-05-01\nS4,P2")
    lines = (raw / "lesions.csv").read_text().splitlines()
    (raw / "lesions.csv").write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n")
    changes = comparison.compare_studies(before, read_study(raw, plan))
    shown = changes[["table", "change", "record", "before", "after"]].fillna("").to_numpy().tolist()
    assert shown == [
        ["events", "vanished", "P1 / BREAK START / 2020-03-01", "", ""],
        ["measurements", "changed", "P1 / T01 / S1", "20.5", "25.0"],
        ["scans", "new", "S5", "", ""],
    ]
    counts = comparison.count_changes(changes)
    assert counts["n"].sum() == 3 and len(counts) == 21


def test_records_after_the_cut_off_are_compared_too(raw, tmp_path):
    plan = maps.load(PLAIN)
    cut = {"data_cut_off": "2020-03-31"}
    delivery, _ = asked_deliveries.ask(raw, plan, **cut)
    assert len(delivery.study["measurements"]) == 2
    assert len(asked_deliveries.whole_study(delivery, **cut)["measurements"]) == 3
    assert asked_deliveries.whole_study(delivery, None) is delivery.study
