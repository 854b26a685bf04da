"""The primary model under other endpoints, groups and populations: does the answer hang on one choice?"""

from itertools import product

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.cox.design_matrix import select_population
from sonimage.cox.hazard_ratios import fit_members, list_estimates
from sonimage.intervals import weibull_models
from sonimage.intervals.weibull_models import with_intervals
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
    by_interval = _interval_censored(pfs1_definitions)
    endpoints = {
        name: (with_intervals if name in by_interval else with_endpoint)(patients, pfs1_definitions, name)
        for name in grid["definitions"]
    }
    members = {
        (definition, population): select_population(endpoints[definition], base | {"population": population})
        for definition, population in product(grid["definitions"], grid["populations"])
    }
    groups = {
        name: with_groups(patients[["patient_id"]], group_definitions, name, columns[name])[columns[name]]
        for name in grid["groupings"]
    }
    choices, parts = list_choices(grid), []
    for choice in choices:
        definition, grouping, population = (choice[key] for key in (DEFINITION, GROUPING, POPULATION))
        rows = members[definition, population].assign(**{columns[grouping]: groups[grouping]})
        analysis = base | {"grouping": columns[grouping], "population": population, "definition": definition}
        parts.append(_fit_weibull(rows, analysis) if definition in by_interval else _fit_cox(rows, analysis))
    of_row = pd.DataFrame(choices).loc[np.repeat(range(len(parts)), [len(part) for part in parts])]
    named = {name: of_row[name].to_numpy() for name in of_row} | {"analysis_id": grid["id"]}
    return tables.conform(pd.concat(parts).assign(**named), "sensitivity")


def list_choices(grid: dict) -> list[dict]:
    """What each model varies, and its definition, grouping and population: the primary model, one choice at a time, the rest."""
    choices = []
    for names in product(grid["definitions"], grid["groupings"], grid["populations"]):
        choice = dict(zip((DEFINITION, GROUPING, POPULATION), names, strict=True))
        differs = [key for key, name in choice.items() if name != grid[f"{key}s"][0]]
        choices.append({"varied": differs[0] if len(differs) == 1 else SEVERAL if differs else NOTHING} | choice)
    order = [NOTHING, DEFINITION, GROUPING, POPULATION, SEVERAL]
    return sorted(choices, key=lambda choice: order.index(choice["varied"]))


def _fit_cox(members: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    """Rows of the model; data that no method takes give empty rows and the reason, and the grid goes on."""
    try:
        return list_estimates(fit_members(members, analysis))
    except (ValueError, TypeError, ArithmeticError, RuntimeError, np.linalg.LinAlgError) as error:
        terms = list_estimates(fit_members(members.iloc[:0], analysis))
        grouped = members.dropna(subset=analysis["grouping"])
        counts = {"n": len(grouped), "n_events": int(tables.known_true(grouped["pfs1_event"]).sum())}
        return terms.assign(note=f"not fitted: {error}", **counts)


def _interval_censored(pfs1_definitions: pd.DataFrame) -> set[str]:
    """Definitions of PFS1 in which an event lies between two days."""
    lower, upper = (pfs1_definitions[f"interval_{end}_months"].astype(float) for end in ("lower", "upper"))
    return set(pfs1_definitions.loc[lower < upper, "definition"])


def _fit_weibull(members: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    """Rows of the Weibull model of the intervals, its hazard ratios in the columns of the Cox model's."""
    fitted = weibull_models.fit_members(members, analysis).reindex(columns=schemas.columns("interval_models"))
    ratio = fitted[["hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"]]
    coef, lower, upper = np.log(ratio.to_numpy(dtype=float)).T
    named = {"ci_lower": ratio["hazard_ratio_lower"], "ci_upper": ratio["hazard_ratio_upper"]}
    fitted = fitted.assign(coef=coef, se=(upper - lower) / (2 * weibull_models.REACH), **named)
    return fitted[fitted["term"] != weibull_models.INTERCEPT]


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
