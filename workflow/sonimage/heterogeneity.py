"""FES/FDG heterogeneity groups of each patient (Boers 2020; Kurland 2017; Fudan dual tracer)."""

import numpy as np
import pandas as pd

from sonimage import suv, tables

HOTTEST = 3  # Kurland 2017: the three lesions with the highest FDG uptake


def derive_heterogeneity(
    patients: pd.DataFrame,
    fes_status: pd.DataFrame,
    uptake: pd.DataFrame,
    scans: pd.DataFrame,
    pet_baselines: pd.DataFrame,
    *,
    denominator: str,
    fdg_sul_cut: float,
    fes_sul_cut: float,
    background_organs: list[str],
) -> pd.DataFrame:
    """Return one row per patient (schema heterogeneity): counts, share, groups, geometric means.

    `denominator`: D1 to D4, the lesions that count. A patient without an evaluable lesion has counts of 0, empty groups
    and a reason. Groups say nothing of the scan's quality or the patient's eligibility.
    """
    counted = fes_status[tables.known_true(fes_status[f"in_{denominator.lower()}"])]
    evaluable = counted[counted["fes_status"].isin(["pos", "neg"])]
    rows = patients[["patient_id"]].set_index("patient_id")
    rows = rows.assign(
        n_lesions=fes_status[tables.known_true(fes_status["in_d2"])].groupby("patient_id").size(),
        fes_eval_n=evaluable.groupby("patient_id").size(),
        fes_pos_n=evaluable[evaluable["fes_status"] == "pos"].groupby("patient_id").size(),
    ).fillna(0)
    share = (rows["fes_pos_n"] / rows["fes_eval_n"]).where(rows["fes_eval_n"] > 0)
    baselines = pet_baselines.set_index("patient_id")
    has_fdg = tables.known_true(baselines["fdg_scan_id"].notna().reindex(rows.index))
    rows = rows.assign(
        fes_pos_frac=share,
        het3=_select(share, [share == 1, share == 0, share.notna()], ["all_pos", "all_neg", "mixed"]),
        het2=_select(share, [share == 1, share.notna()], ["all_pos", "any_neg"]),
        het4=_select(share, [share == 1, share == 0, share >= 0.5, share.notna()], ["A", "D", "B", "C"]),
        dual3_kurland=group_kurland(
            patients, fes_status, uptake, scans, pet_baselines, fdg_sul_cut, fes_sul_cut, background_organs
        ),
        dual3_fudan=group_fudan(evaluable, share.where(has_fdg)),
        not_evaluable_reason=_why_not(rows, fes_status, counted, baselines, background_organs),
        **_geometric_means(evaluable),
    )
    counts = {name: rows[name].fillna(0) for name in ("fes_suvmax_n", "fdg_suvmax_n")}
    return tables.conform(
        rows.assign(**counts).rename_axis("patient_id").reset_index().sort_values("patient_id"), "heterogeneity"
    )


def _select(like: pd.Series, conditions: list, answers: list) -> pd.Series:
    """The answer of the first condition that holds; empty where none does."""
    return pd.Series(np.select(conditions, answers, ""), index=like.index, dtype=object).mask(
        lambda column: column == ""
    )


def geometric_mean(values: pd.Series, by: pd.Series) -> pd.Series:
    """Geometric mean per group of the values above 0."""
    usable = values.where(values > 0).dropna()
    return np.exp(np.log(usable).groupby(by.loc[usable.index]).mean())


def _geometric_means(evaluable: pd.DataFrame) -> dict[str, pd.Series]:
    means = {}
    for tracer in ("fes", "fdg"):
        values = evaluable[f"{tracer}_suvmax"]
        means[f"{tracer}_suvmax_gmean"] = geometric_mean(values, evaluable["patient_id"])
        means[f"{tracer}_suvmax_n"] = (values > 0).groupby(evaluable["patient_id"]).sum()
    return means


def _why_not(
    rows: pd.DataFrame, fes_status: pd.DataFrame, counted: pd.DataFrame, baselines: pd.DataFrame, organs: list[str]
):
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


def group_kurland(
    patients: pd.DataFrame,
    fes_status: pd.DataFrame,
    uptake: pd.DataFrame,
    scans: pd.DataFrame,
    pet_baselines: pd.DataFrame,
    fdg_sul_cut: float,
    fes_sul_cut: float,
    background_organs: list[str],
) -> pd.Series:
    """Low FDG; high FDG and high FES; high FDG and low FES (Kurland, Clin Cancer Res 2017;23:407), by patient.

    Geometric means over the three hottest FDG lesions (fewer if there are fewer), liver left out: FDG SULmax, FES SULmean.
    Empty without weight, height or SUVmean.
    """
    sul = {
        tracer: _baseline_sul(patients, uptake, scans, pet_baselines[f"{tracer}_scan_id"], measure)
        for tracer, measure in (("fdg", "suvmax"), ("fes", "suvmean"))
    }
    outside = fes_status.loc[~fes_status["organ"].isin(background_organs), ["patient_id", "lesion_id"]]
    lesions = outside.merge(sul["fdg"], on=["patient_id", "lesion_id"]).rename(columns={"sul": "fdg"})
    lesions = lesions.merge(sul["fes"], on=["patient_id", "lesion_id"], how="left").rename(columns={"sul": "fes"})
    hottest = lesions[lesions["fdg"] > 0].sort_values(["patient_id", "fdg", "lesion_id"], ascending=[True, False, True])
    hottest = hottest.groupby("patient_id").head(HOTTEST)
    fdg, fes = (geometric_mean(hottest[tracer], hottest["patient_id"]) for tracer in ("fdg", "fes"))
    fes = fes.reindex(fdg.index)
    conditions = [fes.isna(), fdg < fdg_sul_cut, fes >= fes_sul_cut]
    return _select(fdg, [*conditions, fes.notna()], ["", "low_fdg", "high_fdg_high_fes", "high_fdg_low_fes"])


def _baseline_sul(patients: pd.DataFrame, uptake: pd.DataFrame, scans: pd.DataFrame, baseline: pd.Series, measure: str):
    """SUL of each lesion on the baseline scan, from the scan's weight and height (Janmahasatian)."""
    bodies = scans[["scan_id", "weight_kg", "height_cm"]].merge(
        scans[["scan_id", "patient_id"]].merge(patients[["patient_id", "sex"]], on="patient_id"), on="scan_id"
    )
    factor = suv.sul_factor(bodies["weight_kg"], bodies["height_cm"], bodies["sex"]).set_axis(bodies["scan_id"])
    rows = uptake[uptake["scan_id"].isin(baseline.dropna())]
    return (
        rows[["patient_id", "lesion_id"]].assign(sul=rows[measure] * rows["scan_id"].map(factor)).dropna(subset="sul")
    )


def group_fudan(evaluable: pd.DataFrame, share: pd.Series) -> pd.Series:
    """Any FES-negative lesion; else low or high FES/FDG ratio, split at the median over the all-positive patients.

    `share`: FES-positive share of the patients with both scans. Ratio: geometric mean over lesions of FES over FDG SUVmax.
    """
    ratio = geometric_mean(
        evaluable["fes_suvmax"] / evaluable["fdg_suvmax"].where(evaluable["fdg_suvmax"] > 0), evaluable["patient_id"]
    )
    ratio = ratio.reindex(share.index).where(share == 1)
    conditions = [share < 1, ratio > ratio.dropna().median(), ratio.notna()]
    return _select(share, conditions, ["any_neg", "all_pos_high_ratio", "all_pos_low_ratio"])
