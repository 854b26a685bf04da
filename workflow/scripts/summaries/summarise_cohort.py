"""Summarise who was studied, what the scans showed and how patients and lesions responded."""

from sonimage import faults, tables
from sonimage.summaries import attrition, cohort, lesions_and_scans, progression, response_rates

faults.log_to(snakemake.log[0])

READ = (
    "patients", "pet_baselines", "lesion_links", "link_review", "analysis_set", "heterogeneity", "fes_status",
    "scan_quality", "scan_listing", "lesion_change", "pfs1",
)  # fmt: skip
study = {name: tables.read(snakemake.input[name], name) for name in READ}
patients = study["analysis_set"]
tables.write(attrition.count_attrition(patients), snakemake.output.attrition, "attrition")
tables.write(cohort.summarise_cohort(patients), snakemake.output.cohort, "cohort")
imaging = lesions_and_scans.summarise_imaging(
    study["fes_status"],
    study["heterogeneity"],
    study["scan_quality"],
    study["pet_baselines"],
    study["patients"],
    study["lesion_links"],
    study["link_review"],
    study["scan_listing"],
)
tables.write(imaging, snakemake.output.imaging_summary, "imaging_summary")
rates = response_rates.summarise_response(patients, snakemake.params.rates)
tables.write(rates, snakemake.output.response_summary, "response_summary")
lesions = response_rates.summarise_lesion_response(
    study["lesion_change"], study["fes_status"], **snakemake.params.bootstrap
)
tables.write(lesions, snakemake.output.lesion_response_summary, "lesion_response_summary")
tables.write(progression.summarise_pfs1(study["pfs1"], patients), snakemake.output.pfs1_summary, "pfs1_summary")
