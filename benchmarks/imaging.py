"""Lesions through FES status, the contract's groups and every definition of the config: rows per second at three sizes.

`python benchmarks/imaging.py`
"""

import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from sonimage import tables
from sonimage.imaging import fes_status, group_definitions, heterogeneity

CONFIG = yaml.safe_load((Path(__file__).parents[1] / "config/config.yaml").read_text(encoding="utf-8"))
STATUS_RULES = {
    name: value for name, value in CONFIG["fes_status"].items() if name not in ("large_from_mm", "fdg_suvmax_cut")
}
SIZES = (10_000, 100_000, 1_000_000)
PER_PATIENT = 10


def draw_readings(n: int) -> pd.DataFrame:
    """Lesions of n / 10 patients with all that is read of them at baseline."""
    generator = np.random.default_rng(1)
    patient = np.char.add("P", np.char.zfill((np.arange(n) // PER_PATIENT).astype(str), 7)).astype(object)
    uptake = {name: np.exp(generator.normal(1, 0.7, n)) for name in ("fes_suvmax", "fdg_suvmax")}
    call = np.array(["positive", "negative", "not evaluable", None], dtype=object)
    organs = np.array(["bone", "lymph node", "lung", "liver", "bowel"], dtype=object)
    frame = pd.DataFrame(
        {
            "patient_id": patient,
            "lesion_id": np.char.add("L", (np.arange(n) % PER_PATIENT).astype(str)).astype(object),
            "organ": organs[generator.choice(5, n, p=[0.6, 0.2, 0.1, 0.06, 0.04])],
            "is_on_ct": generator.random(n) < 0.8,
            "is_on_fdg": generator.random(n) < 0.8,
            "is_on_fes": True,
            "has_fes_scan": True,
            "has_fdg_scan": True,
            "baseline_diameter_mm": np.where(generator.random(n) < 0.5, generator.uniform(5, 60, n), np.nan),
            "fes_visual": call[generator.choice(4, n, p=[0.3, 0.2, 0.05, 0.45])],
            "fdg_visual": call[generator.choice(4, n, p=[0.7, 0.1, 0.05, 0.15])],
            **uptake,
            "fes_suvmean": 0.6 * uptake["fes_suvmax"],
            "fes_sulmean": 0.4 * uptake["fes_suvmax"],
            "fdg_sulmax": 0.65 * uptake["fdg_suvmax"],
        }
    )
    return tables.conform(frame, "fes_status").assign(fdg_in_field_of_view=pd.array([pd.NA] * n, dtype="boolean"))


def measure(n: int) -> dict[str, float]:
    """Seconds of each step for n lesions."""
    readings = draw_readings(n)
    patients = readings[["patient_id"]].drop_duplicates()
    baselines = tables.conform(patients.assign(fes_scan_id="f", fdg_scan_id="g"), "pet_baselines")
    seconds, start = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal start
        seconds[name], start = time.perf_counter() - start, time.perf_counter()

    status = fes_status.derive_fes_status(readings, **CONFIG["fes_status"])
    lap("status")
    heterogeneity.derive_heterogeneity(
        patients, status, baselines, background_organs=["liver"], **CONFIG["heterogeneity"]
    )
    lap("groups")
    group_definitions.derive_group_definitions(patients, status, CONFIG["group_definitions"], status_rules=STATUS_RULES)
    lap("definitions")
    return seconds


if __name__ == "__main__":
    print(f"{len(CONFIG['group_definitions'])} definitions; {PER_PATIENT} lesions a patient; best of 3")
    for size in SIZES:
        runs = [measure(size) for _ in range(3 if size < max(SIZES) else 2)]
        best = {name: min(run[name] for run in runs) for name in runs[0]}
        words = "  ".join(f"{name} {value:6.2f} s {size / value:12,.0f} rows/s" for name, value in best.items())
        print(f"{size:9,} lesions: {words}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
