"""What every stage shares: the code beside this Snakefile, one environment for every process, content digests."""

import os
import sys
from functools import cache
from pathlib import Path

import yaml

PROJECT = Path(workflow.basedir)
sys.path.insert(0, str(PROJECT / "workflow"))

from snakemake.utils import validate

from sonimage import blinding, schemas, settings
from sonimage.digest import code_of, digest_of
from sonimage.exports import delivery, maps
from sonimage.faults import FaultError
from sonimage.plan import loading as analysis_plan

config.update(settings.as_schema_says(config, schemas.load("config")))
validate(config, schemas.paths()["config"])


def project_file(path):
    """A file of the config or the project, in this folder or else beside the Snakefile."""
    return settings.locate(path, PROJECT)


# The same bytes on every machine: no threads in linear algebra, no hash order, no clock in files, and of the processor
# only what every x86-64 of the last decade has (AVX2): newer instructions and kernels move the last digit. What numba compiles
# follows the same rule and is kept in the environment (sonimage/cox/machine_code.py).
os.environ.update(
    PYTHONPATH=str(PROJECT / "workflow"),
    PYTHONHASHSEED="0",
    OPENBLAS_NUM_THREADS="1",
    OMP_NUM_THREADS="1",
    OPENBLAS_CORETYPE="Haswell",
    NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR",
    MPLBACKEND="agg",
    TZ="UTC",
    LC_ALL="C.UTF-8",
)
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")

# A dummy run stamps everything and, its digests being others, remakes everything.
IS_BLINDED = config["blinding"] in (True, "on")
BLINDING_SEED = config["blinding_seed"] if IS_BLINDED else None
os.environ.pop(blinding.STAMP, None)
if IS_BLINDED:
    os.environ[blinding.STAMP] = blinding.DUMMY

TABLES = maps.TABLES
RAW_DIR, EXPORT_MAP = project_file(config["raw_dir"]), project_file(config["export_map"])
ANALYSIS_PLAN = project_file(config["analysis_plan"])
CORRECTIONS, LINK_DECISIONS = project_file(config["clean"]["corrections"]), project_file(config["link"]["decisions"])
QUERY_RULES = {
    "ct_interval_days": config["link"]["ct_interval_days"],
    "organs_without_status": [*config["fes_status"]["background_organs"], *config["fes_status"]["physiologic_organs"]],
}
IS_EXAMPLE = Path(RAW_DIR).resolve() == (PROJECT / "data/example").resolve()
DATA_LABEL = config["data_label"] or ("simulated" if IS_EXAMPLE else "status not declared")

try:
    MAP = maps.load(EXPORT_MAP)
    PLAN = analysis_plan.load(
        ANALYSIS_PLAN,
        definitions=config["pfs1"]["definitions"],
        groupings=config["group_definitions"],
    )
except FaultError as error:
    raise WorkflowError(f"The run did not start. {error}")
# Absent files are faults of the import, named there with all others.
RAW_FILES = [str(path) for paths in delivery.find_files(RAW_DIR, MAP)[0].values() for path in paths]


def digest(script, *files, notebook=None):
    """Digest of a rule's script (room/name) and notebook with all they import, and of further files; see sonimage.digest."""
    code = [PROJECT / f"workflow/scripts/{script}.py", *([PROJECT / "notebooks" / notebook] if notebook else [])]
    content = digest_of([*code_of(*code), *map(Path, files)])
    return f"{content} {blinding.DUMMY} {BLINDING_SEED}" if IS_BLINDED else content


@cache
def raw_digest():
    """Digest of every file below raw_dir: a file that is new or gone changes it too."""
    return digest_of(delivery.raw_files(RAW_DIR), Path(RAW_DIR))


def folder_to_draft(wildcards):
    """The raw folder, which must be there."""
    if not Path(RAW_DIR).is_dir():
        raise WorkflowError(f"There is no folder {RAW_DIR}: set raw_dir to the folder of the raw files.")
    return RAW_DIR


def stage(folder, *tables):
    """Name of each table -> its file in a folder of results/."""
    return {table: f"results/{folder}/{table}.csv" for table in tables}


wildcard_constraints:
    table="|".join(TABLES),
    page="[a-z0-9_]+",
