"""Stage 4's endpoints on a large study, from cleaned tables to PFS1 in memory, on one core.

`python benchmarks/endpoints.py [patients ...]`, one process per size. In the same run, for scale: the yardstick (one
pandas groupby that makes sums, baseline, nadir and percent changes of the same measurements), the same rules of response
by groupby-apply, and pyrecist (`pip install pyrecist==0.1.0`; left out where it is not installed) on target lesions.
"""

import gc
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from large_study import repeat, simulate_block
from sonimage import tables
from sonimage.endpoints import best_response, concordance, lesion_change, lesion_sizes, pfs1, targets
from sonimage.endpoints.visit_response import derive_visit_response, overall, response_from_assessments
from sonimage.linking import visits

TABLES = ("patients", "scans", "lesions", "measurements", "assessments", "events")
CONFIRMATION = {"confirmation_days": 28, "confirmation_max_ne": 1, "confirmation_accept_sd": False}
RUNS = 3
SLOW_UP_TO = 1000  # groupby-apply and pyrecist: minutes beyond


def derive(study: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Seconds of each step of the whole stage, as its scripts take it."""
    seconds, start = {}, time.perf_counter()

    def lap(step: str) -> None:
        nonlocal start
        seconds[step], start = time.perf_counter() - start, time.perf_counter()

    patients, events = study["patients"], study["events"]
    grouped = visits.link_visits(patients, study["scans"], study["measurements"], pooling_days=7, late_baseline_days=28)
    lap("visits")
    sizes = lesion_sizes.size_lesions(study["lesions"], study["measurements"], grouped)
    followed = targets.follow_target_lesions(sizes)
    sums = targets.sum_targets(followed, sizes)
    target_sums = targets.derive_target_sums(sums)
    lap("sums")
    responses = derive_visit_response(sizes, sums, keep_partial_response=True)
    lap("visit response")
    best_response.derive_best_response(
        patients, responses, target_sums, events, sd_min_days=42, clinical_benefit_days=168, confirmation=CONFIRMATION
    )
    lap("best response")
    lesion_change.derive_lesion_change(sizes, sums, responses, patients, events)
    lesion_change.derive_trajectory(sizes, followed, sums, responses)
    lap("lesions")
    concordance.compare_responses(responses, response_from_assessments(study["assessments"]), window_days=14)
    lap("concordance")
    pfs1.derive_pfs1(patients, responses, events)
    lap("PFS1")
    return seconds


def measure_sizes(study: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The measurements with the day of their scan, as the yardstick and its peers need them."""
    days = study["scans"].set_index("scan_id")["scan_date"]
    return study["measurements"].assign(scan_date=study["measurements"]["scan_id"].map(days))


def yardstick(measured: pd.DataFrame) -> float:
    """Seconds of one groupby: sums, baseline, nadir and percent changes of the same measurements."""
    start = time.perf_counter()
    sums = measured.groupby(["patient_id", "scan_date"])["diameter_mm"].sum()
    by_patient = sums.groupby(level=0)
    baseline, nadir = by_patient.transform("first"), by_patient.cummin().groupby(level=0).shift()
    100 * (sums - baseline) / baseline, 100 * (sums - nadir) / nadir
    return time.perf_counter() - start


def by_groupby_apply(study: dict[str, pd.DataFrame], measured: pd.DataFrame) -> float:
    """Seconds of time-point response and first progression, patient by patient."""
    rows = measured.merge(
        study["lesions"][["patient_id", "lesion_id", "role", "is_node"]], on=["patient_id", "lesion_id"]
    )
    start = time.perf_counter()
    rows.groupby("patient_id")[rows.columns.tolist()].apply(judge_patient)
    return time.perf_counter() - start


def judge_patient(rows: pd.DataFrame) -> pd.DataFrame:
    """RECIST 1.1 for one patient: sums, nadir, target, non-target and overall response at each assessment."""
    size = rows["diameter_mm"].where(rows["state"] != "TOO SMALL TO MEASURE", 5).where(rows["state"] != "ABSENT", 0)
    rows = rows.assign(size=size)
    target = rows[rows["role"] == "TARGET"].pivot_table(index="scan_date", columns="lesion_id", values="size")
    total, complete = target.sum(axis=1), target.notna().all(axis=1)
    nadir = total.where(complete).cummin().ffill().shift()
    grown = (total - nadir >= 5) & (total >= 1.2 * nadir)
    shrunk = total <= 0.7 * total.iloc[0] if len(total) else total > 0
    response = pd.Series(
        np.select([(target == 0).all(axis=1), grown, ~complete, shrunk], ["CR", "PD", "NE", "PR"], "SD"), total.index
    )
    nontarget = rows[rows["role"] == "NON-TARGET"].groupby("scan_date")["state"].agg(judge_nontarget)
    new = rows[rows["role"] == "NEW"]["scan_date"].min()
    days = pd.Index(rows["scan_date"].unique()).sort_values()
    response, nontarget = response.reindex(days).astype(object), nontarget.reindex(days).astype(object)
    return overall(response, nontarget, pd.Series(days >= new, index=days)).to_frame("overall_response")


def judge_nontarget(states: pd.Series) -> str:
    """Non-target response of one assessment."""
    if (states == "UNEQUIVOCAL PROGRESSION").any():
        return "PD"
    return "CR" if (states == "ABSENT").all() else "NON-CR/NON-PD"


def by_pyrecist(study: dict[str, pd.DataFrame], measured: pd.DataFrame) -> float | None:
    """Seconds of pyrecist on the target lesions, the only ones it judges."""
    if importlib.util.find_spec("pyrecist") is None:
        return None
    from pyrecist.assessment import Evaluator
    from pyrecist.data import Reader

    roles = study["lesions"].loc[study["lesions"]["role"] == "TARGET", ["patient_id", "lesion_id"]]
    rows = measured[measured["diameter_mm"].notna()].merge(roles, on=["patient_id", "lesion_id"])
    reader = Reader()
    reader._df = pd.DataFrame(
        {
            "patient_id": pd.factorize(rows["patient_id"])[0],
            "study_date": rows["scan_date"].dt.strftime("%Y%m%d").astype(int),
            "measurement": rows["diameter_mm"],
        }
    )
    start = time.perf_counter()
    Evaluator(reader).evaluate_recist()
    return time.perf_counter() - start


def peak_gib() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 2**20


def measure(folder: Path, n_patients: int) -> None:
    """Print medians of time, the ratio to the yardstick run by run, and the peak memory of the stage."""
    study = {name: tables.read(folder / f"{name}.csv", name) for name in TABLES}
    measured = measure_sizes(study)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak counts from here
    steps, rulers = [], []
    for _ in range(RUNS):
        rulers.append(yardstick(measured))
        steps.append(derive(study))
    total = [sum(step.values()) for step in steps]
    ratio = statistics.median(one / ruler for one, ruler in zip(total, rulers, strict=True))
    parts = ", ".join(f"{step} {statistics.median(run[step] for run in steps):.2f}" for step in steps[0])
    print(
        f"{n_patients} patients, {len(measured)} measurements: {statistics.median(total):.2f} s ({parts}); "
        f"yardstick {statistics.median(rulers):.3f} s; {ratio:.1f} yardsticks; peak {peak_gib():.2f} GiB",
        flush=True,
    )
    if n_patients <= SLOW_UP_TO:
        ruler = statistics.median(rulers)
        slow = {"groupby-apply": by_groupby_apply(study, measured), "pyrecist": by_pyrecist(study, measured)}
        print("; ".join(f"{name} {seconds / ruler:.0f} yardsticks" for name, seconds in slow.items() if seconds))


if __name__ == "__main__":
    if len(sys.argv) == 3 and Path(sys.argv[1]).is_dir():
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        measure(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        for size in map(int, sys.argv[1:] or ("1000", "10000", "100000")):
            with tempfile.TemporaryDirectory() as name:
                for table, frame in simulate_block(size).items():
                    if table in TABLES:
                        whole = pd.concat(repeat(tables.conform(frame, table), size))
                        rows = range(2, len(whole) + 2)
                        tables.save(
                            whole.assign(source_file=f"{table}.csv", source_row=rows),
                            Path(name) / f"{table}.csv",
                            table,
                        )
                subprocess.run([sys.executable, __file__, name, str(size)], check=True)
