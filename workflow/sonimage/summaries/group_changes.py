"""How much a patient's group depends on single lesions and on how many lesions she has."""

import numpy as np
import pandas as pd
from scipy import special

from sonimage import tables


def group_of_counts(positive: pd.Series, negative: pd.Series) -> np.ndarray:
    """HET3 of counts of positive and negative lesions; "" without any."""
    return np.select(
        [positive + negative == 0, negative == 0, positive == 0], ["", *("all_pos", "all_neg")], "mixed"
    ).astype(object)


def count_changes(group_definitions: pd.DataFrame, *, primary: str, lesion_bands: list[int]) -> pd.DataFrame:
    """Return how many patients change group by one lesion, by number of lesions (schema group_changes).

    Leaving one lesion out: there is a lesion without which the group is another one; the only lesion out leaves none.
    Reading one lesion otherwise: there is a lesion whose status, turned over, gives another group.
    """
    rows = _with_bands(group_definitions, primary, lesion_bands)
    positive, negative = rows["positive"], rows["n_lesions"] - rows["positive"]
    group = rows["group"].to_numpy()
    without = [
        np.where(positive > 0, group_of_counts(positive - 1, negative), group),
        np.where(negative > 0, group_of_counts(positive, negative - 1), group),
    ]
    turned = [
        np.where(positive > 0, group_of_counts(positive - 1, negative + 1), group),
        np.where(negative > 0, group_of_counts(positive + 1, negative - 1), group),
    ]
    another = [(after != group) & (after != "") for after in without]
    weights = [number / rows["n_lesions"] * moved for number, moved in zip((positive, negative), another, strict=True)]
    rows = rows.assign(
        n=1,
        n_changed_without_one=another[0] | another[1],
        n_ungrouped_without_one=(without[0] == "") | (without[1] == ""),
        n_changed_turned_one=(turned[0] != group) | (turned[1] != group),
        share_of_lesions=weights[0] + weights[1],
    )
    counted = ["n", "n_changed_without_one", "n_ungrouped_without_one", "n_changed_turned_one"]
    return tables.conform(
        _per_band(
            rows, lambda part: part[counted].sum().to_dict() | {"share_of_lesions": part["share_of_lesions"].mean()}
        ),
        "group_changes",
    )


def _with_bands(group_definitions: pd.DataFrame, primary: str, lesion_bands: list[int]) -> pd.DataFrame:
    rows = group_definitions[
        (group_definitions["definition_id"] == primary) & group_definitions["group"].notna()
    ].sort_values("patient_id")
    n = rows["n_lesions"].astype(int)
    band = np.searchsorted(lesion_bands, n, side="right") - 1
    rows = rows.assign(n_lesions=n, positive=(rows["value"] * n).round().astype(int), band=band)
    ends = [*(start - 1 for start in lesion_bands[1:]), None]
    return rows.assign(
        lesions_from=rows["band"].map(dict(enumerate(lesion_bands))), lesions_to=rows["band"].map(dict(enumerate(ends)))
    )


def _per_band(rows: pd.DataFrame, describe) -> pd.DataFrame:
    """One row per band of lesion counts, and one for all patients (no limits)."""
    parts = [{"lesions_from": None, "lesions_to": None} | describe(rows)] if len(rows) else []
    for (start, end), part in rows.groupby(["lesions_from", "lesions_to"], dropna=False):
        parts.append({"lesions_from": start, "lesions_to": end} | describe(part))
    return pd.DataFrame(parts)


def probability_mixed(n_lesions: np.ndarray, positive_probability: float) -> np.ndarray:
    """Chance that n independent lesions, each positive with the same probability, are not all alike."""
    return 1 - positive_probability**n_lesions - (1 - positive_probability) ** n_lesions


def summarise_mixing(group_definitions: pd.DataFrame, *, primary: str, lesion_bands: list[int]) -> pd.DataFrame:
    """Return the observed share of mixed patients by number of lesions beside a random model (schema mixed_probability).

    The model: lesions independent, each positive with the share of all lesions that are. `observed` rows hold bands of
    patients with exact limits, `model` rows the curve from 1 lesion to the most.
    """
    rows = _with_bands(group_definitions, primary, lesion_bands)
    share = rows["positive"].sum() / rows["n_lesions"].sum() if len(rows) else np.nan
    rows = rows.assign(expected=probability_mixed(rows["n_lesions"].to_numpy(), share))

    def describe(part: pd.DataFrame) -> dict:
        n, mixed = len(part), int((part["group"] == "mixed").sum())
        return {
            "section": "observed", "n": n, "n_mixed": mixed, "observed": mixed / n,
            "ci_lower": special.betaincinv(mixed, n - mixed + 1, 0.025) if mixed else 0.0,
            "ci_upper": special.betaincinv(mixed + 1, n - mixed, 0.975) if mixed < n else 1.0,
            "expected": part["expected"].mean(),
        }  # fmt: skip

    counts = np.arange(1, rows["n_lesions"].max() + 1) if len(rows) else np.array([], dtype=int)
    curve = pd.DataFrame({"lesions_from": counts, "lesions_to": counts, "expected": probability_mixed(counts, share)})
    parts = [_per_band(rows, describe), curve.assign(section="model")]
    whole = pd.concat([part for part in parts if len(part)]) if len(rows) else pd.DataFrame()
    return tables.conform(whole.assign(positive_probability=share), "mixed_probability")
