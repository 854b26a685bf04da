"""Summarise who was studied, what the scans showed and how patients and lesions responded."""

from sonimage import analysis_set, cohort, faults, imaging_summary, pfs1, response_summary, tables

faults.log_to(snakemake.log[0])

study = {name: tables.read(path, name) for name, path in snakemake.input.items()}
patients = study["analysis_set"]
tables.write(analysis_set.count_attrition(patients), snakemake.output.attrition, "attrition")
tables.write(cohort.summarise_cohort(patients), snakemake.output.cohort, "cohort")
imaging = imaging_summary.summarise_imaging(
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
rates = response_summary.summarise_response(patients, snakemake.params.rates)
tables.write(rates, snakemake.output.response_summary, "response_summary")
lesions = response_summary.summarise_lesion_response(
    study["lesion_change"], study["fes_status"], **snakemake.params.bootstrap
)
tables.write(lesions, snakemake.output.lesion_response_summary, "lesion_response_summary")
tables.write(pfs1.summarise_pfs1(study["pfs1"], patients), snakemake.output.pfs1_summary, "pfs1_summary")
