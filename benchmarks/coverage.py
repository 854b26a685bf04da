"""Do the confidence intervals of the primary analysis hold the simulated hazard ratios at the nominal rate?

200 studies of 100 patients per scenario through the derivations in memory: `python benchmarks/coverage.py [studies]`.
"""

import sys
from math import log
from pathlib import Path

import pandas as pd
import yaml
from sonimage import (
    analysis_set,
    best_response,
    cox,
    eligibility,
    fes_status,
    heterogeneity,
    lesion_links,
    lesion_readings,
    lesion_sizes,
    pet_baselines,
    pfs1,
    tables,
    targets,
    visit_response,
    visits,
)  # fmt: skip
from sonimage.simulate import simulate_trial

PROJECT = Path(__file__).parents[1]
CONFIG = yaml.safe_load((PROJECT / "config/config.yaml").read_text())
PARAMETERS = yaml.safe_load((PROJECT / "config/simulation.yaml").read_text())
PRIMARY = next(analysis for analysis in CONFIG["analyses"] if analysis["id"] == "primary")


def analyse(study: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The primary Cox model of one simulated study."""
    patients, scans, lesions = study["patients"], study["scans"], study["lesions"]
    grouped = visits.link_visits(
        patients, scans, study["measurements"], pooling_days=CONFIG["link"]["pooling_days"], late_baseline_days=28
    )
    baselines = pet_baselines.derive_pet_baselines(patients, scans, grouped, late_baseline_days=28)
    links = lesion_links.link_lesions(lesions, study["measurements"], study["uptake"], grouped, baselines)
    readings = lesion_readings.read_lesions(patients, scans, lesions, links, study["uptake"], baselines)
    status = fes_status.derive_fes_status(readings, **CONFIG["fes_status"])
    groups = heterogeneity.derive_heterogeneity(
        patients, status, baselines,
        background_organs=CONFIG["fes_status"]["background_organs"], **CONFIG["heterogeneity"],
    )  # fmt: skip
    sizes = lesion_sizes.size_lesions(lesions, study["measurements"], grouped)
    sums = targets.sum_targets(targets.follow_target_lesions(sizes), sizes)
    responses = visit_response.derive_visit_response(sizes, sums, keep_partial_response=True)
    rules = CONFIG["recist"]
    best = best_response.derive_best_response(
        patients, responses, targets.derive_target_sums(sums), study["events"], confirmation=rules["confirmation"],
        sd_min_days=rules["sd_min_days"], clinical_benefit_days=rules["clinical_benefit_days"],
    )  # fmt: skip
    survival, _ = pfs1.derive_pfs1(patients, responses, study["events"])
    judged = eligibility.derive_eligibility(patients, baselines, **CONFIG["eligibility"])
    rows = analysis_set.derive_analysis_set(
        patients, judged, baselines, groups, best, survival, tables.empty("scan_quality")
    )
    models, _ = cox.fit_cox_models(rows, [PRIMARY])
    return models[(models["analysis_id"] == "primary") & (models["method"] == cox.EFRON)].set_index("term")


def true_log_ratios(scenario: str) -> dict[str, float]:
    """Log hazard ratios that the medians of a scenario without interaction mean under its Weibull shape."""
    medians, shape = PARAMETERS["median_pfs1_months"][scenario], PARAMETERS["weibull_shape"]
    base = medians["B"]["all_pos"]
    ratios = {
        "mixed": medians["B"]["mixed"] / base,
        "all_neg": medians["B"]["all_neg"] / base,
        "A": medians["A"]["all_pos"] / base,
    }
    return {term: -shape * log(ratio) for term, ratio in ratios.items()}


def main(studies: int) -> None:
    for scenario in ("null", "prognostic"):
        truth, rows = true_log_ratios(scenario), []
        for seed in range(studies):
            model = analyse(simulate_trial(PARAMETERS | {"seed": seed, "scenario": scenario}))
            for term, value in truth.items():
                row = model.loc[term]
                inside = log(row["ci_lower"]) <= value <= log(row["ci_upper"]) if row["ci_lower"] > 0 else None
                rows.append(
                    {"term": term, "inside": inside, "bias": row["coef"] - value, "rejects": row["p_value"] < 0.05}
                )
        found = pd.DataFrame(rows).dropna()
        summary = found.groupby("term").agg(
            fitted=("inside", "size"), coverage=("inside", "mean"), bias=("bias", "mean"), rejects=("rejects", "mean")
        )
        print(f"\n{scenario}\n{summary.round(3).to_string()}")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
