"""Patients per group under every definition, and how far two definitions agree."""

from itertools import combinations

import numpy as np
import pandas as pd
from statsmodels.stats.inter_rater import cohens_kappa

from sonimage import tables
from sonimage.imaging.group_definitions import levels_of

NONE = "no group"


def count_groups(group_definitions: pd.DataFrame, definitions: list[dict]) -> pd.DataFrame:
    """Return patients per level of every definition, those without a group, and quartiles of values (schema group_counts)."""
    parts = []
    for definition in definitions:
        rows = group_definitions[group_definitions["definition_id"] == definition["id"]]
        facts = {"definition_id": definition["id"], "denominator": definition["denominator"]}
        facts |= {"source": definition["source"], "cut": rows["cut"].iloc[0] if len(rows) else np.nan}
        levels = levels_of(definition)
        group = rows["group"] if levels else pd.Series(np.where(rows["value"].notna(), "with a value", None))
        counts = group.fillna(NONE).value_counts()
        quartiles = rows["value"].quantile([0.25, 0.5, 0.75]).to_numpy()
        facts |= dict(zip(("lower_quartile", "median", "upper_quartile"), quartiles, strict=True))
        parts += [
            facts | {"group": level, "n": counts.get(level, 0), "n_total": len(rows)}
            for level in [*(levels or ("with a value",)), NONE]
        ]
    return tables.conform(pd.DataFrame(parts), "group_counts")


def compare_definitions(group_definitions: pd.DataFrame, definitions: list[dict]) -> pd.DataFrame:
    """Return the agreement of every two definitions with the same levels (schema group_agreement).

    Cohen's kappa over the patients with a group under both, with its large-sample limits; empty where it is not defined.
    """
    groups = _wide(group_definitions)
    by_levels = [(definition["id"], levels_of(definition)) for definition in definitions if levels_of(definition)]
    pairs = [(a, b, levels) for (a, levels), (b, others) in combinations(by_levels, 2) if levels == others]
    return tables.conform(
        pd.DataFrame([_agreement(groups[a], groups[b], levels) for a, b, levels in pairs if a in groups]),
        "group_agreement",
    )


def _wide(group_definitions: pd.DataFrame) -> pd.DataFrame:
    return group_definitions.pivot(index="patient_id", columns="definition_id", values="group")


def _agreement(one: pd.Series, other: pd.Series, levels: tuple[str, ...]) -> dict:
    both = one.notna() & other.notna()
    table = cross_table(one[both], other[both], levels)
    facts = {"definition_a": one.name, "definition_b": other.name, "n": int(both.sum())}
    facts |= {
        "n_same": int(np.trace(table)),
        "n_changed": int(both.sum() - np.trace(table)),
        "n_lost": int((one.notna() & other.isna()).sum()),
        "n_gained": int((one.isna() & other.notna()).sum()),
    }
    by_chance = (table.sum(axis=0) * table.sum(axis=1)).sum()
    if not both.any() or by_chance == table.sum() ** 2:
        return facts
    found = cohens_kappa(table)
    return facts | {"kappa": found.kappa, "ci_lower": found.kappa_low, "ci_upper": found.kappa_upp}


def cross_table(one: pd.Series, other: pd.Series, levels: tuple[str, ...]) -> np.ndarray:
    """Counts of the levels of one grouping (rows) against those of another (columns)."""
    counts = pd.crosstab(one, other).reindex(index=levels, columns=levels, fill_value=0)
    return counts.to_numpy(dtype=float)


def cross_tabulate(group_definitions: pd.DataFrame, definitions: list[dict], *, primary: str) -> pd.DataFrame:
    """Return patients by group under the primary definition and under each other one (schema group_crosstab)."""
    groups = _wide(group_definitions).fillna(NONE)
    levels = {definition["id"]: [*levels_of(definition), NONE] for definition in definitions if levels_of(definition)}
    parts = []
    for other in [name for name in levels if name != primary and name in groups]:
        counts = groups.groupby([primary, other]).size()
        every = pd.MultiIndex.from_product([levels[primary], levels[other]], names=["group_a", "group_b"])
        counted = counts.rename_axis(["group_a", "group_b"]).reindex(every, fill_value=0).rename("n").reset_index()
        parts.append(counted.assign(definition_a=primary, definition_b=other))
    return tables.conform(pd.concat(parts) if parts else pd.DataFrame(), "group_crosstab")
