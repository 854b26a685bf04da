"""Figures of interval-censored times."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from sonimage.report.figures.drawing import COLOURS, LINES, say_no_data


def turnbull(curves: pd.DataFrame, grouping: str, title: str) -> tuple[plt.Figure, pd.DataFrame]:
    """Turnbull curves: lines where the curve is known, boxes across the intervals in which it falls somewhere.

    `curves`: schema turnbull_curves; returned are the rows of the grouping, which hold all that is drawn.
    """
    shown = curves[curves["grouping"] == grouping].reset_index(drop=True)
    groups = list(shown["group"].unique())
    figure, axes = plt.subplots(figsize=(7.5, 4.2))
    for number, group in enumerate(groups):
        curve = shown[shown["group"] == group]
        kinds = curve.iloc[0]
        label = (
            f"{group} (n = {kinds['n']}, {kinds['n_events']} events: "
            f"{kinds['n_interval']} between assessments, {kinds['n_exact']} on a known day)"
        )
        _draw_curve(axes, curve, COLOURS[number % len(COLOURS)], LINES[number % len(LINES)], label)
    axes.set(ylim=(0, 1.02), xlim=(0, None), xlabel="Months since randomisation", title=title)
    axes.set_ylabel("Progression-free share (boxes: not determined)")
    axes.legend(frameon=False, fontsize=7) if groups else say_no_data(axes)
    return figure, shown


def _draw_curve(axes: plt.Axes, curve: pd.DataFrame, colour: str, line: object, label: str) -> None:
    """Level lines from the end of each interval to the beginning of the next, a drop on a known day, boxes between."""
    is_open_ended = curve["upper_months"].isna()
    starts = np.append(0.0, curve.loc[~is_open_ended, "upper_months"])
    levels = np.append(1.0, curve.loc[~is_open_ended, "survival"])
    ends = np.append(curve["lower_months"], np.nan)[: len(starts)]
    for at, (start, end, level) in enumerate(zip(starts, ends, levels, strict=True)):
        name = label if at == 0 else None
        axes.plot([start, end], [level, level], color=colour, linestyle=line, label=name)
    for row in curve[~is_open_ended].itertuples():
        if row.lower_months == row.upper_months:
            axes.plot([row.lower_months] * 2, [row.survival_before, row.survival], color=colour, linestyle=line)
            continue
        corner, width = (row.lower_months, row.survival), row.upper_months - row.lower_months
        box = Rectangle(corner, width, row.mass, facecolor=colour, edgecolor=colour, alpha=0.3, linewidth=0.8)
        axes.add_patch(box)
    if is_open_ended.any():
        last = curve[is_open_ended].iloc[0]
        axes.plot(last["lower_months"], last["survival_before"], "|", color=colour, markersize=8)
