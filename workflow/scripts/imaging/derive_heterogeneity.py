"""Derive FES status of lesions, heterogeneity groups of patients, and scan quality."""

import logging

from sonimage import blinding, faults, tables
from sonimage.imaging import fes_status, heterogeneity, lesion_readings, scan_facts, scan_quality

faults.log_to(snakemake.log[0])

READ = ("patients", "scans", "lesions", "uptake", "pet_baselines", "lesion_links")
study = {name: tables.read(snakemake.input[name], name) for name in READ}
patients, scans, uptake, pet_baselines = (study[name] for name in ("patients", "scans", "uptake", "pet_baselines"))
rules = snakemake.params.fes_status
readings = lesion_readings.read_lesions(**study)
status = fes_status.derive_fes_status(readings, **rules)
groups = heterogeneity.derive_heterogeneity(
    patients,
    status,
    pet_baselines,
    background_organs=rules["background_organs"],
    **snakemake.params.heterogeneity,
)
if snakemake.params.blinding_seed is not None:
    status, groups = blinding.deal_imaging(status, groups, snakemake.params.blinding_seed)
facts = scan_facts.derive_scan_facts(scans, patients, pet_baselines, uptake, **snakemake.params.scan_facts)
quality = scan_quality.check_scans(facts, limits=snakemake.params.scan_quality)
tables.write(status, snakemake.output.fes_status, "fes_status")
tables.write(groups, snakemake.output.heterogeneity, "heterogeneity")
tables.write(quality, snakemake.output.scan_quality, "scan_quality")
tables.write(scan_quality.list_scans(facts, quality), snakemake.output.scan_listing, "scan_listing")
logging.info("%d lesions, %d patients with a group", len(status), groups["het3"].notna().sum())
