"""Figures of imaging: uptake, FES status, distributions, scan checks."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from sonimage import schemas, tables
from sonimage.report.figures.drawing import COLOURS, HATCHES, MARKERS, say_no_data

STATUS_MARKERS = {"pass": "o", "warn": "^", "fail": "X"}


def uptake_scatter(fes_status: pd.DataFrame, cut: float):
    """FES against FDG SUVmax per lesion on log axes, by FES status; the line is the cut."""
    shown = fes_status[
        (fes_status["fes_suvmax"] > 0) & (fes_status["fdg_suvmax"] > 0) & tables.known_true(fes_status["in_d2"])
    ]
    numbers = shown.sort_values(["fes_suvmax", "fdg_suvmax"])[
        ["organ", "fes_status", "fes_suvmax", "fdg_suvmax"]
    ].reset_index(drop=True)
    labels = schemas.level_labels("fes_status", "fes_status")
    counts = numbers["fes_status"].value_counts().reindex(list(labels), fill_value=0)
    named = {level: f"{label} (n = {counts[level]})" for level, label in labels.items()}
    figure, axes = plt.subplots(figsize=(6, 4.5))
    axes.axhline(cut, color="black", linewidth=0.8, linestyle="--")
    axes.set(
        xlabel="FDG SUVmax (g/mL)",
        ylabel="FES SUVmax (g/mL)",
        title=f"Uptake per lesion (n = {len(numbers)})",
    )
    if numbers.empty:
        say_no_data(axes)
    else:
        sns.scatterplot(
            x=numbers["fdg_suvmax"],
            y=numbers["fes_suvmax"],
            hue=numbers["fes_status"].map(named),
            style=numbers["fes_status"].map(named),
            hue_order=list(named.values()),
            style_order=list(named.values()),
            palette=list(COLOURS[: len(named)]),
            markers=list(MARKERS[: len(named)]),
            s=14,
            alpha=0.6,
            linewidth=0,
            ax=axes,
        )
        axes.set(
            xscale="log",
            yscale="log",
            xlabel="FDG SUVmax (g/mL)",
            ylabel="FES SUVmax (g/mL)",
        )
        sns.move_legend(axes, "best", title=None, frameon=True)
    return figure, numbers


def uptake_by_organ(fes_status: pd.DataFrame):
    """FES SUVmax by organ, log scale (violins with the lesions in them)."""
    shown = fes_status[(fes_status["fes_suvmax"] > 0) & tables.known_true(fes_status["in_d2"])]
    counts = shown["organ"].value_counts()
    organs = list(counts.index[counts >= 3])
    numbers = (
        shown[shown["organ"].isin(organs)]
        .sort_values(["organ", "fes_suvmax"])[["organ", "fes_suvmax"]]
        .reset_index(drop=True)
    )
    figure, axes = plt.subplots(figsize=(7, 3.6))
    if organs:
        sns.violinplot(
            numbers,
            x="organ",
            y="fes_suvmax",
            order=organs,
            log_scale=(False, True),
            inner="quart",
            color=COLOURS[4],
            linewidth=0.8,
            ax=axes,
            cut=0,
        )
        axes.set_xticks(range(len(organs)), [f"{organ}\n(n = {counts[organ]})" for organ in organs])
    else:
        say_no_data(axes)
    axes.set(xlabel="", ylabel="FES SUVmax (g/mL)", title="FES uptake by organ (organs with 3 lesions or more)")
    return figure, numbers


def lesion_map(fes_status: pd.DataFrame, heterogeneity: pd.DataFrame):
    """A bar per patient: shares of FES-positive, FES-negative and not evaluable lesions, in order of the positive share."""
    shown = fes_status[tables.known_true(fes_status["in_d1"])]
    counts = (
        shown.groupby(["patient_id", "fes_status"])
        .size()
        .unstack(fill_value=0)
        .reindex(columns=["pos", "neg", "ne"], fill_value=0)
    )
    share = heterogeneity.set_index("patient_id")["fes_pos_frac"].reindex(counts.index)
    order = counts.assign(share=share, total=counts.sum(axis=1)).sort_values(["share", "total", "pos"], ascending=False)
    numbers = order.reset_index(drop=True).rename_axis("position").reset_index()
    numbers["position"] += 1
    figure, axes = plt.subplots(figsize=(7.5, 3.2))
    bottom = np.zeros(len(numbers))
    for number, (level, label) in enumerate(schemas.level_labels("fes_status", "fes_status").items()):
        height = numbers[level] / numbers["total"]
        axes.bar(
            numbers["position"],
            height,
            bottom=bottom,
            width=1,
            color=COLOURS[number],
            hatch=HATCHES[number],
            label=label,
        )
        bottom += height.to_numpy()
    axes.set(
        xlabel="Patients, in order of the FES-positive share",
        ylabel="Share of lesions (D1)",
        title=f"FES status of lesions (n = {len(numbers)} patients, {int(numbers['total'].sum())} lesions)",
        ylim=(0, 1),
    )
    axes.legend(ncols=3, frameon=True, loc="lower left")
    return figure, numbers


def distributions(heterogeneity: pd.DataFrame):
    """Share of FES-positive lesions and number of lesions over patients."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3))
    shares = heterogeneity["fes_pos_frac"].dropna().astype(float).sort_values()
    lesions = heterogeneity["n_lesions"].dropna().astype(int).sort_values()
    of_two = np.arange(lesions.min(), lesions.max() + 3, 2) if len(lesions) else [0, 1]
    for axes, values, bins, colour in (
        (left, shares, np.linspace(0, 1, 11), COLOURS[0]),
        (right, lesions, of_two, COLOURS[2]),
    ):
        if len(values):
            sns.histplot(x=values, bins=bins, color=colour, ax=axes)
            axes.yaxis.get_major_locator().set_params(integer=True)
        else:
            say_no_data(axes)
    left.set(xlabel="Share of FES-positive lesions", ylabel="Patients", title=f"n = {len(shares)}")
    middle = f", median {lesions.median():g}" if len(lesions) else ""
    right.set(xlabel="Lesions seen at baseline", ylabel="Patients", title=f"n = {len(lesions)}{middle}")
    numbers = pd.DataFrame({"fes_pos_frac": shares.reset_index(drop=True)}).join(
        lesions.reset_index(drop=True), how="outer"
    )
    return figure, numbers


