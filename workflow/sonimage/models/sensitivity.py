"""The primary model under other endpoints, groups and populations: does the answer hang on one choice?"""

from itertools import product

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.cox.hazard_ratios import analyse, report
from sonimage.intervals.weibull_models import INTERCEPT, REACH, fit_interval_models
from sonimage.populations.analysis_set import with_endpoint, with_groups

NOTHING, DEFINITION, GROUPING, POPULATION = "nothing", "definition", "grouping", "population"
SEVERAL = "several"


def fit_sensitivity(
    analysis_set: pd.DataFrame,
    pfs1_definitions: pd.DataFrame,
    group_definitions: pd.DataFrame,
    base: dict,
    grid: dict,
    columns: dict[str, str],
) -> pd.DataFrame:
    """Return the rows of the Cox model `base` under every choice of the `grid` (both of the plan; schema sensitivity).

    The first of the grid's `definitions` (of PFS1), `groupings` and `populations` is the primary choice. `columns`: which
    column of the analysis set the groups of a definition replace.
    """
    patients = analysis_set.sort_values("patient_id", ignore_index=True)
    endpoints = {name: with_endpoint(patients, pfs1_definitions, name) for name in grid["definitions"]}
    by_interval = _interval_censored(pfs1_definitions)
    parts = []
    for choice in list_choices(grid):
        column, definition = columns[choice[GROUPING]], choice[DEFINITION]
        rows = with_groups(endpoints[definition], group_definitions, choice[GROUPING], column)
        analysis = base | {"grouping": column, "population": choice[POPULATION], "definition": definition}
        fitted = _fit_weibull(rows, pfs1_definitions, analysis) if definition in by_interval else _fit(rows, analysis)
        parts.append(fitted.assign(**choice))
    return tables.conform(pd.concat(parts).assign(analysis_id=grid["id"]), "sensitivity")


def list_choices(grid: dict) -> list[dict]:
    """What each model varies, and its definition, grouping and population: the primary model, one choice at a time, the rest."""
    choices = []
    for names in product(grid["definitions"], grid["groupings"], grid["populations"]):
        choice = dict(zip((DEFINITION, GROUPING, POPULATION), names, strict=True))
        differs = [key for key, name in choice.items() if name != grid[f"{key}s"][0]]
        choices.append({"varied": differs[0] if len(differs) == 1 else SEVERAL if differs else NOTHING} | choice)
    order = [NOTHING, DEFINITION, GROUPING, POPULATION, SEVERAL]
    return sorted(choices, key=lambda choice: order.index(choice["varied"]))


def _fit(rows: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    """Rows of the model; data that no method takes give empty rows and the reason, and the grid goes on."""
    try:
        return report(analyse(rows, analysis))[0]
    except (ValueError, TypeError, ArithmeticError, RuntimeError, np.linalg.LinAlgError) as error:
        terms = report(analyse(rows.iloc[:0], analysis))[0]
        members = rows[tables.known_true(rows[analysis["population"]])].dropna(
            subset=["pfs1_months", analysis["grouping"]]
        )
        counts = {"n": len(members), "n_events": int(tables.known_true(members["pfs1_event"]).sum())}
        return terms.assign(note=f"not fitted: {error}", **counts)


def _interval_censored(pfs1_definitions: pd.DataFrame) -> set[str]:
    """Definitions of PFS1 in which an event lies between two days."""
    lower, upper = (pfs1_definitions[f"interval_{end}_months"].astype(float) for end in ("lower", "upper"))
    return set(pfs1_definitions.loc[lower < upper, "definition"])


def _fit_weibull(rows: pd.DataFrame, pfs1_definitions: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    """Rows of the Weibull model of the intervals, its hazard ratios in the columns of the Cox model's."""
    fitted = fit_interval_models(rows, pfs1_definitions, [analysis | {"method": "weibull"}])
    ratio = fitted[["hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"]]
    coef, lower, upper = (np.log(ratio[name].astype(float)) for name in ratio)
    named = {"ci_lower": ratio["hazard_ratio_lower"], "ci_upper": ratio["hazard_ratio_upper"]}
    fitted = fitted.assign(coef=coef, se=(upper - lower) / (2 * REACH), **named)
    return fitted[fitted["term"] != INTERCEPT]


def columns_of(group_definitions: list[dict]) -> dict[str, str]:
    """Id of each definition of groups (config) -> the column of the analysis set with the same levels."""
    share = {entry["id"]: entry["parameters"]["groups"] for entry in group_definitions if entry["kind"] == "share"}
    dual = {
        entry["id"]: f"dual3_{entry['kind']}" for entry in group_definitions if entry["kind"] in ("kurland", "fudan")
    }
    return share | dual


def one_at_a_time(sensitivity: pd.DataFrame) -> pd.DataFrame:
    """The rows of group terms where at most one choice differs from the primary ones."""
    others = schemas.levels("analysis_set", "het3")[1:]
    return sensitivity[(sensitivity["varied"] != SEVERAL) & sensitivity["term"].isin(others)].reset_index(drop=True)
