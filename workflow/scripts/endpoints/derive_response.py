"""Derive outcomes 2-4: response per patient, change per lesion, trajectory of target lesions."""

import logging

import pandas as pd
from sonimage import faults, tables
from sonimage.endpoints import best_response, concordance, lesion_change, lesion_sizes, targets, visit_response

faults.log_to(snakemake.log[0])

recist = snakemake.params.recist
patients, lesions, measurements, assessments, events, visits = (
    tables.read(snakemake.input[name], name)
    for name in ("patients", "lesions", "measurements", "assessments", "events", "visits")
)
sizes = lesion_sizes.size_lesions(lesions, measurements, visits)
followed = targets.follow_target_lesions(sizes)
sums = targets.sum_targets(followed, sizes)
target_sums = targets.derive_target_sums(sums)
derived = visit_response.derive_visit_response(sizes, sums, keep_partial_response=recist["keep_partial_response"])
sources = {"measurements": derived, "assessments": visit_response.response_from_assessments(assessments)}
responses = sources[snakemake.params.response_source]
best = {
    name: best_response.derive_best_response(
        patients,
        source,
        target_sums,
        events,
        sd_min_days=recist["sd_min_days"],
        clinical_benefit_days=recist["clinical_benefit_days"],
        confirmation=recist["confirmation"],
    )
    for name, source in sources.items()
}
changes = lesion_change.derive_lesion_change(sizes, sums, responses, patients, events)
trajectory = lesion_change.derive_trajectory(sizes, followed, sums, responses)
compared = concordance.compare_responses(derived, sources["assessments"], window_days=recist["concordance_days"])
compared_best = concordance.compare_best_responses(best["measurements"], best["assessments"])

tables.write(target_sums, snakemake.output.target_sums, "target_sums")
tables.write(responses, snakemake.output.visit_response, "visit_response")
tables.write(best[snakemake.params.response_source], snakemake.output.best_response, "best_response")
tables.write(changes, snakemake.output.lesion_change, "lesion_change")
tables.write(trajectory, snakemake.output.trajectory, "trajectory")
tables.write(pd.concat([compared, compared_best]), snakemake.output.response_concordance, "response_concordance")
logging.info("%d assessments of %d patients", len(responses), responses["patient_id"].nunique())
