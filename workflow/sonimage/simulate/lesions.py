"""Simulated lesions, PET scans and uptake: a two-level log-normal model with partial-volume loss."""

import numpy as np
import pandas as pd

VISCERAL = ("lung", "liver", "pleura")
CUT = 1.5
RECOVERY_MM, RECOVERY = [5, 10, 13, 17, 22], [0.3, 0.45, 0.72, 0.87, 1.0]  # EARL, mid-points
LIVER_SUV = (2.4, 0.2)  # log mean and SD: background, says nothing of the lesion
TRACERS = {"FES-PET": ("fes", 3.0), "FDG-PET": ("fdg", 3.2)}


def draw_lesions(cohort: pd.DataFrame, parameters: dict, generator: np.random.Generator) -> pd.DataFrame:
    """Return one row per baseline lesion: organ, side, size, role on CT, true uptake and true FES status."""
    mean, size = parameters["lesions_extra_mean"], parameters["lesions_dispersion"]
    extra = generator.negative_binomial(size, size / (size + mean), len(cohort))
    count = np.minimum(1 + extra, parameters["lesions_cap"])
    owner = np.repeat(np.arange(len(cohort)), count)
    n = len(owner)
    shares = parameters["organ_shares"]
    organ = generator.choice(list(shares), n, p=np.array(list(shares.values())) / sum(shares.values()))
    organ = np.where(cohort["bone_only"].to_numpy()[owner], "bone", organ)
    is_node = organ == "lymph node"
    median = np.where(is_node, parameters["node_median_mm"], parameters["size_median_mm"])
    diameter = np.clip(median * np.exp(generator.normal(0, 0.4, n)), 6, 90).round(1)
    loss = generator.random(len(cohort)) < parameters["share_er_loss"]
    level = np.where(loss, parameters["fes_log_mean_er_loss"], parameters["fes_log_mean"])
    spread = np.where(loss, 0.2, parameters["fes_sd_between"])
    between = level + spread * generator.normal(size=len(cohort))
    fes = np.exp(between[owner] + parameters["fes_sd_within"] * generator.normal(size=n))
    hot = parameters["fdg_log_mean"] + parameters["fdg_sd_between"] * generator.normal(size=len(cohort))
    fdg = np.exp(hot[owner] + parameters["fdg_sd_within"] * generator.normal(size=n))
    recovery = np.where(organ == "bone", 1.0, np.interp(diameter, RECOVERY_MM, RECOVERY))
    liver = organ == "liver"
    measured_fes = np.where(liver, np.exp(generator.normal(*LIVER_SUV, n)), fes * recovery).round(2)
    small = (diameter < 10) & (organ != "bone")
    frame = pd.DataFrame(
        {
            "patient_id": cohort["patient_id"].to_numpy()[owner],
            "lesion_id": [f"L{number:02d}" for number in pd.Series(owner).groupby(owner).cumcount() + 1],
            "organ": organ,
            "laterality": _sides(organ, generator),
            "is_node": is_node,
            "diameter": diameter,
            "fes_suvmax": measured_fes,
            "fdg_suvmax": (fdg * recovery).round(2),
            "true_suvmax": fes.round(4),
            # every patient has disease on CT (SONIA: measurable or evaluable)
            "is_on_ct": (organ != "bone") | (generator.random(n) < 0.6) | ~pd.Series(owner).duplicated(),
        }
    )
    negative = frame["fes_suvmax"] < CUT
    frame["true_fes"] = np.select([liver, negative & small, negative], ["ne", "ne", "neg"], "pos")
    return frame.assign(role=_roles(frame))


