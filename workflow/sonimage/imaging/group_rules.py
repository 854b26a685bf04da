"""Rules that turn the lesions of a patient into a group: one function per kind, named in `KINDS`.

A rule takes the lesions and gives, patient by patient, a group, the value it was cut from, or both. Adding a definition
takes an entry of the config; a new kind of rule one function here and its levels in `KINDS`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.decision_table import decide

HOTTEST = 3  # Kurland 2017: the three lesions with the highest FDG uptake
BELOW, FROM_CUT = "below", "at_or_above"


class Lesions(NamedTuple):
    """Lesions with status and uptake: all of them, and those evaluable on FES-PET within the denominator."""

    every: pd.DataFrame
    evaluable: pd.DataFrame
    patients: pd.Index


class Grouped(NamedTuple):
    """Group and value by patient; the cut, where one was taken from the data."""

    group: pd.Series
    value: pd.Series
    cut: float | None = None


def select(like: pd.Series, conditions: list, answers: list) -> pd.Series:
    """The answer of the first condition that holds; empty where none does."""
    rules = zip(conditions, answers, strict=True)
    return pd.Series(decide(*rules, otherwise=None), index=like.index, dtype=object)


def geometric_mean(values: pd.Series, by: pd.Series) -> pd.Series:
    """Geometric mean per group of the values above 0."""
    usable = values.where(values > 0).dropna()
    return np.exp(np.log(usable).groupby(by.loc[usable.index]).mean())


def positive_share(lesions: Lesions) -> pd.Series:
    """FES-positive share of the evaluable lesions; empty without any."""
    positive = (lesions.evaluable["fes_status"] == "pos").astype(float)
    return positive.groupby(lesions.evaluable["patient_id"]).mean().reindex(lesions.patients)


def group_by_share(lesions: Lesions, *, groups: str) -> Grouped:
    """HET3, HET2 or HET4: all positive, none positive, between; a half belongs to the higher group."""
    share = positive_share(lesions)
    answers = {
        "het3": ([share == 1, share == 0, share.notna()], ["all_pos", "all_neg", "mixed"]),
        "het2": ([share == 1, share.notna()], ["all_pos", "any_neg"]),
        "het4": ([share == 1, share == 0, share >= 0.5, share.notna()], ["A", "D", "B", "C"]),
    }
    return Grouped(select(share, *answers[groups]), share)


def _hottest(lesions: pd.DataFrame, by: str) -> pd.DataFrame:
    ordered = lesions[lesions[by] > 0].sort_values(["patient_id", by, "lesion_id"], ascending=[True, False, True])
    return ordered.groupby("patient_id").head(HOTTEST)


MEASURES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "fes_pos_frac": lambda rows: (rows["fes_status"] == "pos").astype(float).groupby(rows["patient_id"]).mean(),
    "n_neg": lambda rows: (rows["fes_status"] == "neg").astype(float).groupby(rows["patient_id"]).sum(),
    "fes_gmean": lambda rows: geometric_mean(rows["fes_suvmax"], rows["patient_id"]),
    "fdg_gmean": lambda rows: geometric_mean(rows["fdg_suvmax"], rows["patient_id"]),
    "fes_median": lambda rows: rows.groupby("patient_id")["fes_suvmax"].median(),
    "fes_min": lambda rows: rows.groupby("patient_id")["fes_suvmax"].min(),
    "fes_max": lambda rows: rows.groupby("patient_id")["fes_suvmax"].max(),
    "fes_cv": lambda rows: _variation(rows.groupby("patient_id")["fes_suvmax"]),
    "fes_gmean_hottest3": lambda rows: MEASURES["fes_gmean"](_hottest(rows, "fdg_suvmax")),
    "fdg_gmean_hottest3": lambda rows: MEASURES["fdg_gmean"](_hottest(rows, "fdg_suvmax")),
    "fdg_max_over_min": lambda rows: _extremes(rows.groupby("patient_id")["fdg_suvmax"]),
    "fes_max_over_mean": lambda rows: geometric_mean(rows["fes_suvmax"] / rows["fes_suvmean"], rows["patient_id"]),
    "fes_fdg_ratio": lambda rows: geometric_mean(
        rows["fes_suvmax"] / rows["fdg_suvmax"].where(rows["fdg_suvmax"] > 0), rows["patient_id"]
    ),
}


def _variation(values) -> pd.Series:
    """Coefficient of variation: standard deviation (n - 1) over mean; empty for one lesion."""
    return values.std() / values.mean()


def _extremes(values) -> pd.Series:
    return values.max() / values.min().where(values.min() > 0)


def summarise_lesions(lesions: Lesions, *, measure: str, cut: float | str | None = None) -> Grouped:
    """One of `MEASURES` per patient; with a cut, at or above it or below. The cut `median` is that of the patients."""
    value = MEASURES[measure](lesions.evaluable).reindex(lesions.patients)
    if cut is None:
        return Grouped(pd.Series(None, index=value.index, dtype=object), value)
    at = float(value.median()) if cut == "median" else cut
    return Grouped(select(value, [value >= at, value.notna()], [FROM_CUT, BELOW]), value, at)


def group_kurland(
    lesions: Lesions, *, fdg_sul_cut: float | str, fes_sul_cut: float | str, background_organs: list[str]
) -> Grouped:
    """Low FDG; high FDG and high FES; high FDG and low FES (Kurland, Clin Cancer Res 2017;23:407), by patient.

    Geometric means over the three hottest FDG lesions (fewer if there are fewer), liver left out: FDG SULmax, FES SULmean.
    Empty without weight, height or SUVmean. A cut of `median` is that of the patients.
    """
    every = lesions.every
    hottest = _hottest(every[~every["organ"].isin(background_organs)], "fdg_sulmax")
    fdg, fes = (
        geometric_mean(hottest[name], hottest["patient_id"]).reindex(lesions.patients)
        for name in ("fdg_sulmax", "fes_sulmean")
    )
    fdg_cut, fes_cut = (
        value[fdg.notna() & fes.notna()].median() if cut == "median" else cut
        for value, cut in ((fdg, fdg_sul_cut), (fes, fes_sul_cut))
    )
    conditions = [fes.isna() | fdg.isna(), fdg < fdg_cut, fes >= fes_cut, fes.notna()]
    groups = select(fdg, conditions, [None, "low_fdg", "high_fdg_high_fes", "high_fdg_low_fes"])
    return Grouped(groups, fdg, float(fdg_cut))


def group_fudan(lesions: Lesions) -> Grouped:
    """Any FES-negative lesion; else low or high FES/FDG ratio, split at the median over the all-positive patients.

    Of the patients with both scans. Ratio: geometric mean over lesions of FES over FDG SUVmax.
    """
    has_fdg = lesions.every.groupby("patient_id")["has_fdg_scan"].any().reindex(lesions.patients)
    share = positive_share(lesions).where(tables.known_true(has_fdg))
    ratio = MEASURES["fes_fdg_ratio"](lesions.evaluable).reindex(lesions.patients).where(share == 1)
    cut = ratio.dropna().median()
    conditions = [share < 1, ratio > cut, ratio.notna()]
    return Grouped(select(share, conditions, ["any_neg", "all_pos_high_ratio", "all_pos_low_ratio"]), ratio, cut)


class Kind(NamedTuple):
    """A rule and, by its parameters, the levels it gives in order, the reference first; none: a value alone."""

    rule: Callable[..., Grouped]
    levels: Callable[[dict], tuple[str, ...]]


SHARE_LEVELS = {"het3": ("all_pos", "mixed", "all_neg"), "het2": ("all_pos", "any_neg"), "het4": ("A", "B", "C", "D")}
KINDS = {
    "share": Kind(group_by_share, lambda parameters: SHARE_LEVELS[parameters["groups"]]),
    "summary": Kind(summarise_lesions, lambda parameters: (BELOW, FROM_CUT) if "cut" in parameters else ()),
    "kurland": Kind(group_kurland, lambda parameters: ("low_fdg", "high_fdg_high_fes", "high_fdg_low_fes")),
    "fudan": Kind(group_fudan, lambda parameters: ("all_pos_low_ratio", "all_pos_high_ratio", "any_neg")),
}
