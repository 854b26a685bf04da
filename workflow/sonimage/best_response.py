"""Best overall response, unconfirmed and confirmed, and clinical benefit (RECIST 1.1 section 4.6)."""

import numpy as np
import pandas as pd

from sonimage import tables

RESPONDING = ("CR", "PR")
STABLE = ("SD", "NON-CR/NON-PD")
BEST_FIRST = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
NOT_EVALUABLE_BETWEEN = 1  # RECIST 1.1 section 4.6: how many NE may stand between a response and its confirmation


def derive_best_response(
    patients: pd.DataFrame,
    visit_response: pd.DataFrame,
    target_sums: pd.DataFrame,
    events: pd.DataFrame,
    *,
    sd_min_days: int,
    confirmation_days: int,
    clinical_benefit_days: int,
) -> pd.DataFrame:
    """Return one row per patient (schema best_response); windows are plain date differences from randomisation.

    Assessments from randomisation to the first PD count, none after a new agent. Where randomisation does not
    apply, days count from the first day of treatment.
    """
    counted = count_assessments(visit_response, patients, events)
    best = best_of(counted.assign(response=counted["overall_response"]), sd_min_days=sd_min_days)
    strict = counted.assign(response=counted["overall_response_strict"])
    confirmed = confirm_best(strict, sd_min_days=sd_min_days, confirmation_days=confirmation_days)
    benefits = counted["overall_response"].isin(RESPONDING) | (
        counted["overall_response"].isin(STABLE) & (counted["day"] >= clinical_benefit_days)
    )
    summary = pd.DataFrame({"patient_id": patients["patient_id"]}).set_index("patient_id")
    summary = summary.assign(
        best_response=best["response"],
        best_response_date=best["assessment_date"],
        confirmed_best_response=confirmed,
        best_change_percent=_best_change(target_sums, visit_response, events),
        objective_response=best["response"].isin(RESPONDING),
        clinical_benefit=benefits.groupby(counted["patient_id"]).any(),
        has_target=pd.Series(True, index=target_sums["patient_id"].unique()),
        n_assessments=counted.groupby("patient_id").size(),
    )
    has_target = tables.known_true(summary["has_target"])
    reason = np.where(
        has_target, "no assessment after baseline", "no target lesion at baseline and no assessment after it"
    )
    summary = summary.assign(
        has_target=has_target,
        n_assessments=summary["n_assessments"].fillna(0),
        clinical_benefit=tables.known_true(summary["clinical_benefit"]),
        objective_response=tables.known_true(summary["objective_response"]),
        reason=pd.Series(reason, index=summary.index).where(summary["best_response"].isna()),
    )
    return tables.conform(summary.rename_axis("patient_id").reset_index().sort_values("patient_id"), "best_response")