def _sides(organ: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    side = generator.choice(["left", "right", "midline"], len(organ), p=[0.4, 0.4, 0.2])
    return np.select([organ == "liver", (organ == "lung") & (side == "midline")], [None, "right"], side)


def _roles(frame: pd.DataFrame) -> np.ndarray:
    """Targets: the largest measurable lesions, at most 2 an organ and 5 in all; other lesions on CT are non-target."""
    measurable = (frame["organ"] != "bone") & (frame["diameter"] >= np.where(frame["is_node"], 15, 10))
    ranked = frame[measurable].sort_values(["patient_id", "diameter"], ascending=[True, False])
    ranked = ranked[ranked.groupby(["patient_id", "organ"]).cumcount() < 2]
    targets = ranked[ranked.groupby("patient_id").cumcount() < 5].index
    return np.select([frame.index.isin(targets), frame["is_on_ct"]], ["TARGET", "NON-TARGET"], None)


def visceral_patients(lesions: pd.DataFrame) -> pd.Series:
    """Patients with lung, liver or pleural lesions."""
    return lesions.loc[lesions["organ"].isin(VISCERAL), "patient_id"].drop_duplicates()


def draw_scans_and_uptake(
    cohort: pd.DataFrame, lesions: pd.DataFrame, parameters: dict, generator: np.random.Generator
):
    """Return the PET scans and the readings on them."""
    n, scans, readings = len(cohort), [], []
    fes_day = cohort["first_treatment_date"] - pd.to_timedelta(generator.integers(1, 22, n), unit="D")
    for modality, (tracer, per_kg) in TRACERS.items():
        done = generator.random(n) >= parameters[f"share_{tracer}_missing"]
        apart = generator.integers(1, 15, n) if tracer == "fdg" else np.zeros(n, dtype=int)
        day = fes_day - pd.to_timedelta(apart, unit="D")
        injected = generator.integers(8 * 60, 16 * 60, n)
        late = generator.random(n) < 0.03
        waited = np.where(late, generator.integers(80, 96, n), np.clip(generator.normal(60, 4, n), 51, 74)).astype(int)
        fixed = generator.normal(200, 8, n)
        activity = np.where(
            cohort["centre"] == "UMCG", cohort["weight_kg"] * per_kg * generator.normal(1, 0.05, n), fixed
        )
        scan = pd.DataFrame(
            {
                "scan_id": cohort["patient_id"] + f" {modality} " + day.dt.strftime("%Y-%m-%d"),
                "patient_id": cohort["patient_id"],
                "modality": modality,
                "scan_date": day,
                "scanner": np.where(
                    cohort["centre"] == "UMCG", "SIEMENS Biograph64_Vision", "GE MEDICAL SYSTEMS Discovery MI"
                ),
                "weight_kg": cohort["weight_kg"],
                "height_cm": cohort["height_cm"],
                "injected_activity_mbq": activity.round(1),
                "injection_time": _clock(injected),
                "acquisition_time": _clock(injected + waited),
                "half_life_s": np.where(cohort["centre"] == "UMCG", 6586.2, 6588.0),
                "units": "BQML",
                "decay_correction": "START",
                "reconstruction": np.where(cohort["centre"] == "UMCG", "PSF+TOF 4i5s", "VPFXS"),
            }
        )[done]
        scans.append(scan)
        readings.append(_read(lesions, scan, tracer, parameters, generator))
    return pd.concat(scans), _place(pd.concat(readings, ignore_index=True), parameters["seed"])


def _place(readings: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Give every lesion a place in the body, which a scan finds again within a few millimetres."""
    generator = np.random.default_rng([seed, 1])
    lesion = readings.groupby(["patient_id", "lesion_id"]).ngroup().to_numpy()
    low, high = [-150, -100, 0], [150, 100, 900]
    place = generator.uniform(low, high, (lesion.max(initial=-1) + 1, 3))[lesion]
    found = (place + generator.normal(0, 2.5, (len(readings), 3))).round(1)
    return readings.assign(x_mm=found[:, 0], y_mm=found[:, 1], z_mm=found[:, 2])


def _clock(minutes: np.ndarray) -> list[str]:
    return [f"{minute // 60:02d}:{minute % 60:02d}:00" for minute in minutes]


def _read(lesions: pd.DataFrame, scan: pd.DataFrame, tracer: str, parameters: dict, generator: np.random.Generator):
    """One reading per lesion and scan; near the cut the reader's call may differ from the SUV."""
    rows = lesions.merge(scan[["patient_id", "scan_id"]], on="patient_id")
    suvmax = rows[f"{tracer}_suvmax"]
    visual = np.where(suvmax >= CUT, "positive", "negative")
    if tracer == "fes":
        near = (np.log(suvmax / CUT).abs() < 0.2) & (generator.random(len(rows)) < parameters["share_discordant_call"])
        flipped = np.where(visual == "positive", "negative", "positive")
        visual = np.select([rows["organ"] == "liver", near], ["not evaluable", flipped], visual)
    return pd.DataFrame(
        {
            "patient_id": rows["patient_id"],
            "lesion_id": rows["lesion_id"],
            "scan_id": rows["scan_id"],
            "suvmax": suvmax,
            "suvpeak": (suvmax * 0.85).round(2),
            "suvmean": (suvmax * 0.6).round(2),
            "volume_ml": (rows["diameter"] ** 3 * np.pi / 6000).round(2),
            "visual": visual,
        }
    )
