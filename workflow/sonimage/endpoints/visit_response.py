"""Time-point response by RECIST 1.1: target, non-target, new lesions, overall (sections 4.3, 4.4, tables 1 and 2)."""

from itertools import product

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.decision_table import decide
from sonimage.endpoints.lesion_sizes import LesionSizes
from sonimage.endpoints.targets import judge_targets
from sonimage.linking.size_rules import HUNDREDTHS
from sonimage.tables import ASSESSMENT

NON_TARGET = schemas.levels("visit_response", "nontarget_response")
SEVERITY = ("PD", "NE", "NON-CR/NON-PD", "SD", "PR", "CR")  # of two assessments on one day the worst counts


def derive_visit_response(sizes: LesionSizes, sums: pd.DataFrame, *, keep_partial_response: bool) -> pd.DataFrame:
    """Return the response at every assessment after baseline (schema visit_response).

    `sums`: the rows of `targets.sum_targets`. `overall_response` keeps PR until progression where
    `keep_partial_response` (EORTC RECIST FAQ); `overall_response_strict` judges each assessment anew. A lesion that
    comes back after an overall CR is PD.
    """
    target = pd.Series(judge_targets(sums), index=sums.index, dtype=object)
    of_targets = sums.drop(columns=sizes.assessments.columns)
    judged = sizes.assessments.join(of_targets).assign(target_response=target)
    judged = judged.assign(**_non_target(sizes), **_new_lesions(sizes), **_first_raw_row(sizes))
    judged = judged[~judged["is_baseline"]]
    if judged.empty:
        return tables.empty("visit_response")
    judged = judged.reset_index(drop=True)
    at_visit = overall(judged["target_response"], judged["nontarget_response"], judged["has_new_lesion"])
    judged = _with_reappearance(judged.assign(overall_response_strict=at_visit))
    strict = judged["overall_response_strict"]
    kept = keep_response(strict, judged["patient"]) if keep_partial_response else strict
    judged = judged.assign(overall_response=kept, source_table="measurements")
    return tables.conform(judged.assign(reason=word_reasons(judged)), "visit_response")


def response_from_assessments(assessments: pd.DataFrame) -> pd.DataFrame:
    """Return the investigator's responses in the shape of visit_response, unchanged; of two on one day the worst.

    An assessment without an overall response says nothing and is left out.
    """
    given = assessments[assessments["overall_response"].notna()]
    rank = pd.Categorical(given["overall_response"], categories=SEVERITY).codes
    patient = pd.factorize(given["patient_id"], sort=True)[0]
    order = np.lexsort([given["source_row"].astype(float), rank, given["assessment_date"], patient])
    worst = given.iloc[order].drop_duplicates(ASSESSMENT)
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


def _non_target(sizes: LesionSizes) -> dict[str, np.ndarray]:
    """Non-target response per assessment of patients with non-target lesions (RECIST 1.1 section 4.3.3)."""
    is_other = sizes.of_role("NON-TARGET")
    read = sizes.readings.loc[is_other[sizes.readings["lesion"]], ["visit", "state", "is_present", "is_progressive"]]
    gone = ~read["is_present"] & read["state"].notna() & (read["state"] != "NOT EVALUABLE")
    progressive, present, n_gone = (
        np.bincount(read["visit"][marks], minlength=len(sizes.assessments))
        for marks in (read["is_progressive"], read["is_present"], gone)
    )
    n_lesions = sizes.count_per_assessment(is_other)
    response = decide(
        (n_lesions == 0, None),
        (progressive > 0, "PD"),
        (present > 0, "NON-CR/NON-PD"),
        (n_gone == n_lesions, "CR"),
        otherwise="NE",
    )
    return {"nontarget_response": response, "nontarget_present": present > 0}


def _new_lesions(sizes: LesionSizes) -> dict[str, np.ndarray]:
    """Per assessment: a new lesion is seen now, and whether one was seen now or before (RECIST 1.1 section 4.3.5).

    An equivocal new lesion counts, from the day it was first seen, once it is called unequivocal (state UNEQUIVOCAL
    PROGRESSION at a later CT).
    """
    read = sizes.readings
    new = read[sizes.of_role("NEW")[read["lesion"]] & read["is_present"] & ~sizes.at_baseline()]
    confirmed = np.bincount(new["lesion"][new["is_progressive"]], minlength=len(sizes.lesions)) > 0
    counts = confirmed | ~tables.known_true(sizes.lesions["is_equivocal"]).to_numpy()
    seen = np.bincount(new["visit"][counts[new["lesion"]]], minlength=len(sizes.assessments)) > 0
    ever = pd.Series(seen).groupby(sizes.assessments["patient"]).cummax().to_numpy(dtype=bool)
    return {"new_lesion": seen, "has_new_lesion": ever}