def count_assessments(visit_response: pd.DataFrame, patients: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The assessments that count for best response, in order, with `day` since randomisation."""
    start = patients.set_index("patient_id")["randomisation_date"]
    start = start.fillna(patients.set_index("patient_id")["first_treatment_date"])
    rows = visit_response[visit_response["patient_id"].isin(start.index)]
    rows = rows.sort_values(["patient_id", "assessment_date"], ignore_index=True)
    day = (rows["assessment_date"] - rows["patient_id"].map(start)).dt.days
    progressed = (rows["overall_response"] == "PD").groupby(rows["patient_id"]).cumsum()
    before = progressed.groupby(rows["patient_id"]).shift(fill_value=0) == 0
    treated = ~(rows["assessment_date"] > rows["patient_id"].map(new_agent_dates(events)))
    return rows.assign(day=day)[before & treated & ~(day < 0)].reset_index(drop=True)


def new_agent_dates(events: pd.DataFrame) -> pd.Series:
    """First day of a new therapeutic agent per patient; responses after it never count."""
    agents = events[events["event"] == "NEW THERAPEUTIC AGENT"]
    return agents.groupby("patient_id")["event_date"].min()


def first_progression_dates(visit_response: pd.DataFrame) -> pd.Series:
    """Date of the first PD per patient."""
    progressed = visit_response[visit_response["overall_response"] == "PD"]
    return progressed.groupby("patient_id")["assessment_date"].min()


def best_of(counted: pd.DataFrame, *, sd_min_days: int) -> pd.DataFrame:
    """Best response and the first date it was reached, per patient; stable disease before its minimum duration is NE.

    `counted`: patient_id, assessment_date, day, response.
    """
    early = counted["response"].isin(STABLE) & (counted["day"] < sd_min_days)
    response = counted["response"].mask(early, "NE")
    rank = response.map({name: number for number, name in enumerate(BEST_FIRST)})
    ranked = counted.assign(response=response, rank=rank).sort_values(["patient_id", "rank", "assessment_date"])
    return ranked.drop_duplicates("patient_id").set_index("patient_id")[["response", "assessment_date"]]


def confirm_best(counted: pd.DataFrame, *, sd_min_days: int, confirmation_days: int) -> pd.Series:
    """Confirmed best response per patient (RECIST 1.1 table 3).

    CR and PR need a second one at least `confirmation_days` later with at most one NE between, and no PR after a CR.
    Unconfirmed, they are SD if any assessment at or after `sd_min_days` was free of progression, or if SD followed PR;
    else PD if disease was seen after a CR or progression followed, else NE.
    """
    counted = counted.sort_values(["patient_id", "assessment_date"], ignore_index=True)
    response, patient = counted["response"], counted["patient_id"]
    previous = response.groupby(patient).shift()
    controlled = response.isin(["CR", "PR", "SD"]) & (counted["day"] >= sd_min_days)
    findings = pd.DataFrame(
        {
            "CR": _is_confirmed(counted, first="CR", second=["CR"], between=["CR", "NE"], days=confirmation_days),
            "PR": _is_confirmed(
                counted, first="PR", second=["CR", "PR"], between=["CR", "PR", "NE"], days=confirmation_days
            ),
            "SD": controlled | ((response == "SD") & (previous == "PR")),
            "NON-CR/NON-PD": (response == "NON-CR/NON-PD") & (counted["day"] >= sd_min_days),
            "PD": (response == "PD") | (response.isin(["PR", "SD"]) & (previous == "CR")),
            "NE": True,
        }
    )
    reached = findings.groupby(patient).any()
    return reached.idxmax(axis=1) if len(reached) else pd.Series(dtype=object)


def _is_confirmed(counted: pd.DataFrame, *, first: str, second: list[str], between: list[str], days: int) -> pd.Series:
    """Mark each `first` whose earliest `second` at least `days` later has nothing between that forbids confirmation."""
    response, patient = counted["response"], counted["patient_id"]
    at = np.arange(len(counted))
    ends = pd.DataFrame({"patient_id": patient, "end": at, "end_date": counted["assessment_date"]})[
        response.isin(second)
    ]
    pairs = pd.DataFrame({"patient_id": patient, "start": at, "start_date": counted["assessment_date"]})[
        response == first
    ]
    pairs = pairs.merge(ends, on="patient_id")
    pairs = pairs[pairs["end_date"] >= pairs["start_date"] + pd.Timedelta(days=days)]
    pairs = pairs.sort_values(["start", "end"]).drop_duplicates("start")
    start, end = pairs["start"].to_numpy(), pairs["end"].to_numpy()
    foreign = np.cumsum(~response.isin(between).to_numpy())
    not_evaluable = np.cumsum((response == "NE").to_numpy())
    # last PR at or before each row, next CR after each row: a PR after a CR undoes the response
    last_partial = np.maximum.accumulate(np.where(response == "PR", at, -1)) if len(at) else at
    complete_after = np.append(np.where(response == "CR", at, len(at)), len(at))
    next_complete = np.minimum.accumulate(complete_after[::-1])[::-1][1:]
    allowed = (
        (foreign[end] == foreign[start])
        & (not_evaluable[end] - not_evaluable[start] <= NOT_EVALUABLE_BETWEEN)
        & ((last_partial[end] <= start) | (next_complete[start] > last_partial[end]))
    )
    return pd.Series(np.isin(at, start[allowed]), index=counted.index)


def _best_change(target_sums: pd.DataFrame, visit_response: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Largest shrinkage of a complete sum after baseline, up to the first PD and not after a new agent (percent)."""
    after = target_sums[target_sums["nadir_sum_mm"].notna() & tables.known_true(target_sums["is_complete"])]
    patient, day = after["patient_id"], after["assessment_date"]
    within = ~(day > patient.map(first_progression_dates(visit_response))) & ~(
        day > patient.map(new_agent_dates(events))
    )
    return after[within].groupby("patient_id")["change_from_baseline_percent"].min()
