"""What the PET scans showed, in numbers: lesions by organ, groups, scan checks and intervals by centre."""

import numpy as np
import pandas as pd

from sonimage import schemas, tables

STATUSES = ("pass", "warn", "fail", "unknown")
INTERVALS = ("fes_to_fdg_days", "fes_to_ct_days", "randomisation_to_fes_days", "treatment_to_fes_days")

NOT_RECORDED = "not recorded"


def summarise_imaging(
    fes_status: pd.DataFrame,
    heterogeneity: pd.DataFrame,
    scan_quality: pd.DataFrame,
    pet_baselines: pd.DataFrame,
    patients: pd.DataFrame,
    lesion_links: pd.DataFrame,
    link_review: pd.DataFrame,
    scan_listing: pd.DataFrame,
) -> pd.DataFrame:
    """Return tidy aggregates of imaging (schema imaging_summary)."""
    parts = [
        *_lesions_by_organ(fes_status),
        *_modalities(lesion_links),
        *_links(link_review),
        *_groups(heterogeneity),
        *_checks(scan_quality),
        *_scanners(scan_listing),
        *_intervals(pet_baselines, patients),
    ]
    return tables.conform(pd.DataFrame(parts), "imaging_summary")


def _row(section: str, group: str, item: str, statistic: str, value: float, n: int) -> dict:
    return {"section": section, "group": group, "item": item, "statistic": statistic, "value": value, "n": n}


def _lesions_by_organ(fes_status: pd.DataFrame) -> list[dict]:
    seen = fes_status[tables.known_true(fes_status["in_d2"])]
    groups = {"all organs": seen} | {
        organ: seen[seen["organ"] == organ] for organ in schemas.levels("lesions", "organ")
    }
    rows = []
    for organ, lesions in groups.items():
        if not len(lesions):
            continue
        n = len(lesions)
        rows.append(_row("lesions", organ, "patients", "count", lesions["patient_id"].nunique(), n))
        counts = lesions["fes_status"].value_counts()
        rows += [
            _row("lesions", organ, f"fes_{status}", "count", counts.get(status, 0), n)
            for status in ("pos", "neg", "ne")
        ]
        evaluable = counts.get("pos", 0) + counts.get("neg", 0)
        rows.append(
            _row(
                "lesions",
                organ,
                "fes_pos",
                "share",
                counts.get("pos", 0) / evaluable if evaluable else np.nan,
                evaluable,
            )
        )
        for tracer in ("fes", "fdg"):
            values = lesions[f"{tracer}_suvmax"]
            logs = np.log(values[values > 0])
            mean = np.exp(logs.mean()) if len(logs) else np.nan
            rows.append(_row("lesions", organ, f"{tracer}_suvmax", "geometric mean", mean, len(logs)))
            for quartile, name in ((0.25, "lower quartile"), (0.75, "upper quartile")):
                rows.append(
                    _row(
                        "lesions", organ, f"{tracer}_suvmax", name, values.quantile(quartile), int(values.notna().sum())
                    )
                )
    return rows


def _modalities(lesion_links: pd.DataFrame) -> list[dict]:
    """Lesions by the baseline scans they were seen on; one modality alone is data, not a gap."""
    counts = lesion_links["modalities"].fillna("none of them").value_counts().sort_index()
    return [_row("modalities", "all organs", seen_on, "lesions", n, len(lesion_links)) for seen_on, n in counts.items()]


def _links(link_review: pd.DataFrame) -> list[dict]:
    """Findings of the check of lesion links, per pair of modalities, zero included."""
    counts = link_review.groupby(["pair", "finding"]).size()
    return [
        _row("links", pair, finding, "lesions", counts.get((pair, finding), 0), int(counts[pair].sum()))
        for pair in counts.index.unique("pair")
        for finding in schemas.levels("link_review", "finding")
    ]


def _groups(heterogeneity: pd.DataFrame) -> list[dict]:
    n, rows = len(heterogeneity), []
    for column in ("het3", "het2", "het4", "dual3_kurland", "dual3_fudan"):
        counts = heterogeneity[column].value_counts()
        rows += [
            _row("groups", column, level, "patients", counts.get(level, 0), n)
            for level in schemas.levels("heterogeneity", column)
        ]
        rows.append(_row("groups", column, "no group", "patients", int(heterogeneity[column].isna().sum()), n))
    reasons = heterogeneity["not_evaluable_reason"].value_counts().sort_index()
    return rows + [
        _row("groups", "not_evaluable_reason", reason, "patients", count, n) for reason, count in reasons.items()
    ]


def _at_baseline(scans: pd.DataFrame) -> pd.DataFrame:
    baseline = scans[tables.known_true(scans["is_baseline"])]
    return baseline.assign(centre=baseline["centre"].fillna(NOT_RECORDED))


def _checks(scan_quality: pd.DataFrame) -> list[dict]:
    baseline = _at_baseline(scan_quality)
    counts = baseline.groupby(["centre", "check_id", "status"]).size()
    totals = baseline.groupby(["centre", "check_id"]).size()
    return [
        _row("scan quality", centre, check, status, counts.get((centre, check, status), 0), n)
        for (centre, check), n in totals.items()
        for status in STATUSES
    ]


def _scanners(scan_listing: pd.DataFrame) -> list[dict]:
    """Baseline scans by centre, tracer, scanner and reconstruction."""
    baseline = _at_baseline(scan_listing)
    equipment = baseline["scanner"].fillna(NOT_RECORDED) + ", " + baseline["reconstruction"].fillna(NOT_RECORDED)
    counts = baseline.groupby([baseline["centre"], equipment, baseline["modality"]]).size()
    totals = baseline.groupby(["centre", "modality"]).size()
    return [
        _row("scanners", centre, equipped, modality, n, totals[(centre, modality)])
        for (centre, equipped, modality), n in counts.items()
    ]


def _intervals(pet_baselines: pd.DataFrame, patients: pd.DataFrame) -> list[dict]:
    centre = pet_baselines["patient_id"].map(patients.set_index("patient_id")["centre"])
    rows = []
    for name, members in pet_baselines.groupby(centre.fillna(NOT_RECORDED)):
        for interval in INTERVALS:
            days = members[interval].dropna().astype(float)
            for statistic, quantile in (("lower quartile", 0.25), ("median", 0.5), ("upper quartile", 0.75)):
                rows.append(_row("intervals", name, interval, statistic, days.quantile(quantile), len(days)))
    return rows
