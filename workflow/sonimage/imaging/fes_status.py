"""FES and FDG status of each lesion: the first rule that applies decides, and names the reason."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.decision_table import decide
from sonimage.tables import LESION

POSITIVE, NEGATIVE, NOT_EVALUABLE = "pos", "neg", "ne"


def derive_fes_status(
    readings: pd.DataFrame, *, large_from_mm: float, fdg_suvmax_cut: float | None, **rules
) -> pd.DataFrame:
    """Return every lesion with its FES and FDG status, their reasons, and the denominators it is in (schema fes_status).

    `readings`: see lesion_readings; `rules`: those of `judge_fes`.
    """
    fes_status, fes_reason = judge_fes(readings, **rules)
    fdg_status, fdg_reason = judge_fdg(readings, suvmax_cut=fdg_suvmax_cut)
    in_d1 = tables.known_true(readings["is_on_ct"]) | tables.known_true(readings["is_on_fdg"])
    return tables.conform(
        readings.assign(
            fes_status=fes_status,
            fes_reason=fes_reason,
            fdg_status=fdg_status,
            fdg_reason=fdg_reason,
            in_d1=in_d1,
            in_d2=in_d1 | tables.known_true(readings["is_on_fes"]),
            in_d3=fdg_status == POSITIVE,
            in_d4=in_d1 & (readings["baseline_diameter_mm"] >= large_from_mm),
        ).sort_values(LESION),
        "fes_status",
    )


def judge_fes(
    readings: pd.DataFrame,
    *,
    suvmax_cut: float,
    small_below_mm: float,
    background_organs: list[str],
    physiologic_organs: list[str],
    without_reading: str,
    reading: str,
    liver_ratio_cuts: list[float] | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return FES status and reason per lesion.

    `without_reading` is the status of a lesion that the reader of a usable FES scan did not mention (`ne` or `neg`).
    `reading`: `call, then suv`; `call` alone; `suv` alone. `liver_ratio_cuts`: None leaves the liver out; [low, high]
    judges it by SUVmax over the background, low and below high being equivocal.
    An SUVmax of exactly `suvmax_cut` is positive, a size of exactly `small_below_mm` is not small; bone has no size rule.
    """
    call, suvmax, organ = readings["fes_visual"], readings["fes_suvmax"], readings["organ"]
    by_call, by_suv = reading != "suv", reading != "call"
    outside = _known_false(readings["fes_in_field_of_view"])
    in_background, size = organ.isin(background_organs), readings["baseline_diameter_mm"]
    low, high = liver_ratio_cuts or (-np.inf, np.inf)
    ratio = suvmax / readings["fes_background_suvmean"].where(in_background & bool(liver_ratio_cuts))
    return _first_that_applies(
        (~tables.known_true(readings["has_fes_scan"]), NOT_EVALUABLE, "NO FES SCAN"),
        (call.isna() & suvmax.isna() & ~outside, without_reading, "NO FES READING"),
        (outside, NOT_EVALUABLE, "OUTSIDE FIELD OF VIEW"),
        (ratio >= high, POSITIVE, "RATIO AT OR ABOVE CUT"),
        (ratio < low, NEGATIVE, "RATIO BELOW CUT"),
        (in_background, NOT_EVALUABLE, "LIVER"),
        (organ.isin(physiologic_organs), NOT_EVALUABLE, "PHYSIOLOGIC"),
        (call == "not evaluable", NOT_EVALUABLE, "READER"),
        ((call == "positive") & by_call, POSITIVE, "VISUAL POSITIVE"),
        ((size < small_below_mm) & (organ != "bone"), NOT_EVALUABLE, "SMALL"),
        ((call == "negative") & by_call, NEGATIVE, "VISUAL NEGATIVE"),
        ((suvmax >= suvmax_cut) & by_suv, POSITIVE, "SUVMAX AT OR ABOVE CUT"),
        (suvmax.notna() & by_suv, NEGATIVE, "SUVMAX BELOW CUT"),
        otherwise=(NOT_EVALUABLE, "NO CALL" if not by_suv else "NO SUVMAX"),
    )


def judge_fdg(readings: pd.DataFrame, *, suvmax_cut: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Return FDG status and reason per lesion: visual above local background; without a call by the cut, if there is one."""
    call, suvmax = readings["fdg_visual"], readings["fdg_suvmax"]
    outside = _known_false(readings["fdg_in_field_of_view"])
    by_suv = suvmax.notna() & (suvmax_cut is not None)
    cut = np.inf if suvmax_cut is None else suvmax_cut
    return _first_that_applies(
        (~tables.known_true(readings["has_fdg_scan"]), NOT_EVALUABLE, "NO FDG SCAN"),
        (call.isna() & suvmax.isna() & ~outside, NOT_EVALUABLE, "NO FDG READING"),
        (outside, NOT_EVALUABLE, "OUTSIDE FIELD OF VIEW"),
        (call == "not evaluable", NOT_EVALUABLE, "READER"),
        (call == "positive", POSITIVE, "VISUAL POSITIVE"),
        (call == "negative", NEGATIVE, "VISUAL NEGATIVE"),
        (by_suv & (suvmax >= cut), POSITIVE, "SUVMAX AT OR ABOVE CUT"),
        (by_suv, NEGATIVE, "SUVMAX BELOW CUT"),
        otherwise=(NOT_EVALUABLE, "NO CALL"),
    )


def _known_false(column: pd.Series) -> pd.Series:
    return column.astype("boolean").eq(False).fillna(False).astype(bool)


def _first_that_applies(*rules: tuple, otherwise: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Status and reason of the first rule (applies, status, reason) that holds, row by row."""
    return tuple(
        decide(*((rule[0], rule[answer]) for rule in rules), otherwise=otherwise[answer - 1]) for answer in (1, 2)
    )
