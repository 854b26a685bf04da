"""Exports whose columns are known beforehand: PET headers, as our own reader names them, and CDISC SDTM by the project's map."""

from pathlib import Path

import pandas as pd

from sonimage.checks.drafting.columns.entries import Line
from sonimage.checks.drafting.columns.pairing import Match
from sonimage.checks.drafting.layouts.raw_tables import RawTable
from sonimage.checks.drafting.sources import Source, Study, patient_line, raw_line
from sonimage.exports import maps

SDTM_MAP = Path(__file__).parents[4] / "config/exports/sdtm.yaml"
# A column that only this domain has -> the domain
DOMAINS = {"TUTESTCD": "tu", "TRTESTCD": "tr", "RSTESTCD": "rs", "DSDECOD": "ds", "RFSTDTC": "dm"}
SIDE = "TULAT"  # a column that SDTM permits and the project's map does not read
ADAM = {"TRT01P", "PARAMCD", "AVAL"}  # columns of ADaM, which has columns of DM too
HEADERS = {
    "scan_id": {"compose": ["patient_id", "modality", "scan_date"]},
    "modality": {"column": "Tracer", "codes": {"FES": "FES-PET", "FDG": "FDG-PET"}},
    "scan_date": {"column": "ScanDate", "date": "%Y%m%d"},
    "scanner": {"column": "ManufacturerModelName"},
    "weight_kg": {"column": "PatientWeight"},
    "height_cm": {"column": "PatientSize", "unit": "m"},
    "injected_activity_mbq": {"column": "RadionuclideTotalDose", "unit": "Bq"},
    "injection_date": {"column": "InjectionDate", "date": "%Y%m%d"},
    "injection_time": {"column": "InjectionTime"},
    "acquisition_time": {"column": "ScanTime"},
    "units": {"column": "Units"},
    "decay_correction": {"column": "DecayCorrection"},
    "half_life_s": {"column": "RadionuclideHalfLife"},
    "reconstruction": {"column": "ReconstructionMethod"},
    "corrections": {"column": "CorrectedImage"},
    "philips_suv_factor": {"column": "PhilipsSUVFactor"},
    "philips_activity_factor": {"column": "PhilipsActivityFactor"},
}
MODALITIES = {"FES": "FES-PET", "FDG": "FDG-PET"}
OTHER_IMAGES = {"by": ["SeriesInstanceUID"], "order": ["ScanTime"], "reason": "another image of the series"}


def header_source(study: Study) -> Source:
    """The source of scans from PET headers."""
    lines = [Line(name, entry, "sure: PET headers have it") for name, entry in HEADERS.items()]
    lines.insert(1, patient_line(study))
    tracers = study.raw.frame["Tracer"].unique() if "Tracer" in study.raw.frame else []
    modalities = frozenset(MODALITIES[tracer] for tracer in tracers if tracer in MODALITIES)
    return Source("scans", study.raw, {}, lines, modalities=modalities)


def has_several_images(frame: pd.DataFrame) -> bool:
    """Whether series of a folder have more than one file."""
    return "SeriesInstanceUID" in frame and bool(frame["SeriesInstanceUID"].duplicated().any())


def domain_of(raw: RawTable) -> str | None:
    """The SDTM domain of a table, None where it is of none that the project's map reads."""
    if "USUBJID" not in raw.frame or ADAM & set(raw.frame):
        return None
    return next((domain for column, domain in DOMAINS.items() if column in raw.frame), None)


def sdtm_sources(studies: dict[str, Study]) -> tuple[list[Source], dict[str, dict]]:
    """The sources that `config/exports/sdtm.yaml` has for the domains of a delivery, and settings of their files.

    `studies`: domain -> its table.
    """
    written, sources, settings = maps.load(SDTM_MAP), [], {}
    for table, some in written["tables"].items():
        sources += [_sdtm_source(table, one, studies) for one in some if one["file"] in studies]
    for domain, study in studies.items():
        kept = [rule for rule in written["files"][domain].get("keep", []) if _keeps(rule, study.raw.frame)]
        if kept:
            settings[study.raw.name] = {"keep": kept}
    return sources, settings


def _keeps(rule: dict, frame: pd.DataFrame) -> bool:
    """Whether a table has rows that a condition of the project's map keeps."""
    return rule["column"] in frame and bool(frame[rule["column"]].isin(rule["values"]).any())


def _sdtm_source(table: str, source: dict, studies: dict[str, Study]) -> Source:
    study, join = studies[source["file"]], source.get("join")
    settings = {name: value for name, value in source.items() if name not in ("file", "columns", "join")}
    there = set(study.raw.frame)
    if join and join["file"] in studies:
        settings["join"] = join | {"file": studies[join["file"]].raw.name}
        there |= set(join["take"])
    lines = [_sdtm_line(name, entry, there) for name, entry in source["columns"].items() if _is_worth(entry, there)]
    lines += [Line("laterality", {"column": SIDE}, "sure: CDISC SDTM")] if table == "lesions" and SIDE in there else []
    if table == "patients":
        lines = [one for one in lines if one.column != "allocation"] + _arm(study)
    order = ("where", "join", "distinct", "skip_if_empty")
    settings = {name: settings[name] for name in order if name in settings}
    return Source(table, study.raw, settings, lines, modalities=frozenset({"CT"}))


def _is_worth(entry: dict, there: set[str]) -> bool:
    return not (entry.get("optional") and entry.get("column") not in there)


def _sdtm_line(name: str, entry: dict, there: set[str]) -> Line:
    entry = {key: value for key, value in entry.items() if key != "optional"}
    if "column" in entry and entry["column"] not in there:
        return Line(name, entry, f"no column {entry['column']} here, where SDTM has it", True)
    return Line(name, entry, "sure: CDISC SDTM")


def _arm(study: Study) -> list[Line]:
    """Allocation from the code or the name of the arm, whose codes differ from study to study."""
    raw = next((column for column in ("ARMCD", "ARM") if column in study.contents), None)
    if raw is None:
        return []
    return [raw_line(study, "patients", "allocation", Match(raw, 0.95, "CDISC SDTM"))]
