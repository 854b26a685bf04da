"""Simulated courses: CTs every twelve weeks, sizes that shrink until progression shows, events, the investigator."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.endpoints.lesion_sizes import size_lesions
from sonimage.endpoints.targets import follow_target_lesions, sum_targets
from sonimage.endpoints.visit_response import derive_visit_response
from sonimage.linking import visits

TOO_SMALL_MM, GONE_MM = 5, 2.5


def draw_courses(
    cohort: pd.DataFrame, lesions: pd.DataFrame, parameters: dict, generator: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Return CT scans, measurements, new lesions and events; enters deaths in `cohort`.

    Progression shows on the first CT on or after the true day; nothing else makes a sum progress.
    """
    ct = _schedule(cohort, parameters, generator)
    measured, new = _measure(cohort, lesions, ct, parameters, generator)
    events = _events(cohort, ct, generator)
    died = _deaths(cohort, generator)
    cohort["death_date"] = died
    cohort["last_contact_date"] = cohort["last_contact_date"].where(died.isna(), died)
    scans = pd.DataFrame(
        {
            "scan_id": ct["patient_id"] + " CT " + _iso(ct["scan_date"]),
            "patient_id": ct["patient_id"],
            "modality": "CT",
            "scan_date": ct["scan_date"],
        }
    )
    return {"scans": scans, "measurements": measured, "new_lesions": new, "events": events}


def _iso(days: pd.Series) -> np.ndarray:
    """Days as text; ten times faster than pandas' strftime, which a cohort of simulated trials would wait for."""
    return days.to_numpy().astype("datetime64[D]").astype(str).astype(object)


def _schedule(cohort: pd.DataFrame, parameters: dict, generator: np.random.Generator) -> pd.DataFrame:
    """CT days until progression is seen, another event ends the line, or follow-up ends."""
    n, step = len(cohort), parameters["days_between_ct"]
    most = int(cohort["last_day"].max() / step) + 2
    offset = (cohort["first_treatment_date"] - cohort["randomisation_date"]).dt.days.to_numpy()
    before = generator.integers(0, 22, n)
    day = offset[:, None] + np.arange(most) * step + np.round(generator.normal(0, 4, (n, most))).astype(int)
    day[:, 0] = offset - before
    kept = (generator.random((n, most)) >= parameters["share_ct_missed"]) | (np.arange(most) == 0)
    end = cohort["last_day"].to_numpy()[:, None]
    ended = cohort["event_day"].to_numpy()[:, None]
    by_scan = cohort["event_kind"].isin(["progression", "break"]).to_numpy()[:, None]
    kept &= (day <= end) & (by_scan | (day < ended) | (np.arange(most) == 0))
    seen_after = kept & (day >= ended)
    first_seen = np.where(seen_after.any(axis=1), np.where(seen_after, day, 10**9).min(axis=1), 10**9)[:, None]
    kept &= day <= first_seen
    row, number = np.nonzero(kept)
    days = day[row, number]
    return pd.DataFrame(
        {
            "patient_id": cohort["patient_id"].to_numpy()[row],
            "at": row,
            "day": days,
            "since_baseline": days - day[row, 0],
            "is_baseline": number == 0,
            "is_progression": by_scan[row, 0] & (days >= ended[row, 0]) & (number > 0),
            "scan_date": cohort["randomisation_date"].to_numpy()[row] + days.astype("timedelta64[D]"),
        }
    )


