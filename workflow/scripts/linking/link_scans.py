"""Group CTs into assessments, find baseline scans, and link lesions across scans."""

import logging

from sonimage import faults, tables
from sonimage.cleaning import query_records
from sonimage.linking import cross_checks, lesion_links, lesion_matching, pet_baselines, reader_decisions, visits

faults.log_to(snakemake.log[0])

patients, scans, lesions, measurements, uptake = (
    tables.read(snakemake.input[name], name) for name in ("patients", "scans", "lesions", "measurements", "uptake")
)
late_days = snakemake.params.late_baseline_days
ct_visits = visits.link_visits(
    patients,
    scans,
    measurements,
    pooling_days=snakemake.params.pooling_days,
    late_baseline_days=late_days,
    interval_days=snakemake.params.interval_days,
    window_days=snakemake.params.window_days,
)
baselines = pet_baselines.derive_pet_baselines(patients, scans, ct_visits, late_baseline_days=late_days)
links = lesion_links.link_lesions(lesions, measurements, uptake, ct_visits, baselines)
sightings = lesion_matching.list_sightings(lesions, measurements, uptake, ct_visits, baselines)
review = lesion_matching.review_links(sightings, gate_mm=snakemake.params.gate_mm)
review = reader_decisions.note_decisions(review, reader_decisions.read_register(snakemake.input.decisions))
logging.info(
    "%d CT scans in %d assessments", len(ct_visits), ct_visits.groupby(["patient_id", "assessment_date"]).ngroups
)
tables.write(ct_visits, snakemake.output.visits, "visits")
tables.write(baselines, snakemake.output.pet_baselines, "pet_baselines")
tables.write(links, snakemake.output.lesion_links, "lesion_links")
tables.write(review, snakemake.output.link_review, "link_review")
queries = query_records.name_records(cross_checks.query_reviews(review, lesions), {"lesions": lesions})
tables.write(queries, snakemake.output.queries, "queries")
