"""Presentation of scanners, definitions of groups and models of lesions: the tables of the imaging page."""

import pandas as pd

from sonimage.report.presentation.cells import NO_VALUE, count_share, estimate, number, p_value


def present_scanners(imaging_summary: pd.DataFrame) -> pd.DataFrame:
    """Baseline scans by centre, scanner and reconstruction: one column per tracer."""
    rows = imaging_summary[imaging_summary["section"] == "scanners"]
    text = rows.assign(text=[count_share(row.value, row.n) for row in rows.itertuples()])
    wide = text.pivot(index=["group", "item"], columns="statistic", values="text").reset_index()
    named = {"group": "Centre", "item": "Scanner, reconstruction"}
    return wide.rename(columns=named).rename_axis(None, axis=1).fillna(NO_VALUE)


def present_decision(grouping_decision: pd.DataFrame) -> pd.DataFrame:
    """Patients and events per group against what is asked for, and the decision."""
    rows = grouping_decision
    return pd.DataFrame(
        {
            "Group": rows["group"],
            "Patients": [
                f"{n} (at least {least})" for n, least in rows[["n", "minimum_patients"]].itertuples(index=False)
            ],
            "Events": [
                f"{n} (at least {least})" for n, least in rows[["n_events", "minimum_events"]].itertuples(index=False)
            ],
            "Decision": rows["decision"],
        }
    )


def present_definitions(group_counts: pd.DataFrame) -> pd.DataFrame:
    """One row per definition: its groups with their patients, or the quartiles of its value, and where it comes from."""
    rows = []
    for name, part in group_counts.groupby("definition_id", sort=False):
        first = part.iloc[0]
        groups = [f"{row.group} {count_share(row.n, row.n_total)}" for row in part.itertuples()]
        quartiles = [number(first[column], 2) for column in ("median", "lower_quartile", "upper_quartile")]
        rows.append(
            {
                "Definition": name,
                "Lesions": first["denominator"],
                "Patients": ", ".join(groups),
                "Value, median (quartiles)": "{} ({}–{})".format(*quartiles),
                "Cut from the data": number(first["cut"], 2),
                "Source": first["source"],
            }
        )
    return pd.DataFrame(rows)


def present_agreement(group_agreement: pd.DataFrame) -> pd.DataFrame:
    """Every two definitions with the same groups: patients in the same one, and kappa."""
    rows = group_agreement
    kappa = [estimate(*row) for row in rows[["kappa", "ci_lower", "ci_upper"]].itertuples(index=False)]
    return pd.DataFrame(
        {
            "Definition": rows["definition_a"],
            "Other": rows["definition_b"],
            "Same group": [count_share(same, n) for same, n in rows[["n_same", "n"]].itertuples(index=False)],
            "Changed": rows["n_changed"],
            "Lost": rows["n_lost"],
            "Gained": rows["n_gained"],
            "Kappa (95 % CI)": kappa,
        }
    )


def present_crosstab(group_crosstab: pd.DataFrame) -> pd.DataFrame:
    """Patients by group under the primary definition (columns) and under the others (rows)."""
    wide = group_crosstab.pivot(index=["definition_b", "group_b"], columns="group_a", values="n")
    order = pd.MultiIndex.from_frame(group_crosstab[["definition_b", "group_b"]].drop_duplicates())
    wide = wide.loc[order, group_crosstab["group_a"].unique()].rename_axis(None, axis=1).reset_index()
    return wide.rename(columns={"definition_b": "Definition", "group_b": "Group"})


def present_readings(reading_agreement: pd.DataFrame) -> pd.DataFrame:
    """The reader's call against SUVmax at each cut, in lesions."""
    rows = reading_agreement
    kappa = [estimate(*row) for row in rows[["kappa", "ci_lower", "ci_upper"]].itertuples(index=False)]
    same = rows["n_both_positive"] + rows["n_both_negative"]
    return pd.DataFrame(
        {
            "SUVmax positive from": rows["suvmax_cut"],
            "Lesions": rows["n_lesions"],
            "Patients": rows["n_patients"],
            "Same answer": [count_share(n, of) for n, of in zip(same, rows["n_lesions"], strict=True)],
            "Positive by the call alone": rows["n_call_alone_positive"],
            "Positive by SUVmax alone": rows["n_suv_alone_positive"],
            "Kappa (95 % CI)": kappa,
        }
    )


def present_changes(group_changes: pd.DataFrame) -> pd.DataFrame:
    """Patients whose group hangs on one lesion, by number of lesions."""
    rows = group_changes
    counts = {
        "In another group without one lesion": "n_changed_without_one",
        "Without a group without it": "n_ungrouped_without_one",
        "In another group with one lesion read otherwise": "n_changed_turned_one",
    }
    return pd.DataFrame(
        {"Evaluable lesions": [_band(*band) for band in rows[["lesions_from", "lesions_to"]].itertuples(index=False)]}
        | {"Patients": rows["n"]}
        | {
            name: [count_share(n, of) for n, of in zip(rows[column], rows["n"], strict=True)]
            for name, column in counts.items()
        }
    )


def _band(first: int, last: int) -> str:
    if pd.isna(first):
        return "all patients"
    if pd.isna(last):
        return f"{first} or more"
    return str(first) if first == last else f"{first} to {last}"


def present_lesion_models(lesion_models: pd.DataFrame) -> pd.DataFrame:
    """Every estimate with its limits: one row per model, term and method."""
    rows = lesion_models
    text = [estimate(*row) for row in rows[["estimate", "ci_lower", "ci_upper"]].itertuples(index=False)]
    return pd.DataFrame(
        {
            "Analysis": rows["analysis_id"],
            "Outcome": rows["outcome"],
            "Term": rows["term"],
            "Reference": rows["reference"].fillna(NO_VALUE),
            "Method": rows["method"],
            "Lesions": rows["n_lesions"],
            "Patients": rows["n_patients"],
            "Estimate (95 % CI)": text,
            "P": rows["p_value"].map(p_value),
            "Note": rows["note"].fillna(""),
        }
    )
