"""Response of patients and of lesions in numbers, with exact or bootstrap intervals."""

import numpy as np
import pandas as pd
from scipy import special

from sonimage import schemas, tables

LIMITS = (2.5, 97.5)


def summarise_response(analysis_set: pd.DataFrame, analyses: list[dict]) -> pd.DataFrame:
    """Return best responses, objective response and clinical benefit rates (schema response_summary).

    `analyses`: those of the plan with method response_rate. Limits are Clopper and Pearson's.
    """
    parts = []
    for analysis in analyses:
        population, by = analysis["population"], analysis["grouping"]
        rows = analysis_set[tables.known_true(analysis_set[population])]
        levels = schemas.levels("analysis_set", by) if by else []
        groups = {level: rows[rows[by] == level] for level in levels} or {"all patients": rows}
        facts = {"analysis_id": analysis["id"], "population": population, "by": by or "all"}
        for group, members in groups.items():
            parts += [facts | {"group": group} | row for row in _count(members)]
    return tables.conform(pd.DataFrame(parts), "response_summary")


def _count(members: pd.DataFrame) -> list[dict]:
    best = members["best_response"].fillna("no assessment")
    levels = [*schemas.levels("best_response", "best_response"), "no assessment"]
    counted = {level: int((best == level).sum()) for level in levels}
    counted["objective response"] = int(tables.known_true(members["objective_response"]).sum())
    counted["clinical benefit"] = int(tables.known_true(members["clinical_benefit"]).sum())
    return [{"statistic": name} | _share(count, len(members)) for name, count in counted.items()]


def _share(count: int, total: int) -> dict:
    """Share with exact limits (Clopper and Pearson, Biometrika 1934;26:404)."""
    lower = special.betaincinv(count, total - count + 1, 0.025) if count else 0.0
    upper = special.betaincinv(count + 1, total - count, 0.975) if count < total else 1.0
    shares = {"share": count / total, "ci_lower": lower, "ci_upper": upper} if total else {}
    return {"n": count, "n_total": total} | shares


def summarise_lesion_response(
    lesion_change: pd.DataFrame, fes_status: pd.DataFrame, *, n_bootstrap: int, seed: int
) -> pd.DataFrame:
    """Return change in size and share of responding lesions by FES status and organ (schema lesion_response_summary).

    Lesions of one patient resemble each other: limits are percentiles over `n_bootstrap` draws of patients. The
    patient-weighted share gives each patient the same weight.
    """
    status = fes_status[["patient_id", "lesion_id", "fes_status"]]
    rows = lesion_change.drop(columns="organ").merge(
        fes_status[["patient_id", "lesion_id", "organ"]].merge(status), how="left", validate="one_to_one"
    )
    rows = rows[rows["best_change_percent"].notna()].sort_values(["patient_id", "lesion_id"])
    groups = [("all", "all lesions", rows)]
    groups += [
        ("fes_status", level, rows[rows["fes_status"] == level]) for level in schemas.levels("fes_status", "fes_status")
    ]
    groups += [("organ", organ, members) for organ, members in rows.groupby("organ")]
    parts = []
    for by, group, members in groups:
        facts = {"by": by, "group": group, "n_patients": members["patient_id"].nunique(), "n_lesions": len(members)}
        parts += [facts | row for row in _describe(members, np.random.default_rng(seed), n_bootstrap)]
    return tables.conform(pd.DataFrame(parts), "lesion_response_summary")


def _describe(lesions: pd.DataFrame, generator: np.random.Generator, n_bootstrap: int) -> list[dict]:
    if lesions.empty:
        return [{"statistic": "share responding"}]
    responding = lesions["category"].isin(["gone", "responding"])
    by_patient = pd.DataFrame({"lesions": 1, "responding": responding, "change": lesions["best_change_percent"]})
    sums = by_patient.groupby(lesions["patient_id"]).sum().to_numpy(dtype=float)
    drawn = generator.integers(len(sums), size=(n_bootstrap, len(sums)))
    totals = sums[drawn].sum(axis=1)
    weighted = (sums[:, 1] / sums[:, 0])[drawn].mean(axis=1)
    rows = [
        ("share responding", responding.mean(), totals[:, 1] / totals[:, 0]),
        ("share responding, patient-weighted", (sums[:, 1] / sums[:, 0]).mean(), weighted),
        ("mean best change (percent)", lesions["best_change_percent"].mean(), totals[:, 2] / totals[:, 0]),
    ]
    described = [
        {"statistic": name, "value": value}
        | dict(zip(("ci_lower", "ci_upper"), np.percentile(draws, LIMITS), strict=True))
        for name, value, draws in rows
    ]
    median = {"statistic": "median best change (percent)", "value": lesions["best_change_percent"].median()}
    counts = lesions["category"].value_counts()
    levels = schemas.levels("lesion_change", "category")
    return [*described, median, *({"statistic": level, "value": counts.get(level, 0)} for level in levels)]
