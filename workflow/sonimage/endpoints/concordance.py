"""Derived and investigator response side by side, and how well they agree."""

import numpy as np
import pandas as pd

from sonimage import schemas, tables

ASSESSMENT, BEST = "assessment", "best response"


def compare_responses(derived: pd.DataFrame, given: pd.DataFrame, *, window_days: int) -> pd.DataFrame:
    """Return each derived response with the investigator's of the nearest day within `window_days`.

    Both in the shape of visit_response. An investigator's assessment without a derived one near it is not listed;
    a derived one without is listed as empty. Schema response_concordance.
    """
    patients = pd.Index(derived["patient_id"].unique())
    left, right = (
        pd.DataFrame({"patient": patients.get_indexer(rows["patient_id"]), "day": rows["assessment_date"]})
        for rows in (derived, given)
    )
    left, right = left.assign(derived=range(len(left))), right.assign(given=range(len(right)))
    pairs = pd.merge_asof(
        left.sort_values("day"),
        right[right["patient"] >= 0].sort_values("day"),
        on="day",
        by="patient",
        direction="nearest",
        tolerance=pd.Timedelta(days=window_days),
    )
    pairs = pairs.set_index("derived")["given"].sort_index()
    nearest = given.reset_index(drop=True).reindex(pairs)
    derived = derived.reset_index(drop=True).rename(columns={"overall_response": "derived_response"})
    compared = derived.assign(
        level=ASSESSMENT,
        investigator_response=nearest["overall_response"].to_numpy(),
        investigator_date=nearest["assessment_date"].to_numpy(),
    )
    is_equal = compared["derived_response"] == compared["investigator_response"]
    answered = compared["investigator_response"].notna()
    return tables.conform(compared.assign(is_equal=is_equal.where(answered)), "response_concordance")


def compare_best_responses(derived: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Return the best response of each patient from either source, both in the shape of best_response."""
    both = derived[["patient_id", "best_response", "best_response_date"]].merge(
        given[["patient_id", "best_response", "best_response_date"]],
        on="patient_id",
        how="left",
        validate="one_to_one",
        suffixes=("", "_given"),
    )
    both = both[both["best_response"].notna()]
    return tables.conform(
        pd.DataFrame(
            {
                "patient_id": both["patient_id"],
                "level": BEST,
                "assessment_date": both["best_response_date"],
                "derived_response": both["best_response"],
                "investigator_response": both["best_response_given"],
                "investigator_date": both["best_response_date_given"],
                "is_equal": (both["best_response"] == both["best_response_given"]).where(
                    both["best_response_given"].notna()
                ),
            }
        ),
        "response_concordance",
    )


def summarise_agreement(compared: pd.DataFrame) -> pd.DataFrame:
    """Return counts of each pair of responses, and Cohen's kappa, of assessments and best responses.

    Schema response_agreement; the rows without an investigator's response are counted apart. Kappa is unweighted, with
    its large-sample limits (Fleiss, Cohen and Everitt 1969; statsmodels).
    """
    parts = [_summarise(level, compared[compared["level"] == level]) for level in (ASSESSMENT, BEST)]
    return tables.conform(pd.concat(parts), "response_agreement")


def _summarise(level: str, rows: pd.DataFrame) -> pd.DataFrame:
    levels = schemas.levels("visit_response", "overall_response")
    paired = rows[rows["investigator_response"].notna()]
    every = pd.MultiIndex.from_product([levels, levels])
    counts = paired.groupby(["derived_response", "investigator_response"]).size().reindex(every, fill_value=0)
    counts = counts.unstack().reindex(index=levels, columns=levels)
    cells = [
        {"statistic": "count", "derived_response": one, "investigator_response": other, "value": counts.loc[one, other]}
        for one, other in every
    ]
    pairs = len(paired)
    facts = [
        {"statistic": "pairs", "value": pairs},
        {"statistic": "without an investigator's response", "value": len(rows) - pairs},
        {"statistic": "equal", "value": np.trace(counts) / pairs if pairs else np.nan},
        {"statistic": "kappa"} | _kappa(counts.to_numpy()),
    ]
    return pd.DataFrame([*cells, *facts]).assign(level=level)


def _kappa(counts: np.ndarray) -> dict[str, float]:
    """Cohen's kappa with limits; empty where all answers are the same one."""
    from statsmodels.stats.inter_rater import cohens_kappa

    if (counts.sum(axis=0) > 0).sum() < 2 and (counts.sum(axis=1) > 0).sum() < 2:
        return {"value": np.nan}
    used = (counts.sum(axis=0) + counts.sum(axis=1)) > 0
    answer = cohens_kappa(counts[np.ix_(used, used)])
    return {"value": answer.kappa, "ci_lower": answer.kappa_low, "ci_upper": answer.kappa_upp}
