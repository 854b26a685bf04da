"""FES status of each lesion: the first rule that applies decides, and names the reason."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.lesion_sizes import LESION

POSITIVE, NEGATIVE, NOT_EVALUABLE = "pos", "neg", "ne"


def derive_fes_status(
    lesions: pd.DataFrame,
    lesion_links: pd.DataFrame,
    uptake: pd.DataFrame,
    pet_baselines: pd.DataFrame,
    *,
    suvmax_cut: float,
    small_below_mm: float,
    large_from_mm: float,
    background_organs: list[str],
    physiologic_organs: list[str],
    without_reading: str,
) -> pd.DataFrame:
    """Return every lesion with its FES status, reason and denominators (schema fes_status).

    `without_reading` is the status of a lesion that the reader of a usable FES scan did not mention (`ne` or `neg`).
    An SUVmax of exactly `suvmax_cut` is positive, a size of exactly `small_below_mm` is not small; bone has no size rule.
    """
    rows = lesion_links.drop(columns="modalities").merge(
        lesions[[*LESION, "is_node"]], on=LESION, how="left", validate="one_to_one"
    )
    for tracer in ("fes", "fdg"):
        rows = rows.merge(
            _baseline_reading(uptake, pet_baselines, tracer), on=LESION, how="left", validate="one_to_one"
        )
    scanned = pet_baselines.set_index("patient_id")["fes_scan_id"].notna()
    has_scan = tables.known_true(rows["patient_id"].map(scanned))
    call, suvmax, size, organ = rows["fes_visual"], rows["fes_suvmax"], rows["baseline_diameter_mm"], rows["organ"]
    out_of_view = rows["fes_in_field_of_view"].astype("boolean").eq(False).fillna(False).astype(bool)
    rules = (
        (~has_scan, NOT_EVALUABLE, "NO FES SCAN"),
        (call.isna() & suvmax.isna() & ~out_of_view, without_reading, "NO FES READING"),
        (out_of_view, NOT_EVALUABLE, "OUTSIDE FIELD OF VIEW"),
        (organ.isin(background_organs), NOT_EVALUABLE, "LIVER"),
        (organ.isin(physiologic_organs), NOT_EVALUABLE, "PHYSIOLOGIC"),
        (call == "not evaluable", NOT_EVALUABLE, "READER"),
        (call == "positive", POSITIVE, "VISUAL POSITIVE"),
        ((size < small_below_mm) & (organ != "bone"), NOT_EVALUABLE, "SMALL"),
        (call == "negative", NEGATIVE, "VISUAL NEGATIVE"),
        (suvmax >= suvmax_cut, POSITIVE, "SUVMAX AT OR ABOVE CUT"),
    )
    applies = [rule[0] for rule in rules]
    status = np.select(applies, [rule[1] for rule in rules], NEGATIVE).astype(object)
    reason = np.select(applies, [rule[2] for rule in rules], "SUVMAX BELOW CUT").astype(object)
    fdg = rows["fdg_visual"].map({"positive": POSITIVE, "negative": NEGATIVE, "not evaluable": NOT_EVALUABLE})
    in_d1 = tables.known_true(rows["is_on_ct"]) | tables.known_true(rows["is_on_fdg"])
    return tables.conform(
        rows.assign(
            fes_status=status,
            fes_reason=reason,
            fdg_status=fdg,
            in_d1=in_d1,
            in_d2=in_d1 | tables.known_true(rows["is_on_fes"]),
            in_d3=fdg == POSITIVE,
            in_d4=in_d1 & (size >= large_from_mm),
        ).sort_values(LESION),
        "fes_status",
    )


def _baseline_reading(uptake: pd.DataFrame, pet_baselines: pd.DataFrame, tracer: str) -> pd.DataFrame:
    """The reader's call and SUVmax of each lesion on the baseline scan of a tracer."""
    rows = uptake[uptake["scan_id"].isin(pet_baselines[f"{tracer}_scan_id"].dropna())]
    named = {name: f"{tracer}_{name}" for name in ("visual", "suvmax", "in_field_of_view")}
    return rows[[*LESION, *named]].rename(columns=named)
