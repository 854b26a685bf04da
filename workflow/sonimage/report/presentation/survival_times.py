"""Presentation of PFS1: events, definitions, medians and rates, tests, restricted means."""

import numpy as np
import pandas as pd

from sonimage.report.presentation.cells import estimate, p_value

EVENT_WORDS = {
    "OBJECTIVE PROGRESSION": "on CT",
    "SYMPTOMATIC DETERIORATION": "symptoms",
    "NEW THERAPEUTIC AGENT": "new agent",
    "DEATH": "death",
    "PROGRESSION DURING BREAK": "in a break",
}


def present_events(summary: pd.DataFrame) -> pd.DataFrame:
    """PFS1 events and reasons for censoring: one row per reason, one column per group."""
    rows = summary.assign(kind=np.where(summary["pfs1_event"], "event", "censored"))
    wide = rows.pivot(index=["kind", "pfs1_reason"], columns="group", values="n")
    order = pd.MultiIndex.from_frame(rows[["kind", "pfs1_reason"]].drop_duplicates())
    return (
        wide.loc[order, rows["group"].unique()]
        .rename_axis(None, axis=1)
        .reset_index()
        .rename(columns={"kind": "", "pfs1_reason": "Reason"})
    )


def present_definitions(summary: pd.DataFrame) -> pd.DataFrame:
    """Definitions of PFS1: what differs, events by component, censored, left out, and how many patients it concerns."""
    kind = summary["pfs1_event"].map({True: "events", False: "censored"}).fillna("left out")
    wide = summary.assign(kind=kind).pivot_table(
        index="definition", columns="kind", values="n", aggfunc="sum", sort=False
    )
    events = summary[kind == "events"].pivot(index="definition", columns="pfs1_reason", values="n")
    events = events[list(EVENT_WORDS)].rename(columns=EVENT_WORDS)
    about = summary.drop_duplicates("definition").set_index("definition")[["words", "n_differ"]]
    table = (
        about[["words"]].join(wide["events"]).join(events).join(wide[["censored", "left out"]]).join(about["n_differ"])
    )
    named = {"definition": "Definition", "words": "What differs", "n_differ": "differ"}
    return table.rename_axis(None, axis=1).reset_index().rename(columns=named)


def present_survival(summary: pd.DataFrame) -> pd.DataFrame:
    """Medians, rates and follow-up: one row per group."""
    rows = summary[~summary["statistic"].str.contains("p-value")]
    text = [estimate(*row) for row in rows[["value", "ci_lower", "ci_upper"]].itertuples(index=False)]
    keys = ["grouping", "group", "n", "n_events"]
    wide = rows.assign(text=text).pivot(index=keys, columns="statistic", values="text")
    wide = wide.loc[pd.MultiIndex.from_frame(rows[keys].drop_duplicates()), rows["statistic"].unique()]
    named = {"grouping": "Grouping", "group": "Group", "n": "Patients", "n_events": "Events"}
    return wide.rename_axis(None, axis=1).reset_index().rename(columns=named)


def present_logrank(summary: pd.DataFrame) -> pd.DataFrame:
    """Log-rank tests: one row per grouping."""
    rows = summary[summary["statistic"].str.contains("p-value") & (summary["grouping"] != "all")]
    return pd.DataFrame(
        {
            "Grouping": rows["grouping"],
            "Test": rows["statistic"].str.replace(" p-value", ""),
            "Patients": rows["n"],
            "Events": rows["n_events"],
            "P": rows["value"].map(p_value),
        }
    )


def present_rmst(rows: pd.DataFrame) -> pd.DataFrame:
    """Restricted means and their differences: one row per group and comparison."""
    values = [estimate(*row) for row in rows[["estimate", "ci_lower", "ci_upper"]].itertuples(index=False)]
    against = rows["reference"].map(" against {}".format, na_action="ignore").fillna("")
    return pd.DataFrame(
        {
            "Grouping": rows["grouping"],
            "Group": rows["group"] + against,
            "Statistic": rows["statistic"],
            "Until (months)": [f"{month:g}" for month in rows["months"]],
            "Patients": rows["n"],
            "Events until then": rows["n_events"],
            "Months (95 % CI)": values,
            "P": rows["p_value"].map(p_value),
            "Note": rows["note"],
        }
    )
