"""Time-point response by RECIST 1.1: target, non-target, new lesions, overall (sections 4.3, 4.4, tables 1 and 2)."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.lesion_sizes import ASSESSMENT, HUNDREDTHS, LESION, follow_ups, size_lesions
from sonimage.targets import follow_target_lesions, judge_targets, sum_targets

SEVERITY = ("PD", "NE", "NON-CR/NON-PD", "SD", "PR", "CR")  # of two assessments on one day the worst counts


def derive_visit_response(
    lesions: pd.DataFrame, measurements: pd.DataFrame, visits: pd.DataFrame, *, keep_partial_response: bool
) -> pd.DataFrame:
    """Return the response at every assessment after baseline (schema visit_response).

    `overall_response` keeps PR until progression where `keep_partial_response` (EORTC RECIST FAQ);
    `overall_response_strict` judges each assessment anew. A lesion that comes back after an overall CR is PD.
    """
    sizes = size_lesions(lesions, measurements, visits)
    sums = sum_targets(follow_target_lesions(sizes, visits))
    judged = follow_ups(visits).merge(sums[~sums["is_baseline"]], on=ASSESSMENT, how="left", validate="one_to_one")
    if judged.empty:
        return tables.empty("visit_response")
    judged = judged.assign(target_response=pd.Series(judge_targets(judged)).where(judged["n_targets"].notna()))
    judged = judged.merge(_non_target(lesions, sizes, visits), on=ASSESSMENT, how="left", validate="one_to_one")
    judged = judged.merge(_new_lesions(lesions, sizes, visits), on=ASSESSMENT, how="left", validate="one_to_one")
    rows = sizes.sort_values(["source_file", "source_row"]).drop_duplicates(ASSESSMENT)
    rows = rows[[*ASSESSMENT, "source_file", "source_row"]]
    judged = judged.merge(rows, on=ASSESSMENT, how="left", validate="one_to_one").sort_values(
        ASSESSMENT, ignore_index=True
    )
    judged = _with_reappearance(judged)
    strict = overall(judged["target_response"], judged["nontarget_response"], judged["has_new_lesion"])
    kept = keep_response(strict, judged["patient_id"]) if keep_partial_response else strict
    judged = judged.assign(overall_response_strict=strict, overall_response=kept, source_table="measurements")
    return tables.conform(judged.assign(reason=_reasons(judged)), "visit_response")


def response_from_assessments(assessments: pd.DataFrame) -> pd.DataFrame:
    """Return the investigator's responses in the shape of visit_response, unchanged; of two on one day the worst.

    An assessment without an overall response says nothing and is left out.
    """
    given = assessments[assessments["overall_response"].notna()]
    rank = given["overall_response"].map({response: rank for rank, response in enumerate(SEVERITY)})
    worst = given.assign(rank=rank).sort_values([*ASSESSMENT, "rank", "source_row"]).drop_duplicates(ASSESSMENT)
    return tables.conform(
        worst.assign(
            overall_response_strict=worst["overall_response"],
            reason=worst["overall_response"] + ": given by the investigator",
            source_table="assessments",
        ),
        "visit_response",
    )


def overall(target: pd.Series, nontarget: pd.Series, new_lesion: pd.Series) -> pd.Series:
    """Overall response from its components (RECIST 1.1 table 1; without target lesions table 2).

    `new_lesion`: an unequivocal new lesion now or earlier. Without any lesion at baseline only a new one can be judged.
    """
    any_progression = (target == "PD") | (nontarget == "PD") | new_lesion.astype(bool)
    rest_is_gone = nontarget.isna() | (nontarget == "CR")
    conditions = [any_progression, target.isna(), (target == "CR") & rest_is_gone, target == "CR"]
    answers = ["PD", nontarget.fillna("NE"), "CR", "PR"]
    return pd.Series(np.select(conditions, answers, target.fillna("NE")), index=target.index, dtype=object)


def keep_response(strict: pd.Series, patient_id: pd.Series) -> pd.Series:
    """Once PR, an SD is a PR until progression (EORTC RECIST FAQ); CR, NE and PD stand."""
    progressions = (strict == "PD").groupby(patient_id).cumsum()
    responded = (strict == "PR").groupby([patient_id, progressions]).cummax()
    return strict.mask((strict == "SD") & responded, "PR")


def _non_target(lesions: pd.DataFrame, sizes: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Non-target response per assessment of patients with non-target lesions (RECIST 1.1 section 4.3.3)."""
    grid = lesions.loc[lesions["role"] == "NON-TARGET", LESION].merge(follow_ups(visits), on="patient_id")
    seen = sizes[[*LESION, "assessment_date", "state", "hundredths", "is_present", "is_progressive"]]
    grid = grid.merge(seen, on=[*LESION, "assessment_date"], how="left", validate="one_to_one")
    is_present = tables.known_true(grid["is_present"])
    is_assessed = grid["state"].notna() & (grid["state"] != "NOT EVALUABLE")
    counted = grid.assign(
        is_present=is_present,
        is_progressive=tables.known_true(grid["is_progressive"]),
        is_gone=is_assessed & ~is_present,
    ).groupby(ASSESSMENT)
    counted = counted.agg(
        nontarget_present=("is_present", "any"), progressive=("is_progressive", "any"), all_gone=("is_gone", "all")
    ).reset_index()
    conditions = [counted["progressive"], counted["nontarget_present"], counted["all_gone"]]
    response = np.select(conditions, ["PD", "NON-CR/NON-PD", "CR"], "NE").astype(object)
    return counted.assign(nontarget_response=response)[[*ASSESSMENT, "nontarget_response", "nontarget_present"]]


