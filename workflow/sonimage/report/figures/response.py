"""Figures of response: waterfall, spider, swimmer."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.report.figures.drawing import COLOURS, HATCHES, say_no_data


def waterfall(changes: pd.DataFrame, colour_by: str, labels: dict[str, str], ylabel: str, title: str):
    """Bars of best change in order; `changes` has `change` (percent) and a group, no patient number."""
    shown = changes.dropna(subset=["change", colour_by]).sort_values(
        ["change", colour_by], ascending=[False, True], ignore_index=True
    )
    shown = shown.assign(position=np.arange(1, len(shown) + 1))[["position", "change", colour_by]]
    figure, axes = plt.subplots(figsize=(7.5, 3.6))
    for number, (level, label) in enumerate(labels.items()):
        rows = shown[shown[colour_by] == level]
        hatch = HATCHES[number % 4]
        axes.bar(
            rows["position"],
            rows["change"].clip(upper=100),
            width=0.9,
            color=COLOURS[number],
            hatch=hatch,
            label=f"{label} (n = {len(rows)})",
        )
    for line in (-30, 20):
        axes.axhline(line, color="black", linewidth=0.8, linestyle="--")
    axes.set(xlabel="In order of change", ylabel=ylabel, title=f"{title} (n = {len(shown)})", ylim=(-105, 105))
    axes.grid(visible=False, axis="x")
    axes.legend(frameon=False) if len(shown) else say_no_data(axes)
    return figure, shown


def spider(trajectory: pd.DataFrame, groups: pd.Series, labels: dict[str, str]):
    """Change of the sum of target diameters over time per patient, the CT at progression marked; a panel per group."""
    sums = trajectory.drop_duplicates(["patient_id", "assessment_date"])
    sums = sums.assign(group=sums["patient_id"].map(groups), line=sums.groupby("patient_id").ngroup() + 1)
    sums = sums.dropna(subset=["sum_change_from_baseline_percent", "group"])
    numbers = sums[["line", "group", "weeks", "sum_change_from_baseline_percent", "is_progression"]]
    figure, panels = plt.subplots(1, len(labels), figsize=(8.5, 3.4), sharex=True, sharey=True)
    for number, (axes, (level, label)) in enumerate(zip(np.atleast_1d(panels), labels.items(), strict=True)):
        rows = numbers[numbers["group"] == level]
        for _, line in rows.groupby("line"):
            axes.plot(
                line["weeks"],
                line["sum_change_from_baseline_percent"].clip(upper=120),
                color=COLOURS[number],
                linewidth=0.7,
                alpha=0.7,
            )
        ends = rows[tables.known_true(rows["is_progression"])]
        axes.plot(
            ends["weeks"], ends["sum_change_from_baseline_percent"].clip(upper=120), "x", color="black", markersize=4
        )
        axes.axhline(-30, color="black", linewidth=0.6, linestyle="--")
        axes.set(title=f"{label}\n(n = {rows['line'].nunique()})", xlabel="Weeks since baseline CT")
        if rows.empty:
            say_no_data(axes)
    np.atleast_1d(panels)[0].set_ylabel("Change of the sum (percent)")
    return figure, numbers


def swimmer(pfs1: pd.DataFrame, responses: pd.DataFrame, analysis_set: pd.DataFrame):
    """A bar per patient until event or censoring, in order of PFS1, with first response and the kind of ending."""
    rows = pfs1.merge(
        analysis_set[["patient_id", "allocation", "in_imaging_set"]], on="patient_id", validate="one_to_one"
    )
    rows = rows[tables.known_true(rows["in_imaging_set"]) & rows["pfs1_months"].notna()].sort_values(
        ["pfs1_months", "patient_id"], ignore_index=True
    )
    first = responses[responses["overall_response"].isin(["CR", "PR"])].groupby("patient_id")["assessment_date"].min()
    response = (rows["patient_id"].map(first) - rows["randomisation_date"]).dt.days / 30.4375
    numbers = rows[["allocation", "pfs1_months", "pfs1_reason"]].assign(
        position=rows.index + 1, first_response_months=response
    )
    figure, axes = plt.subplots(figsize=(7.5, 1.5 + 0.06 * len(rows)))
    for number, (level, label) in enumerate(schemas.level_labels("patients", "allocation").items()):
        bars = numbers[numbers["allocation"] == level]
        axes.barh(bars["position"], bars["pfs1_months"], color=COLOURS[number], height=0.8, label=label, alpha=0.75)
    for marker, (reason, ends) in zip(
        ("x", "s", "P", "D", "v", ">", ">", ">"), numbers.groupby("pfs1_reason"), strict=False
    ):
        axes.plot(
            ends["pfs1_months"],
            ends["position"],
            marker,
            color="black",
            markersize=3,
            linestyle="none",
            label=reason.capitalize(),
        )
    axes.plot(
        numbers["first_response_months"],
        numbers["position"],
        "o",
        color="white",
        markeredgecolor="black",
        markersize=3,
        linestyle="none",
        label="First response",
    )
    axes.set(
        xlabel="Months since randomisation",
        ylabel="Patients, in order of PFS1",
        title=f"Courses until PFS1 (n = {len(numbers)})",
        yticks=[],
    )
    axes.legend(frameon=True, fontsize=7, loc="lower right")
    return figure, numbers
