"""Presentation of sensitivity analyses, imputation, restricted means and response models."""

import pandas as pd

from sonimage.report.presentation.cells import estimate, number, p_value


def name_choice(rows: pd.DataFrame) -> pd.Series:
    """What a row of the sensitivity grid varies, in a few words."""
    names = pd.Series("primary", index=rows.index, dtype=object)
    for varied, words in (("definition", "PFS1 "), ("grouping", "groups "), ("population", "")):
        names = names.mask(rows["varied"] == varied, words + rows[varied].astype(object))
    several = "PFS1 " + rows["definition"].astype(object) + ", groups " + rows["grouping"].astype(object)
    return names.mask(rows["varied"] == "several", several + ", " + rows["population"].astype(object))


def present_sensitivity(rows: pd.DataFrame) -> pd.DataFrame:
    """Hazard ratios and p-values of the groups: one row per choice and method, one pair of columns per term."""
    keys = ["choice", "definition", "grouping", "population", "n", "n_events", "method", "note"]
    rows = rows[rows["method"].notna()]  # a level without patients has no row of its own in Firth's fit
    rows = rows.assign(choice=name_choice(rows), note=rows["note"].fillna(""), p=rows["p_value"].map(p_value))
    limits = rows[["hazard_ratio", "ci_lower", "ci_upper"]]
    rows["ratio"] = [estimate(*row) for row in limits.itertuples(index=False)]
    table = rows[keys].drop_duplicates()
    for term, part in rows.groupby("term", sort=False):
        heading = {"ratio": f"{term}: hazard ratio (95 % CI)", "p": f"{term}: P"}
        table = table.merge(part[[*keys, *heading]].rename(columns=heading), on=keys, how="left", validate="one_to_one")
    named = {
        "choice": "Differs",
        "definition": "PFS1",
        "grouping": "Groups",
        "population": "Population",
        "n": "Patients",
    }
    table = table.assign(note=table["note"].where(table["note"] != ""))
    table = table.rename(columns=named | {"n_events": "Events", "method": "Method", "note": "Note"})
    return table[[*(name for name in table if name not in ("Method", "Note")), "Method", "Note"]]


def present_plan(rows: pd.DataFrame) -> pd.DataFrame:
    """The analyses of the plan: one row each, what they are made of in one cell."""
    outcome = rows["outcome"].fillna("PFS1 " + rows["definition"]).mask(rows["method"] == "grid", "PFS1")
    outcome = outcome.fillna("response")
    made_of = rows[["grouping", "covariates", "strata", "settings"]].fillna("")
    made_of["strata"] = made_of["strata"].map(lambda strata: f"strata {strata}" if strata else "")
    return pd.DataFrame(
        {
            "Analysis": rows["analysis_id"],
            "Objective": rows["objective"],
            "Method": rows["method"].str.replace("_", " "),
            "Outcome": outcome.str.replace("_", " "),
            "Population": rows["population"].str.replace("_", " "),
            "Groups, terms, settings": ["; ".join(filter(None, parts)) for parts in made_of.itertuples(index=False)],
            "Results in": rows["result_table"],
        }
    )


def present_plan_changes(rows: pd.DataFrame) -> pd.DataFrame:
    """Changes of the plan: one row each, oldest first."""
    return pd.DataFrame(
        {
            "Date": rows["changed_on"].dt.strftime("%Y-%m-%d").fillna("not recorded"),
            "Plan (digest)": rows["plan"],
            "Change": rows["change"],
            "Reason": rows["reason"],
        }
    )


def present_response_models(rows: pd.DataFrame) -> pd.DataFrame:
    """Odds ratios: one row per model, term and method."""
    ratios = [estimate(*row) for row in rows[["odds_ratio", "ci_lower", "ci_upper"]].itertuples(index=False)]
    return pd.DataFrame(
        {
            "Outcome": rows["outcome"].str.replace("_", " "),
            "Population": rows["population"],
            "Term": rows["term"],
            "Reference": rows["reference"],
            "Patients": rows["n"],
            "With the outcome": rows["n_responding"],
            "Odds ratio (95 % CI)": ratios,
            "P": rows["p_value"].map(p_value),
            "Method": rows["method"],
            "Note": rows["note"],
        }
    )


def present_duration(rows: pd.DataFrame) -> pd.DataFrame:
    """Median duration of response: one row per group."""
    medians = [estimate(*row) for row in rows[["median", "ci_lower", "ci_upper"]].itertuples(index=False)]
    return pd.DataFrame(
        {
            "Grouping": rows["grouping"],
            "Group": rows["group"],
            "Responders": rows["n"],
            "Progressions or deaths": rows["n_events"],
            "Median, months (95 % CI)": medians,
        }
    )


def present_imputed_models(rows: pd.DataFrame) -> pd.DataFrame:
    """Hazard ratios on complete cases and after multiple imputation: one row per analysis, term and method."""
    order = rows[["analysis_id", "term"]].drop_duplicates().assign(place=lambda terms: range(len(terms)))
    rows = rows.merge(order, on=["analysis_id", "term"], validate="many_to_one").sort_values("place", kind="stable")
    ratios = [estimate(*row) for row in rows[["hazard_ratio", "ci_lower", "ci_upper"]].itertuples(index=False)]
    return pd.DataFrame(
        {
            "Analysis": rows["analysis_id"],
            "Term": rows["term"],
            "Reference": rows["reference"],
            "Without a value": rows["n_missing"],
            "Method": rows["method"],
            "Patients": rows["n"],
            "Events": rows["n_events"],
            "Hazard ratio (95 % CI)": ratios,
            "P": rows["p_value"].map(p_value),
            "Missing information (%)": (100 * rows["fraction_missing_information"]).map(number),
            "Note": rows["note"],
        }
    ).reset_index(drop=True)