def _new_lesions(lesions: pd.DataFrame, sizes: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Per assessment: a new lesion is seen now, and whether one was seen now or before (RECIST 1.1 section 4.3.5).

    An equivocal new lesion counts, from the day it was first seen, once it is called unequivocal (state UNEQUIVOCAL
    PROGRESSION at a later CT).
    """
    new = sizes[(sizes["role"] == "NEW") & sizes["is_present"] & ~sizes["is_baseline"]]
    new = new.merge(lesions[[*LESION, "is_equivocal"]], on=LESION, validate="many_to_one")
    equivocal = tables.known_true(new["is_equivocal"])
    confirmed = new.groupby(LESION)["is_progressive"].transform("any").astype(bool)
    seen = new.loc[~equivocal | confirmed, ASSESSMENT].drop_duplicates().assign(new_lesion=True)
    every = follow_ups(visits).merge(seen, on=ASSESSMENT, how="left", validate="one_to_one").sort_values(ASSESSMENT)
    every = every.assign(new_lesion=tables.known_true(every["new_lesion"]))
    return every.assign(has_new_lesion=every.groupby("patient_id")["new_lesion"].cummax().astype(bool))


def _with_reappearance(judged: pd.DataFrame) -> pd.DataFrame:
    """A lesion that comes back after an overall CR is PD whatever its size (EORTC RECIST clarifications)."""
    at_visit = overall(judged["target_response"], judged["nontarget_response"], judged["has_new_lesion"])
    complete = (at_visit == "CR").groupby(judged["patient_id"])
    after_complete = complete.cummax().groupby(judged["patient_id"]).shift(fill_value=False)
    target_back = after_complete & tables.known_true(judged["is_present"])
    other_back = after_complete & tables.known_true(judged["nontarget_present"])
    return judged.assign(
        target_response=judged["target_response"].mask(target_back, "PD"),
        nontarget_response=judged["nontarget_response"].mask(other_back, "PD"),
        is_reappearance=target_back | other_back,
    )


def _reasons(judged: pd.DataFrame) -> pd.Series:
    """The response in words, with the sum, its changes and the nadir it was compared with."""
    parts = pd.concat([_words_target(judged), _words_other(judged), _words_kept(judged)], axis=1).fillna("")
    text = parts.apply("; ".join, axis=1) if len(parts) else pd.Series(dtype=object)
    text = text.str.replace(r"(; )+", "; ", regex=True).str.strip("; ")
    return judged["overall_response"] + ": " + text.where(text != "", "no lesion was recorded at baseline")


def _words_target(judged: pd.DataFrame) -> pd.Series:
    total, nadir, baseline = (judged[name] / HUNDREDTHS for name in ("hundredths", "nadir", "baseline"))
    of_nadir = 100 * (total - nadir) / nadir.where(nadir > 0)
    of_baseline = 100 * (total - baseline) / baseline
    sum_words = "sum " + total.map("{:.2f} mm".format)
    against_nadir = (
        of_nadir.map(", {:+.1f} %".format).where(of_nadir.notna(), "")
        + (total - nadir).map(" and {:+.2f} mm over the nadir of ".format)
        + nadir.map("{:.2f} mm on ".format)
        + judged["nadir_date"].dt.strftime("%Y-%m-%d").fillna("")
    )
    against_baseline = of_baseline.map(", {:+.1f} % from the baseline of ".format) + baseline.map("{:.2f} mm".format)
    count = (
        judged["n_assessed"].fillna(0).astype(int).astype(str)
        + " of "
        + judged["n_targets"].fillna(0).astype(int).astype(str)
    )
    conditions = [
        judged["target_response"].isna(),
        judged["is_reappearance"] & (judged["target_response"] == "PD"),
        judged["target_response"] == "CR",
        judged["target_response"] == "PD",
        judged["target_response"] == "NE",
    ]
    words = [
        "",
        "a target lesion is back after a complete response",
        "every target lesion gone, nodes under 10 mm",
        sum_words + against_nadir,
        count + " target lesions assessed",
    ]
    return pd.Series(np.select(conditions, words, sum_words + against_baseline), index=judged.index)


def _words_other(judged: pd.DataFrame) -> pd.Series:
    other = np.where(judged["nontarget_response"].notna(), "non-target " + judged["nontarget_response"].fillna(""), "")
    conditions = [judged["new_lesion"].astype(bool), judged["has_new_lesion"].astype(bool)]
    new = np.select(conditions, ["new lesion", "new lesion at an earlier assessment"], "")
    return pd.Series(other, index=judged.index).str.cat(pd.Series(new, index=judged.index), sep="; ")


def _words_kept(judged: pd.DataFrame) -> pd.Series:
    kept = judged["overall_response"] != judged["overall_response_strict"]
    return pd.Series(np.where(kept, "partial response kept until progression", ""), index=judged.index)
