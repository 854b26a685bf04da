"""Figure of scan quality: how the checks of the baseline scans came out, by centre."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sonimage.report.figures.drawing import COLOURS, say_no_data

STATUSES = {
    "pass": (COLOURS[4], ""),
    "warn": (COLOURS[5], "///"),
    "fail": (COLOURS[1], "xxx"),
    "unknown": ("white", "..."),
}


def check_statuses(imaging_summary: pd.DataFrame):
    """Bars per check: shares of baseline scans that passed, warned, failed or could not be checked; one panel per centre."""
    numbers = imaging_summary[imaging_summary["section"] == "scan quality"].reset_index(drop=True)
    numbers = numbers.rename(columns={"group": "centre", "item": "check", "statistic": "status", "value": "scans"})
    numbers = numbers[["centre", "check", "status", "scans", "n"]]
    centres, checks = sorted(numbers["centre"].unique()), sorted(numbers["check"].unique(), reverse=True)
    figure, panels = plt.subplots(
        1, max(len(centres), 1), figsize=(8, 1 + 0.22 * max(len(checks), 8)), sharey=True, squeeze=False
    )
    for axes, centre in zip(panels[0], centres or [None], strict=True):
        _bars(axes, numbers[numbers["centre"] == centre], checks)
        axes.set(xlabel="Share of baseline scans", title=centre, xlim=(0, 1))
    if numbers.empty:
        say_no_data(panels[0][0])
    else:
        handles, labels = panels[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, ncols=4, loc="outside lower center", frameon=False)
    figure.suptitle("Checks of baseline scans (number of scans at each bar)")
    return figure, numbers


def _bars(axes: plt.Axes, rows: pd.DataFrame, checks: list[str]) -> None:
    """Stacked shares in the order of the checks; the number of scans behind each bar stands at its end."""
    totals = rows.drop_duplicates("check").set_index("check")["n"].reindex(checks)
    left = np.zeros(len(checks))
    for status, (colour, hatch) in STATUSES.items():
        counts = rows[rows["status"] == status].set_index("check")["scans"].reindex(checks).fillna(0)
        share = (counts / totals).fillna(0).to_numpy()
        axes.barh(checks, share, left=left, color=colour, hatch=hatch, edgecolor="0.3", linewidth=0.4, label=status)
        left += share
    for place, total in enumerate(totals):
        if total > 0:
            axes.text(1.01, place, f"{total:.0f}", va="center", fontsize=6)
