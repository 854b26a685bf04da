"""The forest of the primary model under other endpoints, groups and populations."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sonimage.report.figures.drawing import COLOURS, MARKERS, say_no_data
from sonimage.report.presentation.other_models import name_choice

LIMITS = ["hazard_ratio", "ci_lower", "ci_upper"]
TICKS = [0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16]
WIDEST = (1 / 32, 32)  # a limit beyond runs out of the figure


def sensitivity_forest(rows: pd.DataFrame, title: str) -> tuple[plt.Figure, pd.DataFrame]:
    """A panel per term, a line per choice with patients and events; the primary model's ratio as a dotted line.

    Where two methods stand side by side, each has its own marker; a choice without an estimate keeps its line, empty.
    """
    rows = rows.assign(choice=name_choice(rows))
    choices, terms = list(rows["choice"].unique()), list(rows["term"].unique())
    methods = {
        method: number for number, method in enumerate(rows.loc[rows["hazard_ratio"].notna(), "method"].unique())
    }
    figure, panels = plt.subplots(
        1, max(len(terms), 1), figsize=(9, 1.4 + 0.22 * max(len(choices), 3)), sharex=True, sharey=True, squeeze=False
    )
    for axes, term in zip(panels[0], terms or ["no term"], strict=True):
        shown = rows[(rows["term"] == term) & np.isfinite(rows[LIMITS].astype(float)).all(axis=1)]
        _panel(axes, shown, choices, methods)
        axes.set_title(_heading(rows[rows["term"] == term], term), fontsize=9)
    counts = rows.drop_duplicates("choice")
    labels = counts["choice"] + ": " + counts["n"].astype(str) + " (" + counts["n_events"].astype(str) + ")"
    panels[0][0].set_yticks(-np.arange(len(choices)), labels, fontsize=7)
    lower, upper = panels[0][0].get_xlim()
    panels[0][0].set_xlim(max(lower, WIDEST[0]), min(upper, WIDEST[1]))
    figure.suptitle(f"{title}: patients (events)", fontsize=10)
    if len(methods) > 1:
        handles = dict(
            reversed(pair) for axes in panels[0] for pair in zip(*axes.get_legend_handles_labels(), strict=True)
        )
        figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=2, frameon=False, fontsize=7)
    return figure, rows


def _panel(axes: plt.Axes, shown: pd.DataFrame, choices: list[str], methods: dict[str, int]) -> None:
    axes.set_xscale("log")
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.minorticks_off()
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("Hazard ratio for PFS1 (95 % CI), log scale", fontsize=8)
    if shown.empty:
        return say_no_data(axes)
    primary = shown.loc[shown["varied"] == "nothing", "hazard_ratio"]
    if len(primary):
        axes.axvline(primary.iloc[0], color="grey", linewidth=0.8, linestyle=":")
    for method, rows in shown.groupby("method", sort=False):
        number = methods[method]
        at = -np.array([choices.index(choice) for choice in rows["choice"]]) - 0.25 * number
        ratio = rows["hazard_ratio"].to_numpy()
        ends = [ratio - rows["ci_lower"].to_numpy(), rows["ci_upper"].to_numpy() - ratio]
        style = {"color": COLOURS[number % len(COLOURS)], "fmt": MARKERS[number % len(MARKERS)]}
        axes.errorbar(ratio, at, xerr=ends, markersize=4, linewidth=1, label=method, **style)
    return None


def _heading(rows: pd.DataFrame, term: str) -> str:
    references = rows["reference"].dropna()
    return f"{term} against {references.iloc[0]}" if len(references) else term
