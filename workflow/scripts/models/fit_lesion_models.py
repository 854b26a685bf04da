"""Fit the models of lesions within patients."""

import logging

from sonimage import faults, tables
from sonimage.models import clustered_lesions

faults.log_to(snakemake.log[0])

status, change = (tables.read(snakemake.input[name], name) for name in ("fes_status", "lesion_change"))
settings = snakemake.params.lesion_models | snakemake.params.bootstrap
fitted = clustered_lesions.fit_lesion_models(status, change, snakemake.params.analyses, **settings)
tables.write(fitted, snakemake.output.lesion_models, "lesion_models")
logging.info("%d models", fitted["analysis_id"].nunique())
