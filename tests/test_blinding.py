"""The dummy run: what is dealt anew, what stays, and that nothing is left unstamped."""

import numpy as np
import pandas as pd
import pytest
from sonimage import blinding, tables
from sonimage.report import pages
from worked_tables import table

PATIENTS = table(
    "patient_id | randomisation_date | allocation\n"
    + "\n".join(f"P{n:02d} | 2020-01-01 | {'A' if n % 3 else 'B'}" for n in range(30))
    + "\nP30 | - | A\nP31 | 2020-01-01 | -",
    "patients",
)


def imaging() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Thirty patients with one to three lesions, two of them without an evaluable one."""
    numbers = [(f"P{n:02d}", f"L{k:02d}", "ne" if n > 27 else "pos") for n in range(30) for k in range(n % 3 + 1)]
    status = pd.DataFrame(numbers, columns=["patient_id", "lesion_id", "fes_status"])
    status["fes_suvmax"] = np.arange(len(status)) / 10
    groups = pd.DataFrame({"patient_id": sorted(set(status["patient_id"]))})
    n = np.arange(30)
    groups = groups.assign(het3=np.where(n % 2 > 0, "mixed", "all_pos"), n_lesions=n % 3 + 1)
    groups["not_evaluable_reason"] = np.where(n > 27, "NO EVALUABLE LESION", None)
    return tables.conform(status, "fes_status"), tables.conform(groups, "heterogeneity")


def test_allocation_is_dealt_among_the_randomised_and_nothing_else_moves():
    dealt = blinding.deal_allocation(PATIENTS, 1)
    assert dealt["allocation"].value_counts().to_dict() == PATIENTS["allocation"].value_counts().to_dict()
    assert (dealt["allocation"].iloc[:30] != PATIENTS["allocation"].iloc[:30]).sum() > 5
    assert dealt["allocation"].iloc[30] == "A" and pd.isna(dealt["allocation"].iloc[31])
    others = [column for column in PATIENTS if column != "allocation"]
    pd.testing.assert_frame_equal(dealt[others], PATIENTS[others])


def test_whole_patients_change_places():
    """Group, number of lesions and every lesion's uptake of one patient arrive together at another."""
    status, groups = imaging()
    dealt_status, dealt_groups = blinding.deal_imaging(status, groups, 1)
    for frame, dealt in ((status, dealt_status), (groups, dealt_groups)):
        assert set(dealt["patient_id"]) == set(frame["patient_id"]) and list(dealt) == list(frame)
    before, after = (
        frame.groupby("patient_id")["fes_suvmax"].agg(lambda values: f"{values.tolist()}")
        for frame in (status, dealt_status)
    )
    donor = {values: patient for patient, values in before.items()}
    came_from = after.map(donor)
    assert came_from.notna().all() and (came_from != came_from.index).sum() > 20
    groups, dealt_groups = (frame.set_index("patient_id")[["het3", "n_lesions"]] for frame in (groups, dealt_groups))
    np.testing.assert_array_equal(dealt_groups.to_numpy(), groups.loc[came_from[dealt_groups.index]].to_numpy())
    assert list(came_from[["P28", "P29"]]) == ["P28", "P29"]  # without an evaluable lesion: stay


@pytest.mark.parametrize("seed", [1, 2])
def test_the_seed_decides_and_the_order_of_rows_does_not(seed):
    status, groups = imaging()
    shuffled = (frame.sample(frac=1, random_state=3) for frame in (status, groups))
    for one, other in zip(
        blinding.deal_imaging(status, groups, seed), blinding.deal_imaging(*shuffled, seed), strict=True
    ):
        pd.testing.assert_frame_equal(one, other)
    moved = blinding.deal_allocation(PATIENTS.sample(frac=1, random_state=3), seed).sort_values("patient_id")
    again = blinding.deal_allocation(PATIENTS, seed)
    assert list(moved["allocation"].iloc[:31]) == list(again["allocation"].iloc[:31])
    assert not blinding.deal_allocation(PATIENTS, seed + 10)["allocation"].equals(again["allocation"])


def test_the_stamp_stands_on_tables_and_pages_of_a_dummy_run_alone(tmp_path, monkeypatch):
    frame = PATIENTS.assign(centre="UMCG", sex="F")
    tables.save(frame, tmp_path / "true.csv", "patients")
    assert "DUMMY" not in pages.page("Title", "", "simulated")
    monkeypatch.setenv(blinding.STAMP, blinding.DUMMY)
    tables.save(frame, tmp_path / "dummy.csv", "patients")
    true, dummy = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("true", "dummy"))
    assert "run" not in true and dummy["run"].eq("DUMMY").all()
    pd.testing.assert_frame_equal(
        tables.read(tmp_path / "dummy.csv", "patients"), tables.read(tmp_path / "true.csv", "patients")
    )
    assert "DUMMY RUN" in pages.page("Title", "", "simulated") and "SIMULATED" in pages.page("Title", "", "simulated")
