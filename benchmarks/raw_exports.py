"""Stages 1 to 3 on a large study in the plain layout, against `pandas.read_csv` of the same files in the same run.

`python benchmarks/raw_exports.py [patients ...]`: rows per second, ratio, peak memory; one process per size.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from large_study import PROJECT, repeat, simulate_block
from sonimage.cleaning import plausibility, typed_tables
from sonimage.exports import importing, maps
from sonimage.linking import one_study
from sonimage.simulate.study import write_plain

PLAIN = PROJECT / "config/exports/plain.yaml"


def write_study(folder: Path, n_patients: int) -> None:
    """The study as seven plain CSV files."""
    block = folder / "block"
    block.mkdir()
    write_plain(simulate_block(n_patients), block)
    for path in sorted(block.glob("*.csv")):
        text = pd.read_csv(path, dtype=str, keep_default_na=False)
        for number, copy in enumerate(repeat(text, n_patients)):
            copy.to_csv(folder / path.name, mode="a", header=number == 0, index=False)
        path.unlink()
    block.rmdir()


def run_stages(folder: Path) -> dict[str, float]:
    """Seconds of each stage, in memory."""
    plan, seconds, start = maps.load(PLAIN), {}, time.perf_counter()

    def lap(stage: str) -> None:
        nonlocal start
        seconds[stage], start = time.perf_counter() - start, time.perf_counter()

    imported = importing.import_exports(folder, plan)
    lap("import")
    texts, options, keys = dict(imported.tables), imported.field_options, imported.patient_keys
    del imported
    cleaned = {
        name: typed_tables.clean_table(texts.pop(name), name, plan["tables"][name], options).table
        for name in maps.TABLES
    }
    lap("clean")
    linked = one_study.link_patients(cleaned, plan, keys)
    del cleaned
    lap("link")
    plausibility.check_tables(linked.tables)
    lap("query rules")
    return seconds


def read_plainly(folder: Path) -> tuple[float, int]:
    """Seconds and rows of `pandas.read_csv` on every file."""
    start, rows = time.perf_counter(), 0
    for path in sorted(folder.glob("*.csv")):
        rows += len(pd.read_csv(path, low_memory=False))
    return time.perf_counter() - start, rows


def measure(n_patients: int) -> None:
    """Print one line: rows, seconds a stage, rows per second, ratio to read_csv, peak memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, __file__, "write", name, str(n_patients)], check=True)
        seconds = run_stages(folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        plain, rows = read_plainly(folder)
    total = sum(seconds.values())
    stages = ", ".join(f"{stage} {value:.1f}" for stage, value in seconds.items())
    print(
        f"{n_patients} patients, {rows} rows: {total:.1f} s ({stages}), {rows / total:,.0f} rows/s; "
        f"read_csv {plain:.2f} s; ratio {total / plain:.1f}; peak {peak:.2f} GiB",
        flush=True,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write_study(Path(sys.argv[2]), int(sys.argv[3]))
    elif len(sys.argv) == 2:
        measure(int(sys.argv[1]))
    else:
        for size in sys.argv[1:] or ["1000", "10000", "100000"]:
            subprocess.run([sys.executable, __file__, size], check=True)
