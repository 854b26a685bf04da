"""An independent check of the readers' lesion links by organ, side and position; it flags and never overrules.

Linear assignment and not the nearest neighbour (Santoro-Fernandes, Phys Med Biol 2021;66:155017), within a gate: plain
assignment pairs everything. Positions of two scans compare only as far as the patient lies alike, so the gate is wide
and the readers' numbers stand.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sonimage import tables
from sonimage.linking.lesion_links import NOT_SEEN, SEEN_ON_CT
from sonimage.linking.pet_baselines import TRACERS
from sonimage.linking.visits import BASELINES
from sonimage.tables import LESION

POSITION = ["x_mm", "y_mm", "z_mm"]
MODALITIES = ("FES-PET", "FDG-PET", "CT")
TIE_MM = 1e-6  # the gate is included, and of two equal distances the readers' own pair is taken
DISAGREE = ("another partner", "beyond the gate", "possible link")


def match(first: pd.DataFrame, second: pd.DataFrame, *, gate_mm: float) -> pd.DataFrame:
    """Return the pairs of lesions of two scans: patient_id, lesion_id, partner_id, distance_mm.

    Both: patient_id, lesion_id, organ, laterality, x_mm, y_mm, z_mm. Candidates are of one patient, organ and side (a
    side not named goes with any) and at most `gate_mm` apart. The pairs are those of least total distance, where two
    lesions left alone cost `gate_mm`. The order of rows plays no part.
    """
    pairs = _candidates(first, second, gate_mm)
    if not len(pairs):
        return pairs[["patient_id", "lesion_id", "partner_id", "distance_mm"]]
    one = pairs.groupby(["patient_id", "lesion_id"], observed=True).ngroup().to_numpy()
    two = pairs.groupby(["patient_id", "partner_id"], observed=True).ngroup().to_numpy()
    size = one.max() + 1
    links = coo_array((np.ones(len(pairs)), (one, two + size)), shape=(size + two.max() + 1,) * 2)
    block = connected_components(links, directed=False)[1][one]
    alone = np.bincount(block)[block] == 1
    kept = [np.flatnonzero(alone)]
    several = np.flatnonzero(~alone)
    several = several[np.argsort(block[several], kind="stable")]
    starts = np.flatnonzero(np.diff(block[several], prepend=-1))
    cost = pairs["distance_mm"].to_numpy() - TIE_MM * (1 + (pairs["lesion_id"] == pairs["partner_id"]).to_numpy())
    kept += [rows[_assign(one[rows], two[rows], cost[rows], gate_mm)] for rows in np.split(several, starts[1:])]
    chosen = pairs.iloc[np.sort(np.concatenate(kept))]
    return chosen[["patient_id", "lesion_id", "partner_id", "distance_mm"]].reset_index(drop=True)


def _candidates(first: pd.DataFrame, second: pd.DataFrame, gate_mm: float) -> pd.DataFrame:
    columns = [*LESION, "organ", "laterality", *POSITION]
    one, two = (rows[columns].dropna(subset=["organ", *POSITION]).sort_values(LESION) for rows in (first, second))
    two = two.rename(columns={"lesion_id": "partner_id"})
    pairs = one.merge(two, on=["patient_id", "organ"], suffixes=("", "_there"))
    sides = pairs["laterality"], pairs["laterality_there"]
    pairs = pairs[sides[0].isna() | sides[1].isna() | (sides[0] == sides[1])]
    squares = sum((pairs[axis] - pairs[f"{axis}_there"]) ** 2 for axis in POSITION)
    pairs = pairs.assign(distance_mm=np.sqrt(squares))
    return pairs[pairs["distance_mm"] <= gate_mm].reset_index(drop=True)


def _assign(one: np.ndarray, two: np.ndarray, cost: np.ndarray, gate_mm: float) -> np.ndarray:
    """Which candidate pairs of one block are taken; every lesion may also stay alone."""
    rows, row = np.unique(one, return_inverse=True)
    columns, column = np.unique(two, return_inverse=True)
    n, m = len(rows), len(columns)
    # two lesions left alone cost the gate together; a pair that is no candidate must cost more than that
    matrix = np.full((n + m, n + m), 4.0 * gate_mm + 4.0)
    number = np.full((n, m), -1)
    matrix[row, column], number[row, column] = cost, np.arange(len(cost))
    matrix[:n, m:][np.diag_indices(n)] = matrix[n:, :m][np.diag_indices(m)] = gate_mm / 2
    matrix[n:, m:] = 0
    taken = linear_sum_assignment(matrix)
    inside = (taken[0] < n) & (taken[1] < m)
    found = number[taken[0][inside], taken[1][inside]]
    return np.sort(found[found >= 0])


def list_sightings(
    lesions: pd.DataFrame,
    measurements: pd.DataFrame,
    uptake: pd.DataFrame,
    visits: pd.DataFrame,
    baselines: pd.DataFrame,
) -> pd.DataFrame:
    """Return what the readers saw on the baseline scans: lesion, modality, organ, side and position (mm, where given)."""
    on_ct = measurements[measurements["state"].isin(SEEN_ON_CT)].merge(
        visits.loc[visits["visit_role"].isin(BASELINES), ["scan_id"]], on="scan_id"
    )
    parts = [on_ct[LESION].drop_duplicates().assign(modality="CT")]
    for tracer, modality in TRACERS.items():
        rows = uptake[uptake["scan_id"].isin(baselines[f"{tracer}_scan_id"].dropna())]
        rows = rows[~rows["visual"].isin(NOT_SEEN)]
        parts.append(rows[[*LESION, *POSITION]].drop_duplicates(LESION).assign(modality=modality))
    seen = pd.concat(parts, ignore_index=True)
    return seen.merge(lesions[[*LESION, "organ", "laterality"]], on=LESION, validate="many_to_one")


def review_links(sightings: pd.DataFrame, *, gate_mm: float) -> pd.DataFrame:
    """Return for each lesion and pair of modalities whether the check agrees with the readers (schema link_review).

    `sightings`: patient_id, lesion_id, modality, organ, laterality, x_mm, y_mm, z_mm on the baseline scans. Findings:
    `agrees`; `another partner` and `beyond the gate` (the readers link, position does not); `possible link` (position, or
    without it the only lesions of an organ and side, link what the readers saw on one modality each); `one modality`
    (data, not a gap); `no position` (the readers link, nothing to check it by).
    """
    parts = []
    for names in combinations(MODALITIES, 2):
        first, second = (sightings[sightings["modality"] == name] for name in names)
        parts.append(_review_pair(first, second, gate_mm).assign(pair=" / ".join(names)))
    rows = pd.concat(parts)
    rows = rows.assign(needs_review=rows["finding"].isin(DISAGREE))
    return tables.conform(rows.sort_values([*LESION, "pair"]), "link_review")


def _review_pair(first: pd.DataFrame, second: pd.DataFrame, gate_mm: float) -> pd.DataFrame:
    rows = first[[*LESION, *POSITION]].merge(second[[*LESION, *POSITION]], on=LESION, how="outer", indicator=True)
    squares = sum((rows[f"{axis}_x"] - rows[f"{axis}_y"]) ** 2 for axis in POSITION)
    rows = rows.assign(reader_link=rows["_merge"] == "both", own_mm=np.sqrt(squares))
    linked = rows.loc[rows["reader_link"], LESION]
    found = match(first, second, gate_mm=gate_mm)
    lone = [part.merge(linked, on=LESION, how="left", indicator=True) for part in (first, second)]
    lone = [part[part["_merge"] == "left_only"] for part in lone]
    only_ones = _only_ones(*lone)
    is_taken = [
        pd.MultiIndex.from_frame(only_ones[key]).isin(pd.MultiIndex.from_frame(found[key]))
        for key in (LESION, ["patient_id", "partner_id"])
    ]
    found = pd.concat([found, only_ones[~is_taken[0] & ~is_taken[1]]])
    partners = pd.concat([found, found.rename(columns={"lesion_id": "partner_id", "partner_id": "lesion_id"})])
    strangers = partners[partners["lesion_id"] != partners["partner_id"]].drop_duplicates(LESION)
    agreed = pd.MultiIndex.from_frame(found.loc[found["lesion_id"] == found["partner_id"], LESION])
    rows = rows.merge(strangers, on=LESION, how="left")
    own_pair = pd.MultiIndex.from_frame(rows[LESION]).isin(agreed)
    partner = rows[["patient_id", "partner_id"]].set_axis(LESION, axis=1)
    partner_is_lone = rows["partner_id"].notna() & ~pd.MultiIndex.from_frame(partner).isin(
        pd.MultiIndex.from_frame(linked)
    )
    link = rows["reader_link"]
    findings = [
        (link & own_pair, "agrees"),
        (link & rows["partner_id"].notna(), "another partner"),
        (link & ~(rows["own_mm"] > gate_mm), "no position"),  # or no organ
        (link, "beyond the gate"),
        (partner_is_lone, "possible link"),
    ]
    finding = np.select([mark for mark, _ in findings], [word for _, word in findings], "one modality")
    shown = rows["partner_id"].where(np.isin(finding, ["another partner", "possible link"]))
    distance = rows["own_mm"].fillna(rows["distance_mm"].where(shown.notna()))
    return rows[[*LESION, "reader_link"]].assign(partner_id=shown, distance_mm=distance, finding=finding)


def _only_ones(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Lesions without a position that are the only one of their patient, organ and side on either scan."""
    place = ["patient_id", "organ", "laterality"]
    alone = [
        part[~part.duplicated(place, keep=False)].dropna(subset=["organ", "laterality"]) for part in (first, second)
    ]
    pairs = alone[0].merge(alone[1], on=place, suffixes=("", "_there"))
    pairs = pairs[pairs["x_mm"].isna() | pairs["x_mm_there"].isna()]
    return pairs[LESION].assign(partner_id=pairs["lesion_id_there"], distance_mm=np.nan)
