"""Operating characteristics of the primary analysis: what it finds in simulated trials whose truth is known.

Trials of one design are simulated together as one large cohort, taken through the same derivations as the study, and
parted at random; only the models are fitted trial by trial.
"""

from math import log

import numpy as np
import pandas as pd
from scipy import stats

from sonimage import tables  # fmt: skip
from sonimage.cox import design_matrix, hazard_ratios, inference
from sonimage.endpoints import lesion_sizes, pfs1, targets, visit_response
from sonimage.imaging import fes_status, heterogeneity, lesion_readings
from sonimage.linking import lesion_links, pet_baselines, visits
from sonimage.populations import analysis_set
from sonimage.simulate.study import simulate_readings

LEVEL = 0.05  # two-sided
TERMS = ("mixed", "all_neg", "A")


def simulate_trials(parameters: dict, *, n_trials: int, seed: list[int]) -> tuple[dict[str, pd.DataFrame], pd.Series]:
    """Return the tables of `n_trials` trials together, and the number of the trial of each patient.

    `parameters`: of one trial (config/simulation.yaml); `seed`: of this batch. Patients are parted at random, so that
    each trial holds `n_patients`, its arms as chance has it.
    """
    n_patients = parameters["n_patients"]
    generator = np.random.default_rng(seed)
    study = simulate_readings(parameters | {"n_patients": n_patients * n_trials}, generator)
    trial = generator.permutation(n_patients * n_trials) % n_trials
    return study, pd.Series(trial, index=study["patients"]["patient_id"])


def derive_trials(
    study: dict[str, pd.DataFrame], *, link: dict, status_rules: dict, group_rules: dict, keep_partial_response: bool
) -> pd.DataFrame:
    """Return the analysis set of all trials: PFS1 from measurements, groups from FES- and FDG-PET, as in the study.

    `link`: pooling_days and late_baseline_days; `status_rules`, `group_rules`: of derive_fes_status and derive_heterogeneity.
    """
    patients, scans, lesions, measurements, uptake, events = (
        study[name] for name in ("patients", "scans", "lesions", "measurements", "uptake", "events")
    )
    assessments = visits.link_visits(patients, scans, measurements, **link)
    baselines = pet_baselines.derive_pet_baselines(
        patients, scans, assessments, late_baseline_days=link["late_baseline_days"]
    )
    links = lesion_links.link_lesions(lesions, measurements, uptake, assessments, baselines)
    readings = lesion_readings.read_lesions(patients, scans, lesions, links, uptake, baselines)
    status = fes_status.derive_fes_status(readings, **status_rules)
    groups = heterogeneity.derive_heterogeneity(patients, status, baselines, **group_rules)
    sizes = lesion_sizes.size_lesions(lesions, measurements, assessments)
    sums = targets.sum_targets(targets.follow_target_lesions(sizes), sizes)
    responses = visit_response.derive_visit_response(sizes, sums, keep_partial_response=keep_partial_response)
    survival, _ = pfs1.derive_pfs1(patients, responses, events)
    unused = (tables.empty(name) for name in ("eligibility", "best_response", "scan_quality"))
    judged, best, quality = unused
    return analysis_set.derive_analysis_set(patients, judged, baselines, groups, best, survival, quality)


def fit_trials(rows: pd.DataFrame, trial: pd.Series, analysis: dict) -> pd.DataFrame:
    """Return the primary model of each trial, one row per trial and term (schema trial_estimates).

    Maximum likelihood alone; a trial in which it has no finite answer says why and has no estimates.
    """
    patients = design_matrix.select_population(rows.sort_values("patient_id", ignore_index=True), analysis)
    design = design_matrix.build_design(patients, analysis)
    number = patients.loc[design.frame.index, "patient_id"].map(trial)
    parts = [
        row | {"trial": int(one)}
        for one, frame in design.frame.groupby(number)
        for row in _fit_trial(design._replace(frame=frame), analysis)
    ]
    return tables.conform(pd.DataFrame(parts), "trial_estimates")


