"""Best overall response, unconfirmed and confirmed, and clinical benefit (RECIST 1.1 section 4.6)."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.decision_table import decide

RESPONDING = ("CR", "PR")
STABLE = ("SD", "NON-CR/NON-PD")
BEST_FIRST = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")


def derive_best_response(
    patients: pd.DataFrame,
    visit_response: pd.DataFrame,
    target_sums: pd.DataFrame,
    events: pd.DataFrame,
    *,
    sd_min_days: int,
    clinical_benefit_days: int,
    confirmation: dict,
) -> pd.DataFrame:
    """Return one row per patient (schema best_response); windows are plain date differences from randomisation.

    Assessments from randomisation to the first PD count, none after a new agent. Where randomisation does not
    apply, days count from the first day of treatment. `confirmation`: the settings of `confirmed_responses`.
    """
    counted = count_assessments(visit_response, patients, events)
    kept, strict = (
        counted.assign(response=pd.Categorical(counted[reading], categories=BEST_FIRST))
        for reading in ("overall_response", "overall_response_strict")
    )
    best = best_of(kept, sd_min_days=sd_min_days)
    confirmed = confirm_best(strict, sd_min_days=sd_min_days, **confirmation)
    benefits = is_benefit(kept, clinical_benefit_days=clinical_benefit_days)
    has_target = patients["patient_id"].isin(target_sums["patient_id"].unique()).to_numpy()
    no_answer = np.where(
        has_target, "no assessment after baseline", "no target lesion at baseline and no assessment after it"
    )
    summary = pd.DataFrame({"patient_id": patients["patient_id"].to_numpy(), "has_target": has_target}).assign(
        best_response=best["response"],
        best_response_date=best["assessment_date"],
        confirmed_best_response=confirmed["response"],
        confirmed_best_response_date=confirmed["assessment_date"],
        response_date=kept[kept["response"].isin(RESPONDING)].groupby("patient")["assessment_date"].min(),
        clinical_benefit=benefits.groupby(counted["patient"]).any(),
        n_assessments=counted.groupby("patient").size(),
        reason=pd.Series(no_answer, dtype=object),
    )
    return tables.conform(
        summary.assign(
            best_change_percent=summary["patient_id"].map(_best_change(target_sums, visit_response, patients, events)),
            objective_response=summary["best_response"].isin(RESPONDING),
            clinical_benefit=tables.known_true(summary["clinical_benefit"]),
            n_assessments=summary["n_assessments"].fillna(0),
            reason=summary["reason"].where(summary["best_response"].isna()),
        ).sort_values("patient_id"),
        "best_response",
    )


def count_assessments(visit_response: pd.DataFrame, patients: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The assessments that count for best response, in order, with `patient` (row of `patients`) and `day` since
    randomisation.
    """
    patient = pd.Index(patients["patient_id"]).get_indexer(visit_response["patient_id"])
    rows = visit_response.assign(patient=patient)[patient >= 0]
    rows = rows.iloc[np.lexsort([rows["assessment_date"], rows["patient"]])].reset_index(drop=True)
    start = first_days(patients).to_numpy()[rows["patient"]]
    agent = patients["patient_id"].map(new_agent_dates(patients, events)).to_numpy()[rows["patient"]]
    day = (rows["assessment_date"] - start).dt.days
    progressed = (rows["overall_response"] == "PD").groupby(rows["patient"]).cumsum()
    before = progressed.groupby(rows["patient"]).shift(fill_value=0) == 0
    counts = before & ~(rows["assessment_date"] > agent) & ~(day < 0)
    return rows.assign(day=day)[counts].reset_index(drop=True)


def first_days(patients: pd.DataFrame) -> pd.Series:
    """Day from which days count: randomisation, else the first day of treatment."""
    return patients["randomisation_date"].fillna(patients["first_treatment_date"])


