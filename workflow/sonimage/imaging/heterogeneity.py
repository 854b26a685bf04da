"""FES/FDG heterogeneity groups of each patient (Boers 2020; Kurland 2017; Fudan dual tracer): the contract's table."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.imaging import group_rules


def derive_heterogeneity(
    patients: pd.DataFrame,
    fes_status: pd.DataFrame,
    pet_baselines: pd.DataFrame,
    *,
    denominator: str,
    fdg_sul_cut: float,
    fes_sul_cut: float,
    background_organs: list[str],
) -> pd.DataFrame:
    """Return one row per patient with counts, groups and uptake summaries (schema heterogeneity).

    `denominator` (D1 to D4) says which lesions count. A patient without an evaluable lesion has no group of any kind but a
    reason.
    """
    counted = fes_status[tables.known_true(fes_status[f"in_{denominator.lower()}"])]
    evaluable = counted[counted["fes_status"].isin(["pos", "neg"])]
    rows = patients[["patient_id"]].set_index("patient_id")
    lesions = group_rules.Lesions(fes_status, evaluable, rows.index)
    rows = rows.assign(
        n_lesions=fes_status[tables.known_true(fes_status["in_d2"])].groupby("patient_id").size(),
        fes_eval_n=evaluable.groupby("patient_id").size(),
        fes_pos_n=evaluable[evaluable["fes_status"] == "pos"].groupby("patient_id").size(),
    ).fillna(0)
    baselines = pet_baselines.set_index("patient_id")
    rows = rows.assign(
        fes_pos_frac=(rows["fes_pos_n"] / rows["fes_eval_n"]).where(rows["fes_eval_n"] > 0),
        **{name: group_rules.group_by_share(lesions, groups=name).group for name in ("het3", "het2", "het4")},
        dual3_kurland=group_rules.group_kurland(
            lesions, fdg_sul_cut=fdg_sul_cut, fes_sul_cut=fes_sul_cut, background_organs=background_organs
        ).group.where(rows["fes_eval_n"] > 0),
        dual3_fudan=group_rules.group_fudan(lesions).group,
        not_evaluable_reason=_why_not(rows, counted, baselines, background_organs),
        **_geometric_means(evaluable),
    )
    counts = {name: rows[name].fillna(0) for name in ("fes_suvmax_n", "fdg_suvmax_n")}
    return tables.conform(
        rows.assign(**counts).rename_axis("patient_id").reset_index().sort_values("patient_id"), "heterogeneity"
    )


def _geometric_means(evaluable: pd.DataFrame) -> dict[str, pd.Series]:
    means = {}
    for tracer in ("fes", "fdg"):
        values = evaluable[f"{tracer}_suvmax"]
        means[f"{tracer}_suvmax_gmean"] = group_rules.geometric_mean(values, evaluable["patient_id"])
        means[f"{tracer}_suvmax_n"] = (values > 0).groupby(evaluable["patient_id"]).sum()
    return means


def _why_not(rows: pd.DataFrame, counted: pd.DataFrame, baselines: pd.DataFrame, organs: list[str]) -> pd.Series:
    in_denominator = counted.groupby("patient_id").size().reindex(rows.index, fill_value=0)
    others = counted[~counted["organ"].isin(organs)].groupby("patient_id").size().reindex(rows.index, fill_value=0)
    has_fes = tables.known_true(baselines["fes_scan_id"].notna().reindex(rows.index))
    reasons = [
        (rows["fes_eval_n"] > 0, ""),
        (~has_fes, "NO FES SCAN"),
        (rows["n_lesions"] == 0, "NO LESIONS"),
        (in_denominator == 0, "NO LESION IN DENOMINATOR"),
        (others == 0, "LIVER ONLY"),
    ]
    words = np.select([condition for condition, _ in reasons], [word for _, word in reasons], "NONE EVALUABLE")
    return pd.Series(words, index=rows.index, dtype=object).mask(lambda column: column == "")