def _measure(cohort, lesions, ct, parameters, generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sizes and states of every lesion on every CT, and the new lesions that show progression."""
    responds = generator.random(len(cohort)) < cohort["allocation"].map(parameters["response_share"]).to_numpy()
    depth = np.where(responds, generator.uniform(0.4, 1.0, len(cohort)), generator.uniform(0.0, 0.22, len(cohort)))
    cause = generator.choice(["target", "nontarget", "new"], len(cohort), p=[0.35, 0.25, 0.4])
    rows = lesions[lesions["role"].notna()].merge(ct, on="patient_id")
    has = {role: rows.loc[rows["role"] == role, "at"].unique() for role in ("TARGET", "NON-TARGET")}
    at = np.arange(len(cohort))
    by_target = (cause == "target") & np.isin(at, has["TARGET"])
    by_nontarget = (cause == "nontarget") & np.isin(at, has["NON-TARGET"])
    slower = np.where(rows["true_fes"] == "neg", 0.4, 1.0)
    shrink = np.clip(depth[rows["at"]] * slower, 0, 1) * (1 - np.exp(-rows["since_baseline"] / 90))
    size = rows["diameter"] * (1 - shrink)
    grows = rows["is_progression"] & by_target[rows["at"]] & (rows["role"] == "TARGET")
    size = np.where(grows, size * 1.35 + 6, size).round(1)
    target = (rows["role"] == "TARGET").to_numpy()
    worse = (rows["is_progression"] & by_nontarget[rows["at"]] & (rows["role"] == "NON-TARGET")).to_numpy()
    gone = size < GONE_MM
    state = np.select(
        [~target & worse, ~target, gone, size < TOO_SMALL_MM],
        ["UNEQUIVOCAL PROGRESSION", "PRESENT", "ABSENT", "TOO SMALL TO MEASURE"],
        "MEASURED",
    )
    measured = pd.DataFrame(
        {
            "patient_id": rows["patient_id"],
            "lesion_id": rows["lesion_id"],
            "scan_id": rows["patient_id"] + " CT " + _iso(rows["scan_date"]),
            "diameter_mm": np.where((state == "MEASURED") & target, size, np.nan),
            "state": state,
        }
    )
    shown = ct[ct["is_progression"] & ~(by_target | by_nontarget)[ct["at"]]]
    new = shown[["patient_id"]].assign(lesion_id="N01", organ="liver", is_node=False, role="NEW", laterality=None)
    seen = shown.assign(lesion_id="N01", diameter_mm=np.nan, state="PRESENT")
    seen = seen.assign(scan_id=seen["patient_id"] + " CT " + _iso(seen["scan_date"]))
    return pd.concat([measured, seen[measured.columns]]), new


def _events(cohort: pd.DataFrame, ct: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """What ends the line other than progression, breaks, and the next agent after progression."""
    day = cohort["randomisation_date"] + pd.to_timedelta(cohort["event_day"], unit="D")
    reached = cohort["event_day"] <= cohort["last_day"]
    parts = []
    for kind, event in (("symptomatic", "SYMPTOMATIC DETERIORATION"), ("new_agent", "NEW THERAPEUTIC AGENT")):
        rows = (cohort["event_kind"] == kind) & reached
        parts.append(
            pd.DataFrame({"patient_id": cohort.loc[rows, "patient_id"], "event": event, "event_date": day[rows]})
        )
    progressed = ct[ct["is_progression"]].set_index("patient_id")["scan_date"]
    in_break = cohort.loc[cohort["event_kind"] == "break", "patient_id"]
    started = progressed.reindex(in_break).dropna() - pd.Timedelta(days=20)
    parts.append(pd.DataFrame({"patient_id": started.index, "event": "BREAK START", "event_date": started.to_numpy()}))
    wait = pd.to_timedelta(generator.integers(7, 60, len(progressed)), unit="D")
    following = progressed + wait
    parts.append(
        pd.DataFrame(
            {"patient_id": following.index, "event": "NEW THERAPEUTIC AGENT", "event_date": following.to_numpy()}
        )
    )
    return pd.concat(parts)


def _deaths(cohort: pd.DataFrame, generator: np.random.Generator) -> pd.Series:
    """Death as the event, or some time after it."""
    as_event = cohort["event_kind"] == "death"
    later = cohort["event_day"] + 90 + generator.exponential(700, len(cohort)).astype(int)
    day = np.where(as_event, cohort["event_day"], later)
    return (cohort["randomisation_date"] + pd.to_timedelta(day, unit="D")).where(day <= cohort["last_day"])


def investigate(study: dict[str, pd.DataFrame], parameters: dict, generator: np.random.Generator) -> pd.DataFrame:
    """The investigator's responses: those of RECIST 1.1, with SD and PR mistaken for each other now and then."""
    ct = study["scans"][study["scans"]["modality"] == "CT"]
    grouped = visits.link_visits(study["patients"], ct, study["measurements"], pooling_days=7, late_baseline_days=28)
    sizes = size_lesions(study["lesions"], study["measurements"], grouped)
    sums = sum_targets(follow_target_lesions(sizes), sizes)
    derived = derive_visit_response(sizes, sums, keep_partial_response=True)
    disagrees = generator.random(len(derived)) < parameters["share_investigator_disagrees"]
    given = derived["overall_response"].where(~disagrees, derived["overall_response"].replace({"SD": "PR", "PR": "SD"}))
    return tables.conform(derived.assign(overall_response=given), "assessments")
