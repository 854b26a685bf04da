"""Figures of the groups: agreement of definitions, mixed disease by number of lesions, models of lesions."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sonimage.report.figures.drawing import COLOURS, LINES, MARKERS, say_no_data


def agreement(group_agreement: pd.DataFrame, primary: str):
    """Cohen's kappa of each definition with the primary one, with limits, and the patients who change or lose their group."""
    rows = group_agreement[group_agreement["definition_a"] == primary]
    numbers = rows.drop(columns="definition_a").rename(columns={"definition_b": "definition"}).reset_index(drop=True)
    figure, axes = plt.subplots(figsize=(7.5, 1 + 0.26 * max(len(numbers), 4)))
    place = np.arange(len(numbers))[::-1]
    known = numbers["kappa"].notna().to_numpy()
    spread = [numbers["kappa"] - numbers["ci_lower"], numbers["ci_upper"] - numbers["kappa"]]
    axes.errorbar(
        numbers["kappa"][known], place[known], xerr=[side[known].clip(lower=0) for side in spread],
        fmt="o", color=COLOURS[0], markersize=4, linewidth=1,
    )  # fmt: skip
    words = numbers.apply(
        lambda row: f"{row['definition']} (n = {row['n']}; {row['n_changed']} change, {row['n_lost']} lose it)", axis=1
    )
    axes.set_yticks(place, list(words) if len(numbers) else [])
    axes.set(xlim=(-0.05, 1.05), xlabel="Cohen's kappa with 95 % limits", title=f"Agreement with {primary}")
    if numbers.empty:
        say_no_data(axes)
    return figure, numbers


def mixed_by_lesions(mixed_probability: pd.DataFrame):
    """Observed share of mixed patients per band of lesion counts, the random model for the same patients, and its curve."""
    numbers = mixed_probability.reset_index(drop=True)
    model = numbers[numbers["section"] == "model"]
    bands = numbers[(numbers["section"] == "observed") & numbers["lesions_from"].notna()]
    figure, axes = plt.subplots(figsize=(6.5, 4))
    if bands.empty:
        say_no_data(axes)
        return figure, numbers
    last = int(model["lesions_to"].max())
    middle = np.sqrt(bands["lesions_from"].astype(float) * bands["lesions_to"].fillna(last).astype(float))
    p = numbers["positive_probability"].iloc[0]
    axes.plot(
        model["lesions_from"].astype(float), model["expected"], LINES[1], color=COLOURS[1],
        label=f"independent lesions, p = {p:.2f}: 1 - p^n - (1 - p)^n",
    )  # fmt: skip
    axes.plot(
        middle,
        bands["expected"],
        MARKERS[1],
        color=COLOURS[1],
        linestyle="none",
        label="the same, mean over the patients",
    )
    spread = [bands["observed"] - bands["ci_lower"], bands["ci_upper"] - bands["observed"]]
    axes.errorbar(
        middle, bands["observed"], yerr=spread, fmt=MARKERS[0], color=COLOURS[0], capsize=2,
        label="observed, exact 95 % limits",
    )  # fmt: skip
    for at, row in zip(middle, bands.itertuples(), strict=True):
        axes.annotate(f"n = {row.n}", (at, row.observed), xytext=(5, -3), textcoords="offset points", fontsize=7)
    ticks = sorted({*bands["lesions_from"].astype(int), last})
    axes.set_xscale("log")
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set(xlabel="Evaluable lesions", ylabel="Share of patients with mixed disease", ylim=(-0.03, 1.03))
    axes.set_title(f"Mixed disease by number of lesions (n = {int(bands['n'].sum())} patients)")
    axes.legend(frameon=True, fontsize=7, loc="lower right")
    return figure, numbers


def lesion_effects(lesion_models: pd.DataFrame, term: str, outcome: str, label: str):
    """Estimates of one term for one outcome, model by model and method by method, with 95 % limits."""
    rows = lesion_models[(lesion_models["term"] == term) & (lesion_models["outcome"] == outcome)]
    numbers = rows[["analysis_id", "method", "n_patients", "n_lesions", "estimate", "ci_lower", "ci_upper"]]
    numbers = numbers.reset_index(drop=True)
    figure, axes = plt.subplots(figsize=(7.5, 1.2 + 0.28 * max(len(numbers), 3)))
    place = np.arange(len(numbers))[::-1]
    for number, method in enumerate(numbers["method"].unique()):
        of_method = (numbers["method"] == method).to_numpy()
        shown = numbers[of_method]
        spread = [shown["estimate"] - shown["ci_lower"], shown["ci_upper"] - shown["estimate"]]
        axes.errorbar(
            shown["estimate"], place[of_method], xerr=spread, fmt=MARKERS[number], color=COLOURS[number],
            markersize=4, linewidth=1, label=method,
        )  # fmt: skip
    axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
    words = [f"{row.analysis_id} ({row.n_lesions} lesions, {row.n_patients} patients)" for row in numbers.itertuples()]
    axes.set_yticks(place, words)
    axes.set(xlabel=label)
    if numbers.empty:
        say_no_data(axes)
    else:
        figure.legend(ncols=3, loc="outside lower center", frameon=False, fontsize=7)
    return figure, numbers
