"""Figures, one function each: finished tables in, a figure and the numbers behind it out.

Colours are seaborn's colour-blind palette, with line styles and markers beside them for print. The numbers behind a
figure of patients carry a plot position, no patient number and no date.
"""

import base64
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from sonimage import schemas, tables

COLOURS = sns.color_palette("colorblind")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P")
RISK_MONTHS = np.arange(0, 73, 12)
NO_DATA = "no data"

sns.set_theme(style="whitegrid", context="paper", palette="colorblind")
plt.rcParams.update(
    {"svg.hashsalt": "sonimage", "svg.fonttype": "none", "pdf.fonttype": 42, "figure.constrained_layout.use": True}
)


def save(figure: plt.Figure, numbers: pd.DataFrame, stem: str | Path) -> None:
    """Write the figure as SVG and PDF and its numbers as CSV, the same bytes on every run."""
    Path(stem).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(f"{stem}.svg", metadata={"Date": None, "Creator": "SONImage workflow"})
    figure.savefig(f"{stem}.pdf", metadata={"CreationDate": None, "Creator": "SONImage workflow", "Producer": None})
    numbers.to_csv(f"{stem}.csv", index=False, lineterminator="\n")


def show(figure: plt.Figure, numbers: pd.DataFrame, stem: str | Path) -> None:
    """Save the figure and display it on the page as it was saved."""
    from IPython.display import HTML, display

    save(figure, numbers, stem)
    plt.close(figure)
    image = base64.b64encode(Path(f"{stem}.svg").read_bytes()).decode("ascii")
    display(HTML(f'<img alt="{Path(stem).name}" src="data:image/svg+xml;base64,{image}">'))


def _empty(axes: plt.Axes) -> None:
    axes.text(0.5, 0.5, NO_DATA, ha="center", va="center", transform=axes.transAxes)


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
    axes.legend(frameon=False) if groups else _empty(axes)
    _risk_table(table, shown, groups)
    return figure, shown


def _risk_table(axes: plt.Axes, curves: pd.DataFrame, groups: list[str]) -> None:
    axes.set(ylim=(-0.6, len(groups) - 0.4), xticks=RISK_MONTHS, xlabel="Months since randomisation")
    axes.set_yticks(range(len(groups)), groups[::-1])
    axes.grid(visible=False)
    sns.despine(ax=axes, left=True)
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
    ticks = [0.25, 0.5, 1, 2, 4, 8]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
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
        _empty(axes)
    return figure, cox


def attrition(steps: pd.DataFrame) -> tuple[plt.Figure, pd.DataFrame]:
    """The flow of patients: a box a step, those who left beside it."""
    figure, axes = plt.subplots(figsize=(7.5, 0.95 * len(steps) + 0.3))
    axes.set(xlim=(0, 10), ylim=(-len(steps) + 0.4, 0.6))
    axes.axis("off")
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
        if row.step > 1:
            axes.annotate("", (3.2, at + 0.3), (3.2, at + 0.7), arrowprops={"arrowstyle": "->", "color": "black"})
    return figure, steps


def waterfall(changes: pd.DataFrame, colour_by: str, labels: dict[str, str], ylabel: str, title: str):
    """Bars of best change in order; `changes` has `change` (percent) and a group, no patient number."""
    shown = changes.dropna(subset="change").sort_values(
        ["change", colour_by], ascending=[False, True], ignore_index=True
    )
    shown = shown.assign(position=np.arange(1, len(shown) + 1))[["position", "change", colour_by]]
    figure, axes = plt.subplots(figsize=(7.5, 3.6))
    for number, (level, label) in enumerate(labels.items()):
        rows = shown[shown[colour_by] == level]
        hatch = ("", "///", "xxx", "...")[number % 4]
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
    axes.legend(frameon=False) if len(shown) else _empty(axes)
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
            _empty(axes)
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


def uptake_scatter(fes_status: pd.DataFrame, cut: float):
    """FES against FDG SUVmax per lesion on log axes, by FES status; the line is the cut."""
    shown = fes_status[
        (fes_status["fes_suvmax"] > 0) & (fes_status["fdg_suvmax"] > 0) & tables.known_true(fes_status["in_d2"])
    ]
    numbers = shown.sort_values(["fes_suvmax", "fdg_suvmax"])[
        ["organ", "fes_status", "fes_suvmax", "fdg_suvmax"]
    ].reset_index(drop=True)
    figure, axes = plt.subplots(figsize=(6, 4.5))
    for number, (level, label) in enumerate(schemas.level_labels("fes_status", "fes_status").items()):
        rows = numbers[numbers["fes_status"] == level]
        axes.plot(
            rows["fdg_suvmax"],
            rows["fes_suvmax"],
            MARKERS[number],
            color=COLOURS[number],
            markersize=3,
            alpha=0.6,
            label=f"{label} (n = {len(rows)})",
            linestyle="none",
        )
    axes.axhline(cut, color="black", linewidth=0.8, linestyle="--")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="FDG SUVmax (g/mL)",
        ylabel="FES SUVmax (g/mL)",
        title=f"Uptake per lesion (n = {len(numbers)})",
    )
    axes.legend(frameon=True) if len(numbers) else _empty(axes)
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
            color=COLOURS[9],
            linewidth=0.8,
            ax=axes,
            cut=0,
        )
        axes.set_xticks(range(len(organs)), [f"{organ}\n(n = {counts[organ]})" for organ in organs])
    else:
        _empty(axes)
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
            hatch=("", "///", "...")[number],
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
    shares = heterogeneity["fes_pos_frac"].dropna().sort_values()
    sns.histplot(x=shares.astype(float), bins=np.linspace(0, 1, 11), color=COLOURS[0], ax=left)
    left.set(xlabel="Share of FES-positive lesions", ylabel="Patients", title=f"n = {len(shares)}")
    lesions = heterogeneity["n_lesions"].dropna().astype(int).sort_values()
    sns.histplot(x=lesions, binwidth=2, color=COLOURS[2], ax=right)
    right.set(
        xlabel="Lesions seen at baseline",
        ylabel="Patients",
        title=f"n = {len(lesions)}, median {lesions.median():g}" if len(lesions) else NO_DATA,
    )
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
        for number, centre in enumerate(centres):
            values = rows[rows["centre"] == centre]
            spread = number + 0.25 * np.sin(np.arange(len(values)) * 2.4)
            for status, marker in (("pass", "o"), ("warn", "^"), ("fail", "x")):
                of_status = (values["status"] == status).to_numpy()
                axes.plot(
                    spread[of_status],
                    values["value"][of_status],
                    marker,
                    color=COLOURS[number],
                    markersize=3,
                    linestyle="none",
                )
        axes.set_xticks(range(len(centres)), centres)
        axes.set(ylabel=label, xlim=(-0.6, max(len(centres), 1) - 0.4))
        if rows.empty:
            _empty(axes)
    figure.suptitle(f"Baseline scans: o pass, ^ warning, x fail (n = {len(numbers)} values)")
    return figure, numbers
