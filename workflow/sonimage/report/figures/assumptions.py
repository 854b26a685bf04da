"""Figures that show whether the primary Cox model holds: effects over time, form of variables, calibration, residuals."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.plan.covariates import CONTINUOUS_LABELS
from sonimage.report.figures.drawing import COLOURS, LINES, MARKERS, say_no_data
from sonimage.report.presentation.cells import number, p_value

MONTHS = (1, 3, 6, 9, 12, 18, 24, 36, 48, 60)


def effects_over_time(
    residuals: pd.DataFrame, smooth: pd.DataFrame, hazards: pd.DataFrame, title: str
) -> tuple[plt.Figure, pd.DataFrame]:
    """Scaled Schoenfeld residuals and their smooth, a panel per term; a level line is a hazard ratio that holds always."""
    smooth = smooth[smooth["coef"].notna()]
    terms = list(smooth["term"].unique())
    figure, panels = _panels(len(terms), title, smooth)
    tested = hazards[(hazards["level"] == "coefficient") & hazards["analysis_id"].isin(smooth["analysis_id"])]
    p_values = tested.set_index("name")["p_value"]
    for axes, term in zip(panels, terms, strict=False):
        points, curve = residuals[residuals["term"] == term], smooth[smooth["term"] == term]
        axes.plot(points["transformed_time"], points["coef_at_event"], "o", color="0.55", markersize=2.5, label="event")
        axes.fill_between(
            curve["transformed_time"], curve["ci_lower"], curve["ci_upper"], color=COLOURS[0], alpha=0.2, linewidth=0
        )
        axes.plot(curve["transformed_time"], curve["coef"], color=COLOURS[0], label="smooth, ± 2 SE")
        axes.axhline(curve["coef_constant"].iloc[0], color=COLOURS[1], linestyle="--", label="model")
        axes.axhline(0, color="black", linewidth=0.6)
        axes.set_xticks(*_ticks(curve))
        against = curve["reference"].iloc[0]
        named = f"{term} against {against}" if pd.notna(against) else term
        axes.set(title=f"{named}\np = {p_value(p_values.get(term, np.nan))}", xlabel="Months since randomisation")
    if terms:
        panels[0].set_ylabel("Log hazard ratio at the time")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    points = residuals.rename(columns={"coef_at_event": "coef"}).assign(kind="event")
    numbers = pd.concat([points, smooth.assign(kind="smooth")])
    order = ["kind", "term", "months", "transformed_time", "coef", "ci_lower", "ci_upper", "coef_constant"]
    return figure, numbers.reindex(columns=order).sort_values(order[:5], ignore_index=True)


def _ticks(curve: pd.DataFrame) -> tuple[list[float], list[str]]:
    """Places on the axis of transformed time of months that stand apart far enough to be read."""
    at, shown = curve["transformed_time"].to_numpy(dtype=float), []
    for month in MONTHS:
        place = np.interp(month, curve["months"], at)
        if curve["months"].min() <= month <= curve["months"].max() and (
            not shown or place - shown[-1][0] > 0.09 * np.ptp(at)
        ):
            shown.append((place, f"{month}"))
    return [place for place, _ in shown], [name for _, name in shown]


def functional_form(
    residuals: pd.DataFrame, curves: pd.DataFrame, tests: pd.DataFrame
) -> tuple[plt.Figure, pd.DataFrame]:
    """Martingale residuals against each continuous variable with lowess; a straight course is what the models assume."""
    variables = list(curves["variable"].unique())
    facts = tests.set_index("variable")
    figure, panels = _panels(len(variables), "Form of continuous variables", curves, columns=2, width=3.8)
    for axes, variable in zip(panels, variables, strict=False):
        points, curve = residuals[residuals["variable"] == variable], curves[curves["variable"] == variable]
        for name, event, marker in (("event", True, "o"), ("censored", False, "x")):
            rows = points[tables.known_true(points["pfs1_event"]) == event]
            axes.plot(rows["value"], rows["martingale"], marker, color="0.55", markersize=3, label=name)
        axes.fill_between(
            curve["value"], curve["ci_lower"], curve["ci_upper"], color=COLOURS[0], alpha=0.2, linewidth=0
        )
        axes.plot(curve["value"], curve["smooth"], color=COLOURS[0], label="lowess, ± 2 SE")
        axes.plot(curve["value"], curve["straight"], color=COLOURS[1], linestyle="--", label="straight line")
        fact = facts.loc[variable]
        bent = "" if pd.isna(fact["p_value"]) else f"; curve against line: p = {p_value(fact['p_value'])}"
        axes.set_title(f"n = {fact['n']}, {fact['n_events']} events{bent}", fontsize=8)
        axes.set(xlabel=CONTINUOUS_LABELS.get(variable, variable), ylabel="Martingale residual")
    if variables:
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    points = residuals.rename(columns={"martingale": "residual"}).assign(kind="patient")
    numbers = pd.concat([points, curves.rename(columns={"smooth": "residual"}).assign(kind="lowess")])
    order = ["kind", "variable", "value", "residual", "ci_lower", "ci_upper", "straight", "pfs1_event"]
    return figure, numbers.reindex(columns=order).sort_values(order[:4], ignore_index=True)


def log_minus_log(curves: pd.DataFrame, grouping: str, title: str) -> tuple[plt.Figure, pd.DataFrame]:
    """Log cumulative hazard of each group against log time: curves a constant distance apart have proportional hazards."""
    shown = curves[(curves["grouping"] == grouping) & (curves["months"] > 0)]
    shown = shown[(shown["survival"] > 0) & (shown["survival"] < 1)]
    shown = shown.assign(log_cumulative_hazard=np.log(-np.log(shown["survival"].astype(float))))
    figure, axes = plt.subplots(figsize=(6, 4))
    for place, group in enumerate(shown["group"].unique()):
        curve = shown[shown["group"] == group]
        everybody = curves[(curves["grouping"] == grouping) & (curves["group"] == group)]
        label = f"{group} (n = {everybody['n_at_risk'].max()}, {everybody['n_events'].sum()} events)"
        style = {"color": COLOURS[place % len(COLOURS)], "linestyle": LINES[place % len(LINES)], "where": "post"}
        axes.step(curve["months"], curve["log_cumulative_hazard"], label=label, **style)
    axes.set(xlabel="Months since randomisation, log scale", ylabel="log(-log(progression-free share))", title=title)
    if shown.empty:
        say_no_data(axes)
    else:
        axes.set_xscale("log")
        ticks = [month for month in MONTHS if shown["months"].min() <= month <= shown["months"].max()]
        axes.set_xticks(ticks, [f"{month}" for month in ticks])
        axes.minorticks_off()
        axes.legend(frameon=False)
    return figure, shown[["grouping", "group", "months", "log_cumulative_hazard"]].reset_index(drop=True)


def calibration(rows: pd.DataFrame, title: str) -> tuple[plt.Figure, pd.DataFrame]:
    """Observed against predicted progression-free share; the diagonal is perfect, the corrected line is for new patients."""
    shown = rows[rows["observed"].notna()]
    figure, axes = plt.subplots(figsize=(4.8, 4.8))
    axes.plot([0, 1], [0, 1], color="black", linewidth=0.8, label="predicted = observed (apparent line)")
    groups, everybody, line = (shown[shown["kind"] == kind] for kind in schemas.levels("cox_calibration", "kind"))
    axes.plot(line["predicted"], line["observed"], color=COLOURS[1], linestyle="--", label="less optimism (bootstrap)")
    for row in groups.itertuples():
        ends = [[row.observed - row.ci_lower], [row.ci_upper - row.observed]]
        label = "Kaplan-Meier, 95 % CI, by group of prediction" if row.group == groups["group"].iloc[0] else None
        axes.errorbar(row.predicted, row.observed, yerr=ends, fmt=MARKERS[0], color=COLOURS[0], capsize=2, label=label)
        words = f"n = {row.n}\n{row.n_events} events"
        axes.annotate(words, (row.predicted, row.observed), (6, -3), textcoords="offset points", fontsize=7, va="top")
    month = number(rows["months"].iloc[0], 0) if len(rows) else ""
    heading = title
    for row in everybody.itertuples():
        heading = f"{title}\nn = {row.n}, {row.n_events} events by month {month}; mean correction {row.mean_absolute_error:.3f}"
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", title=heading)
    axes.set(xlabel=f"Predicted progression-free share at month {month}", ylabel="Observed share")
    axes.legend(frameon=False, fontsize=7, loc="upper left") if len(shown) else say_no_data(axes)
    return figure, rows


def single_patients(residuals: pd.DataFrame, influence: pd.DataFrame, title: str) -> tuple[plt.Figure, pd.DataFrame]:
    """Deviance residual of each patient, and each hazard ratio without her; patients have a position, no number."""
    ratios = influence.dropna(subset=["hazard_ratio"]).set_index("term")["hazard_ratio"]
    ranked = residuals.drop_duplicates("patient_id").sort_values(["deviance", "martingale", "patient_id"])["patient_id"]
    places = dict(zip(ranked, range(1, len(ranked) + 1), strict=True))
    shown = residuals.assign(
        position=residuals["patient_id"].map(places),
        hazard_ratio_without=residuals["term"].map(ratios) * np.exp(residuals["change_when_left_out"]),
    )
    order = ["term", "position", "deviance", "dfbeta", "hazard_ratio_without", "pfs1_event"]
    numbers = shown[order].sort_values(order[:2], ignore_index=True)
    n_events = int(tables.known_true(shown.drop_duplicates("position")["pfs1_event"]).sum())
    facts = pd.DataFrame({"n": len(ranked), "n_events": n_events}, index=range(1 if len(ratios) else 0))
    figure, panels = _panels(len(facts) + len(ratios), title, facts, columns=2, width=3.8, height=2.5)
    for axes, term in zip(panels, ["", *ratios.index] if len(ratios) else [], strict=False):
        rows = numbers[numbers["term"] == (term or ratios.index[0])]
        name, level = ("hazard_ratio_without", ratios[term]) if term else ("deviance", 0)
        is_event = tables.known_true(rows["pfs1_event"])
        for label, members, marker, colour in (
            ("event", is_event, "o", COLOURS[0]),
            ("censored", ~is_event, "x", "black"),
        ):
            axes.plot(
                rows.loc[members, "position"], rows.loc[members, name], marker, color=colour, markersize=3, label=label
            )
        axes.axhline(level, color=COLOURS[1], linewidth=1, linestyle="--")
        axes.set_title(f"{term}: hazard ratio without the patient" if term else "Deviance residuals", fontsize=9)
        axes.set(xlabel="Patients by deviance residual", ylabel="Hazard ratio" if term else "Deviance")
    if len(ratios):
        panels[0].legend(frameon=False, fontsize=7)
    return figure, numbers


def _panels(n: int, title: str, rows: pd.DataFrame, columns: int = 3, height: float = 3.0, width: float = 2.9):
    """A figure of n panels in rows of `columns`, unused ones off; an empty one says so."""
    columns = min(columns, max(n, 1))
    lines = -(-max(n, 1) // columns)
    figure, panels = plt.subplots(lines, columns, figsize=(max(width * columns, 5), height * lines), squeeze=False)
    counts = (
        f" (n = {rows['n'].iloc[0]}, {rows['n_events'].iloc[0]} events)" if "n_events" in rows and len(rows) else ""
    )
    figure.suptitle(title + counts, fontsize=10)
    for axes in panels.flat[max(n, 1) :]:
        axes.axis("off")
    if not n:
        say_no_data(panels.flat[0])
    return figure, panels.flatten()