def _first_raw_row(sizes: LesionSizes) -> dict[str, pd.Series]:
    """The first raw file and row, in their order, of the readings of each assessment."""
    read = sizes.readings
    file, files = pd.factorize(read["source_file"], sort=True)
    span = 1 + read["source_row"].max() if len(read) else 1
    first = (file * span + read["source_row"]).groupby(read["visit"]).min().reindex(sizes.assessments.index)
    names = pd.Series(files, dtype=object).reindex(first // span)
    return {"source_file": names.set_axis(first.index), "source_row": first % span}


def _with_reappearance(judged: pd.DataFrame) -> pd.DataFrame:
    """A lesion that comes back after an overall CR is PD whatever its size (EORTC RECIST clarifications)."""
    complete = (judged["overall_response_strict"] == "CR").groupby(judged["patient"]).cummax()
    after_complete = complete.groupby(judged["patient"]).shift(fill_value=False)
    target_back = after_complete & (judged["is_present"] == True)  # noqa: E712 - missing without target lesions
    other_back = after_complete & judged["nontarget_present"]
    return judged.assign(
        target_response=judged["target_response"].mask(target_back, "PD"),
        nontarget_response=judged["nontarget_response"].mask(other_back, "PD"),
        overall_response_strict=judged["overall_response_strict"].mask(target_back | other_back, "PD"),
        is_reappearance=target_back | other_back,
    )


def word_reasons(judged: pd.DataFrame) -> pd.Series:
    """The response in words, with the sum, its changes and the nadir it was compared with."""
    target, others = _words_target(judged), _words_others(judged)
    has_target, has_others = judged["target_response"].notna(), others != ""
    text = (target + "; " + others).where(has_target & has_others, target.where(has_target, others))
    text = text.where(has_target | has_others, "no lesion was recorded at baseline")
    return judged["overall_response"] + ": " + text


def _words_others(judged: pd.DataFrame) -> pd.Series:
    """Non-target response, new lesions and a kept PR in words: each combination is worded once."""
    other = pd.Categorical(judged["nontarget_response"], categories=NON_TARGET).codes + 1
    new = np.select([judged["new_lesion"], judged["has_new_lesion"]], [1, 2], 0)
    kept = (judged["overall_response"] != judged["overall_response_strict"]).to_numpy(dtype=int)
    others = ["", *(f"non-target {response}" for response in NON_TARGET)]
    news = ["", "new lesion", "new lesion at an earlier assessment"]
    combined = product(others, news, ["", "partial response kept until progression"])
    sentences = np.array(["; ".join(filter(None, words)) for words in combined], dtype=object)
    return pd.Series(sentences[(other * len(news) + new) * 2 + kept], index=judged.index)


def _words_target(judged: pd.DataFrame) -> pd.Series:
    """Target response in words: against the nadir where it is PD, against the baseline where it is PR or SD."""
    target, is_back = judged["target_response"], judged["is_reappearance"]
    words = pd.Series("", index=judged.index, dtype=object)
    words[target == "CR"] = "every target lesion gone, nodes under 10 mm"
    missed = judged[target == "NE"]
    words[missed.index] = _write("%.0f of %.0f target lesions assessed", missed["n_assessed"], missed["n_targets"])
    rows = judged[target.isin(["PR", "SD"])]
    total, baseline = rows["hundredths"] / HUNDREDTHS, rows["baseline"] / HUNDREDTHS
    change = 100 * (total - baseline) / baseline
    words[rows.index] = _write("sum %.2f mm, %+.1f %% from the baseline of %.2f mm", total, change, baseline)
    rows = judged[(target == "PD") & ~is_back]
    words[rows.index] = _words_growth(rows)
    words[(target == "PD") & is_back] = "a target lesion is back after a complete response"
    return words


def _words_growth(rows: pd.DataFrame) -> pd.Series:
    """Growth over the nadir; without a percentage from a nadir of 0 mm."""
    total, nadir = rows["hundredths"] / HUNDREDTHS, rows["nadir"] / HUNDREDTHS
    day = rows["nadir_date"].dt.strftime("%Y-%m-%d").fillna("")
    percent = 100 * (total - nadir) / nadir.where(nadir > 0)
    share = _write(", %+.1f %%", percent).where(nadir > 0, "")
    return _write("sum %.2f mm%s and %+.2f mm over the nadir of %.2f mm on %s", total, share, total - nadir, nadir, day)


def _write(sentence: str, *columns: pd.Series) -> pd.Series:
    """The sentence (with % fields) filled in row by row."""
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return pd.Series(list(map(sentence.__mod__, rows)), index=columns[0].index, dtype=object)