def scan_checks(scan_quality: pd.DataFrame, checks: dict[str, str]):
    """Values of scan checks per centre (`checks`: check -> label), failures as crosses."""
    shown = scan_quality[
        scan_quality["check_id"].isin(checks)
        & scan_quality["value"].notna()
        & tables.known_true(scan_quality["is_baseline"])
    ]
    numbers = shown.sort_values(["check_id", "centre", "value"])[
        ["check_id", "centre", "value", "unit", "status"]
    ].reset_index(drop=True)
    figure, panels = plt.subplots(1, len(checks), figsize=(2.3 * len(checks), 3.2))
    for axes, (check, label) in zip(np.atleast_1d(panels), checks.items(), strict=True):
        rows = numbers[numbers["check_id"] == check]
        centres = sorted(rows["centre"].dropna().unique())
        place = rows["centre"].map({centre: number for number, centre in enumerate(centres)})
        spread = 0.25 * np.sin(rows.groupby("centre").cumcount() * 2.4)
        if len(rows):
            sns.scatterplot(
                x=place + spread,
                y=rows["value"],
                hue=rows["centre"],
                style=rows["status"],
                hue_order=centres,
                palette=sns.color_palette(COLOURS, len(centres)),
                markers=STATUS_MARKERS,
                s=14,
                legend=False,
                ax=axes,
            )
        else:
            say_no_data(axes)
        axes.set_xticks(range(len(centres)), centres)
        axes.set(xlabel="", ylabel=label, xlim=(-0.6, max(len(centres), 1) - 0.4))
    figure.suptitle(f"Baseline scans: ● pass, ▲ warning, × fail (n = {len(numbers)} values)")
    return figure, numbers
