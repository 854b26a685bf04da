"""Figures of patients and time: flow, Kaplan-Meier curves, hazard ratios."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sonimage.plan.covariates import CONTINUOUS_LABELS
from sonimage.report.figures.drawing import COLOURS, LINES, say_no_data

RISK_MONTHS = np.arange(0, 73, 12)
RATIOS = (0.25, 0.5, 1, 2, 4, 8)


def kaplan_meier(curves: pd.DataFrame, grouping: str, title: str) -> tuple[plt.Figure, pd.DataFrame]:
    """Curves with bands and a table of patients at risk, censored and with events (KMunicate)."""
    shown = curves[curves["grouping"] == grouping]
    groups = list(shown["group"].unique())
    figure, (axes, table) = plt.subplots(
        2, 1, figsize=(7.5, 4.2 + 0.28 * len(groups)), height_ratios=[4, 0.4 + 0.45 * len(groups)], sharex=True
    )
    for number, group in enumerate(groups):
        curve = shown[shown["group"] == group]
        label = f"{group} (n = {curve['n_at_risk'].max()}, {curve['n_events'].sum()} events)"
        colour, line = COLOURS[number % len(COLOURS)], LINES[number % len(LINES)]
        axes.step(curve["months"], curve["survival"], where="post", color=colour, linestyle=line, label=label)
        axes.fill_between(
            curve["months"], curve["ci_lower"], curve["ci_upper"], step="post", color=colour, alpha=0.15, linewidth=0
        )
        censored = curve[curve["n_censored"] > 0]
        axes.plot(censored["months"], censored["survival"], "|", color=colour, markersize=6)
    axes.set(ylim=(0, 1.02), xlim=(-4, RISK_MONTHS[-1] + 4), ylabel="Progression-free share", title=title)
    axes.legend(frameon=False) if groups else say_no_data(axes)
    _risk_table(table, shown, groups)
    return figure, shown


def _risk_table(axes: plt.Axes, curves: pd.DataFrame, groups: list[str]) -> None:
    axes.set(ylim=(-0.6, len(groups) - 0.4), xticks=RISK_MONTHS, xlabel="Months since randomisation")
    axes.set_yticks(range(len(groups)), groups[::-1])
    axes.grid(visible=False)
    axes.spines[["left", "right", "top"]].set_visible(False)
    for number, group in enumerate(groups[::-1]):
        curve = curves[curves["group"] == group]
        for month in RISK_MONTHS:
            later, before = curve[curve["months"] >= month], curve[curve["months"] <= month]
            at_risk = int(later["n_at_risk"].max()) if len(later) else 0
            text = f"{at_risk} ({int(before['n_censored'].sum())}/{int(before['n_events'].sum())})"
            axes.text(month, number, text, ha="center", va="center", fontsize=7)
    axes.set_title("At risk (censored/events)", loc="left", fontsize=8)


def forest(cox: pd.DataFrame, title: str) -> tuple[plt.Figure, pd.DataFrame]:
    """Hazard ratios with 95 % limits on a log axis; rows without an estimate are left out and counted in the title."""
    shown = cox[cox["hazard_ratio"].notna()].reset_index(drop=True)
    left_out = len(cox) - len(shown)
    figure, axes = plt.subplots(figsize=(7.5, 1.2 + 0.24 * max(len(shown), 3)))
    position = np.arange(len(shown))[::-1]
    colour = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(shown["analysis_id"].unique())}
    for at, row in zip(position, shown.itertuples(), strict=True):
        ends = [[row.hazard_ratio - row.ci_lower], [row.ci_upper - row.hazard_ratio]]
        axes.errorbar(
            row.hazard_ratio, at, xerr=ends, fmt="s", color=colour[row.analysis_id], markersize=4, linewidth=1
        )
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xticks(RATIOS, [f"{ratio:g}" for ratio in RATIOS])
    axes.minorticks_off()
    labels = (
        shown["analysis_id"]
        + ": "
        + shown["term"]
        + shown["reference"].map(" against {}".format, na_action="ignore").fillna("")
    )
    axes.set_yticks(position, labels + " (" + shown["n_events"].astype(str) + " events)", fontsize=7)
    axes.set(
        xlabel="Hazard ratio for PFS1 (95 % CI), log scale",
        title=title + (f" ({left_out} without estimate)" if left_out else ""),
    )
    if shown.empty:
        say_no_data(axes)
    return figure, cox


def spline_curves(curves: pd.DataFrame, title: str) -> tuple[plt.Figure, pd.DataFrame]:
    """Hazard ratio along each continuous variable against its median (dotted), log axis, with 95 % limits."""
    drawn = list(curves.loc[curves["hazard_ratio"].notna(), "analysis_id"].unique())
    figure, panels = plt.subplots(1, max(len(drawn), 1), figsize=(9, 3.3), sharey=True, squeeze=False)
    for axes, analysis in zip(panels[0], drawn, strict=False):
        curve = curves[curves["analysis_id"] == analysis]
        first = curve.iloc[0]
        axes.plot(curve["value"], curve["hazard_ratio"], color=COLOURS[0])
        axes.fill_between(
            curve["value"], curve["ci_lower"], curve["ci_upper"], color=COLOURS[0], alpha=0.15, linewidth=0
        )
        axes.axhline(1, color="black", linewidth=0.8)
        axes.axvline(first["reference_value"], color="grey", linewidth=0.8, linestyle=":")
        axes.set_xlabel(CONTINUOUS_LABELS.get(first["variable"], first["variable"]), fontsize=8)
        axes.set_title(f"n = {first['n']}, {first['n_events']} events; knots {first['knots']}", fontsize=7)
        axes.set_yscale("log")
        axes.set_yticks(RATIOS, [f"{ratio:g}" for ratio in RATIOS])
        axes.minorticks_off()
    panels[0][0].set_ylabel("Hazard ratio for PFS1\nagainst the median, log scale", fontsize=8)
    figure.suptitle(title, fontsize=10)
    if not drawn:
        say_no_data(panels[0][0])
    return figure, curves


def attrition(steps: pd.DataFrame) -> tuple[plt.Figure, pd.DataFrame]:
    """The flow of patients: a box a step, those who left beside it."""
    figure, axes = plt.subplots(figsize=(7.5, 0.95 * len(steps) + 0.3))
    axes.set(xlim=(0, 10), ylim=(-len(steps) + 0.4, 0.6))
    axes.axis("off")
    before = 0
    for row in steps.itertuples():
        at = 1 - row.step
        words = f"{row.population}\nn = {row.n}, {row.n_events} PFS1 events"
        axes.text(
            3.2,
            at,
            words,
            ha="center",
            va="center",
            bbox={"boxstyle": "round,pad=0.4", "fc": "white", "ec": COLOURS[0]},
        )
        if row.n_left:
            axes.text(6.9, at + 0.5, f"{row.n_left} left: {row.reason}", ha="left", va="center", fontsize=8)
        if row.step > 1 and row.n == before - row.n_left:
            axes.annotate("", (3.2, at + 0.3), (3.2, at + 0.7), arrowprops={"arrowstyle": "->", "color": "black"})
        before = row.n
    return figure, steps
