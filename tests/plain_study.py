"""A study of two patients in the plain layout: seven small CSV files."""

from pathlib import Path

from first_stages import Stages, run_stages
from project import PROJECT
from sonimage.exports import maps

PLAIN = PROJECT / "config/exports/plain.yaml"
FILES = {
    "patients": "patient_id,centre,sex,randomisation_date,allocation,first_treatment_date,death_date\n"
    "P1,UMCG,F,2020-01-10,A,2020-01-12,\nP2,VUMC,F,2020-02-10,B,,2021-03-01\n",
    "scans": "scan_id,patient_id,modality,scan_date\nS1,P1,CT,2020-01-05\nS2,P1,CT,2020-04-05\nS3,P1,FES-PET,2020-01-06\nS4,P2,CT,2020-02-01\n",
    "lesions": "patient_id,lesion_id,organ,laterality,is_node,role\nP1,T01,Lever,,False,TARGET\nP2,NT01,bone,left,False,NON-TARGET\n",
    "measurements": "patient_id,lesion_id,scan_id,diameter_mm,state\nP1,T01,S1,20.5,measured\nP1,T01,S2,10,MEASURED\nP2,NT01,S4,,PRESENT\n",
    "uptake": "patient_id,lesion_id,scan_id,suvmax\nP1,T01,S3,2.5\n",
    "assessments": "patient_id,assessment_date,overall_response\nP1,2020-04-05,PR\n",
    "events": "patient_id,event,event_date\nP1,BREAK START,2020-03-01\n",
}


def write_study(folder: Path) -> Path:
    """The seven files in a new folder."""
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def replace(folder: Path, name: str, old: str, new: str) -> None:
    """Change text that must be there."""
    path = folder / f"{name}.csv"
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def stages(folder: Path, cut_off: str | None = None) -> Stages:
    """Import, clean and link a folder in the plain layout."""
    return run_stages(folder, maps.load(PLAIN), cut_off)