def new_agent_dates(patients: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """First day of a new therapeutic agent on first line per patient; responses after it never count.

    An agent before randomisation is of an earlier line, as for PFS1.
    """
    agents = events[events["event"] == "NEW THERAPEUTIC AGENT"]
    start = agents["patient_id"].map(first_days(patients).set_axis(patients["patient_id"]))
    return agents[~(agents["event_date"] < start)].groupby("patient_id")["event_date"].min()


def first_progression_dates(visit_response: pd.DataFrame) -> pd.Series:
    """Date of the first PD per patient."""
    progressed = visit_response[visit_response["overall_response"] == "PD"]
    return progressed.groupby("patient_id")["assessment_date"].min()


def is_benefit(counted: pd.DataFrame, *, clinical_benefit_days: int, stable: tuple[str, ...] = STABLE) -> pd.Series:
    """Mark the assessments that are a clinical benefit: CR or PR, or stable at or after `clinical_benefit_days`."""
    lasted = counted["response"].isin(stable) & (counted["day"] >= clinical_benefit_days)
    return counted["response"].isin(RESPONDING) | lasted


def best_of(counted: pd.DataFrame, *, sd_min_days: int) -> pd.DataFrame:
    """Best response and the first date it was reached, per patient; stable disease before its minimum duration is NE.

    `counted`: patient, assessment_date, day, response.
    """
    early = counted["response"].isin(STABLE) & (counted["day"] < sd_min_days)
    response = counted["response"].mask(early, "NE")
    rank = pd.Categorical(response, categories=BEST_FIRST).codes
    order = np.lexsort([counted["assessment_date"], rank, counted["patient"]])
    ranked = counted[["patient", "assessment_date"]].assign(response=response).iloc[order]
    return ranked.drop_duplicates("patient").set_index("patient")


def confirm_best(counted: pd.DataFrame, *, sd_min_days: int, **confirmation) -> pd.DataFrame:
    """Confirmed best response and its first date, per patient (RECIST 1.1 table 3).

    `counted` as for `best_of`. Unconfirmed, CR and PR are SD if any assessment at or after `sd_min_days` was free of
    progression, or if SD followed PR; else PD if disease was seen after a CR or progression followed, else NE.
    """
    counted = counted.iloc[np.lexsort([counted["assessment_date"], counted["patient"]])].reset_index(drop=True)
    response, lasted = counted["response"], counted["day"] >= sd_min_days
    previous = response.shift().where(counted["patient"] == counted["patient"].shift())
    after_complete = (response == "CR").groupby(counted["patient"]).cummax()
    responses = confirmed_responses(counted, **confirmation)
    controlled = response.isin(["CR", "PR", "SD"]) & lasted
    reached = decide(
        (responses == "CR", "CR"),
        (responses == "PR", "PR"),
        (controlled | ((response == "SD") & (previous == "PR")), "SD"),
        ((response == "NON-CR/NON-PD") & lasted, "NON-CR/NON-PD"),
        ((response == "PD") | (response.isin(["PR", *STABLE]) & after_complete), "PD"),
        otherwise="NE",
    )
    return best_of(counted.assign(response=pd.Categorical(reached, categories=BEST_FIRST)), sd_min_days=0)


def confirmed_responses(
    counted: pd.DataFrame, *, confirmation_days: int, confirmation_max_ne: int, confirmation_accept_sd: bool
) -> pd.Series:
    """Mark each CR and PR that a second one at least `confirmation_days` later confirms, empty elsewhere.

    Between the two at most `confirmation_max_ne` NE, nothing worse than the response, one SD where
    `confirmation_accept_sd`; and no PR after a CR (RECIST 1.1 section 4.6). `counted` in order of patient and day.
    """
    at_most = {"NE": confirmation_max_ne, "SD": int(confirmation_accept_sd)}
    settings = {"days": confirmation_days, "at_most": at_most}
    complete = _is_confirmed(counted, first="CR", second=["CR"], between=["CR", "NE"], **settings)
    partial = _is_confirmed(counted, first="PR", second=["CR", "PR"], between=["CR", "PR", "NE", "SD"], **settings)
    return pd.Series(decide((complete, "CR"), (partial, "PR"), otherwise=None), index=counted.index)


def _is_confirmed(
    counted: pd.DataFrame, *, first: str, second: list[str], between: list[str], days: int, at_most: dict[str, int]
) -> np.ndarray:
    """Mark each `first` whose earliest `second` at least `days` later has nothing between that forbids confirmation."""
    response, at = counted["response"], np.arange(len(counted))
    rows = counted[["patient", "assessment_date"]].assign(at=at)
    pairs = rows[response == first].merge(rows[response.isin(second)], on="patient", suffixes=("_start", "_end"))
    pairs = pairs[pairs["assessment_date_end"] >= pairs["assessment_date_start"] + pd.Timedelta(days=days)]
    earliest = pairs.groupby("at_start")["at_end"].min()
    start, end = earliest.index.to_numpy(dtype=int), earliest.to_numpy(dtype=int)
    foreign = np.cumsum(~response.isin(between).to_numpy())
    counts = {kind: np.cumsum((response == kind).to_numpy()) for kind in at_most}
    # last PR at or before each row, next CR after each row: a PR after a CR undoes the response
    last_partial = np.maximum.accumulate(np.where(response == "PR", at, -1)) if len(at) else at
    complete_after = np.append(np.where(response == "CR", at, len(at)), len(at))
    next_complete = np.minimum.accumulate(complete_after[::-1])[::-1][1:]
    allowed = (
        (foreign[end] == foreign[start])
        & np.logical_and.reduce([counts[kind][end] - counts[kind][start] <= limit for kind, limit in at_most.items()])
        & ((last_partial[end] <= start) | (next_complete[start] > last_partial[end]))
    )
    return np.isin(at, start[allowed])


def _best_change(
    target_sums: pd.DataFrame, visit_response: pd.DataFrame, patients: pd.DataFrame, events: pd.DataFrame
) -> pd.Series:
    """Largest shrinkage of a complete sum after baseline, up to the first PD and not after a new agent (percent)."""
    after = target_sums[target_sums["nadir_sum_mm"].notna() & tables.known_true(target_sums["is_complete"])]
    patient, day = after["patient_id"], after["assessment_date"]
    after_agent = day > patient.map(new_agent_dates(patients, events))
    late = (day > patient.map(first_progression_dates(visit_response))) | after_agent
    return after[~late].groupby("patient_id")["change_from_baseline_percent"].min()