def _fit_trial(design: design_matrix.Design, analysis: dict) -> list[dict]:
    fitted, problem = hazard_ratios.fit_if_possible(design)
    facts = {"n": len(design.frame), "n_events": int(design.frame[design_matrix.EVENT].sum()), "note": problem}
    if fitted is None:
        return [facts | {"term": term} for term in design.terms["term"]]
    data, fit, terms = fitted
    of_group = set(design.terms.loc[design.terms["variable"] == analysis["grouping"], "term"])
    dropped = [j for j, term in enumerate(terms) if term in of_group]
    if dropped:
        restricted = inference.restricted_fit(data, fit, dropped)
        facts["lr_p_value"] = inference.likelihood_ratio_test(fit, restricted, len(dropped)).p_value
    numbers = dict(
        zip(terms, zip(fit.coef, fit.se, stats.chi2.sf((fit.coef / fit.se) ** 2, 1), strict=True), strict=True)
    )
    names = ("coef", "se", "p_value")
    return [
        facts | {"term": term} | dict(zip(names, numbers.get(term, ()), strict=False)) for term in design.terms["term"]
    ]


def true_log_ratios(parameters: dict) -> dict[str, float]:
    """Log hazard ratios that the medians of a scenario mean under its Weibull shape; none where the arms interact."""
    medians, shape = parameters["median_pfs1_months"][parameters["scenario"]], parameters["weibull_shape"]
    base = medians["B"]["all_pos"]
    ratios = {group: -shape * log(medians["B"][group] / base) for group in ("mixed", "all_neg")}
    in_arm_a = {group: -shape * log(medians["A"][group] / medians["A"]["all_pos"]) for group in ratios}
    if any(abs(ratios[group] - in_arm_a[group]) > 0.02 for group in ratios):
        return {}
    return ratios | {"A": -shape * log(medians["A"]["all_pos"] / base)}


def summarise_trials(estimates: pd.DataFrame, truth: dict[str, float]) -> pd.DataFrame:
    """Return coverage, bias, power or type-I error of each term and of the group as a whole.

    Schema operating_characteristics, without the design. Rates come with their Monte-Carlo standard error; trials
    without estimates count as not rejecting and are left out of coverage and bias.
    """
    parts = [_summarise_term(estimates[estimates["term"] == term], truth.get(term, np.nan)) for term in TERMS]
    once = estimates.drop_duplicates("trial")
    whole = {"term": "group, likelihood ratio", "n_fitted": int(once["lr_p_value"].notna().sum())}
    parts.append(whole | _rate("rejects", (once["lr_p_value"] < LEVEL).to_numpy()))
    facts = {"n_trials": len(once), "mean_patients": once["n"].mean(), "mean_events": once["n_events"].mean()}
    return pd.DataFrame([facts | part for part in parts])


def _summarise_term(rows: pd.DataFrame, truth: float) -> dict:
    fitted = rows[rows["coef"].notna()]
    error = fitted["coef"] - truth
    reach = 1.959963984540054 * fitted["se"]
    known = np.isfinite(truth) and len(fitted) > 0
    facts = {
        "term": rows["term"].iloc[0] if len(rows) else None,
        "true_log_ratio": truth,
        "n_fitted": len(fitted),
        "bias": error.mean() if known else np.nan,
        "bias_se": error.std() / np.sqrt(len(fitted)) if known else np.nan,
        "mean_se": fitted["se"].mean(),
        "empirical_se": fitted["coef"].std(),
    }
    covered = _rate("coverage", (error.abs() <= reach).to_numpy()) if known else {}
    return facts | covered | _rate("rejects", (rows["p_value"] < LEVEL).to_numpy())


def _rate(name: str, marks: np.ndarray) -> dict[str, float]:
    """A share of trials and its Monte-Carlo standard error."""
    share = marks.mean() if len(marks) else np.nan
    return {name: share, f"{name}_se": np.sqrt(share * (1 - share) / len(marks)) if len(marks) else np.nan}
