"""The primary model under other endpoints, groups and populations: does the answer hang on one choice?

One choice is varied at a time, and endpoints and groups together in the primary population.
"""

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.cox import fit_cox_models

NOTHING, DEFINITION, GROUPING, POPULATION = "nothing", "definition", "grouping", "population"
BOTH = "definition and grouping"
ENDPOINT = ["pfs1_months", "pfs1_event"]


def fit_sensitivity(
    analysis_set: pd.DataFrame,
    pfs1_definitions: pd.DataFrame,
    group_definitions: pd.DataFrame,
    analysis: dict,
    *,
    definitions: list[str],
    groupings: list[str],
    populations: list[str],
) -> pd.DataFrame:
    """Return the rows of `analysis` (schema cox) under every choice of the grid (schema sensitivity).

    The first of `definitions` (of PFS1), `groupings` (definitions of HET3) and `populations` is the primary choice.
    """
    patients = analysis_set.sort_values("patient_id", ignore_index=True)
    parts = []
    for varied, definition, grouping, population in list_choices(definitions, groupings, populations):
        rows = substitute(patients, pfs1_definitions, group_definitions, definition, grouping)
        fitted = _fit(rows, analysis | {"population": population})
        parts.append(fitted.assign(varied=varied, definition=definition, grouping=grouping, population=population))
    return tables.conform(pd.concat(parts), "sensitivity")


def list_choices(
    definitions: list[str], groupings: list[str], populations: list[str]
) -> list[tuple[str, str, str, str]]:
    """What is varied, and the definition, grouping and population of each model: one at a time, then the product."""
    first, group, population = definitions[0], groupings[0], populations[0]
    return [
        (NOTHING, first, group, population),
        *((DEFINITION, other, group, population) for other in definitions[1:]),
        *((GROUPING, first, other, population) for other in groupings[1:]),
        *((POPULATION, first, group, other) for other in populations[1:]),
        *((BOTH, one, other, population) for one in definitions[1:] for other in groupings[1:]),
    ]


def substitute(
    analysis_set: pd.DataFrame,
    pfs1_definitions: pd.DataFrame,
    group_definitions: pd.DataFrame,
    definition: str,
    grouping: str,
) -> pd.DataFrame:
    """The analysis set with PFS1 and HET3 of other definitions; empty for a patient whom a definition leaves out."""
    endpoint = pfs1_definitions[pfs1_definitions["definition"] == definition].set_index("patient_id")[ENDPOINT]
    endpoint["pfs1_months"] = endpoint["pfs1_months"].where(endpoint["pfs1_event"].notna())
    group = group_definitions[group_definitions["definition_id"] == grouping].set_index("patient_id")["group"]
    rows = analysis_set.drop(columns=[*ENDPOINT, "het3"]).merge(
        endpoint.join(group.rename("het3"), how="outer"),
        left_on="patient_id",
        right_index=True,
        how="left",
        validate="one_to_one",
    )
    return tables.conform(rows, "analysis_set")


def _fit(rows: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    """Rows of the model; data that no method takes give empty rows and the reason, and the grid goes on."""
    try:
        return fit_cox_models(rows, [analysis])[0]
    except (ValueError, TypeError, ArithmeticError, RuntimeError, np.linalg.LinAlgError) as error:
        terms = fit_cox_models(rows.iloc[:0], [analysis])[0]
        members = rows[tables.known_true(rows[analysis["population"]])].dropna(subset=["pfs1_months", "het3"])
        counts = {"n": len(members), "n_events": int(tables.known_true(members["pfs1_event"]).sum())}
        return terms.assign(note=f"not fitted: {error}", **counts)


def het3_definitions(group_definitions: list[dict]) -> list[str]:
    """Ids of the definitions (config) that give the three groups, in their order."""
    return [
        entry["id"]
        for entry in group_definitions
        if entry["kind"] == "share" and entry.get("parameters", {}).get("groups") == "het3"
    ]


def right_censored(definitions: list[dict]) -> list[str]:
    """Ids of the definitions of PFS1 (config) whose times are exact or right-censored: what a Cox model takes."""
    return [entry["id"] for entry in definitions if entry["progression_date"] != "interval"]


def one_at_a_time(sensitivity: pd.DataFrame) -> pd.DataFrame:
    """The rows of group terms where at most one choice differs from the primary ones."""
    others = schemas.levels("analysis_set", "het3")[1:]
    return sensitivity[(sensitivity["varied"] != BOTH) & sensitivity["term"].isin(others)].reset_index(drop=True)
