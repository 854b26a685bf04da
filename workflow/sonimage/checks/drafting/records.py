"""Sources of patients, scans, assessments and events: tables in which no lesion is named."""

from sonimage.checks.drafting.columns.boxes import box_lines
from sonimage.checks.drafting.columns.entries import Line
from sonimage.checks.drafting.columns.pairing import SURE
from sonimage.checks.drafting.sources import (
    Source,
    Study,
    condition_settings,
    has,
    is_filled,
    lines_of,
    modality_line,
    number_line,
    pairs_of,
    tracers_of,
)

OF_PATIENTS = (
    "randomisation_date", "allocation", "birth_year", "consent_date", "death_date", "first_treatment_date", "er_percent",
    "menopausal_status", "de_novo_metastatic", "prior_endocrine_therapy", "visceral_disease", "bone_only",
    "who_performance_status", "cdk46_inhibitor", "last_contact_date", "withdrawal_date", "last_er_ligand_date",
    "pet_contraindication",
)  # fmt: skip
OF_SCANS = ("scan_id", "modality", "scanner", "injected_activity_mbq", "injection_time", "acquisition_time")
SMALL = 4  # columns of a mere list of patients
ENOUGH = 2  # columns of a patient that make a table one of patients


def patient_sources(study: Study) -> list[Source]:
    """A source of patients if the table has enough that only patients have."""
    pairs = pairs_of(study, "patients")
    boxes = box_lines("patients", study.boxes, study.contents, study.known.dictionary, pairs)
    found = [column for column in OF_PATIENTS if has(pairs, column)] + [one.column for one in boxes]
    is_list = len(study.contents) <= SMALL and study.raw.frame[study.patient].is_unique
    if len(found) < ENOUGH and not (found and is_list):
        return []
    is_first = has(pairs, "randomisation_date", "allocation") and "sex" not in pairs
    more = [Line("sex", {"constant": "F"}, "no column found; true if all are women", True)] if is_first else []
    lines = lines_of(study, "patients", pairs, *more, *boxes)
    settings = condition_settings(study, [study.patient], [])
    remarks = ("a patient has several rows: is it the right table?",) if settings.get("distinct") else ()
    return [Source("patients", study.raw, settings, lines, remarks)]


def scan_sources(study: Study, *, by_number: bool) -> list[Source]:
    """Sources of scans: one for the table, or one for each tracer that names of its columns speak of."""
    found = []
    for tracer in tracers_of(study) or [None]:
        pairs = pairs_of(study, "scans", tracer)
        told = [column for column in OF_SCANS if has(pairs, column) and is_filled(study, pairs[column])]
        if has(pairs, "scan_date") and is_filled(study, pairs["scan_date"]) and (tracer or told):
            day = pairs["scan_date"].raw
            modality, modalities = modality_line(study, "scans", pairs, tracer)
            lines = lines_of(study, "scans", pairs, modality)
            lines = lines_of(study, "scans", pairs, modality, number_line(pairs, lines, by_number=by_number))
            key = [study.patient, day, *([pairs["modality"].raw] if has(pairs, "modality") else [])]
            settings = condition_settings(study, key, [day])
            found.append(Source("scans", study.raw, settings, lines, modalities=modalities))
    return found


def response_sources(study: Study) -> list[Source]:
    """A source of assessments if the table has a response and its day."""
    pairs = pairs_of(study, "assessments")
    if not (has(pairs, "overall_response") and "assessment_date" in pairs):
        return []
    return [_dated(study, "assessments", pairs, [pairs["overall_response"].raw])]


def event_sources(study: Study) -> list[Source]:
    """A source of events if the table has a kind of event and its day."""
    pairs = pairs_of(study, "events")
    if not (has(pairs, "event") and "event_date" in pairs):
        return []
    if pairs["event"].score < SURE and "words" not in pairs["event"].reason:
        return []
    return [_dated(study, "events", pairs, [pairs["event"].raw])]


def _dated(study: Study, table: str, pairs: dict, measured: list[str]) -> Source:
    lines = lines_of(study, table, pairs)
    settings = condition_settings(study, [], measured)
    return Source(table, study.raw, settings, lines)
