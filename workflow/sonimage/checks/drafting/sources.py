"""What a source of one of our tables is made of, and the lines that all kinds of sources share."""

from typing import NamedTuple

import pandas as pd

from sonimage import schemas
from sonimage.checks.drafting.columns.boxes import find_boxes
from sonimage.checks.drafting.columns.contents import Content
from sonimage.checks.drafting.columns.entries import Known, Line, line_of
from sonimage.checks.drafting.columns.level_codes import level_of
from sonimage.checks.drafting.columns.naming import TRACERS, read_name
from sonimage.checks.drafting.columns.pairing import LIKELY, Match, pair
from sonimage.checks.drafting.layouts.raw_tables import RawTable
from sonimage.exports.chosen_texts import fold
from sonimage.exports.map_rules import TABLES

OTHER_NUMBER = "has the patient's number of this file: scans of files with other numbers do not match it"
COMMON, FEW_PATIENTS = 3, 6  # patients that must have a text for it to be a word of the column, two of few patients
COMPOSED = ["patient_id", "modality", "scan_date"]
# The order of lines: who and which lesion, then the parts of the scan's number before it
FIRST = ("patient_id", "lesion_id", "modality", "scan_date", "scan_id")


class Study(NamedTuple):
    """A raw table with what is known of it: contents of its columns, its column of patient numbers and their key."""

    raw: RawTable
    contents: dict[str, Content]
    patient: str
    key: str | None
    known: Known
    pairs: dict[tuple[str, str | None], dict[str, Match]]
    boxes: dict[str, dict[str, str]]
    doubt: str = ""


class Source(NamedTuple):
    """One source of a table: settings beside `columns`, lines, remarks; the modalities of its scans where it has any."""

    table: str
    raw: RawTable
    settings: dict
    lines: list[Line]
    remarks: tuple[str, ...] = ()
    modalities: frozenset[str] = frozenset()
    is_derived: bool = False  # scans that only their readings name


def study_of(raw: RawTable, contents: dict[str, Content], patient: str, key: str | None, known: Known) -> Study:
    """A raw table with its pairs for each of our tables: of all columns without a tracer in their name, and by tracer."""
    boxes = find_boxes(contents)
    ticked = {column for some in boxes.values() for column in some}
    others = {column: content for column, content in contents.items() if column != patient and column not in ticked}
    named = {read_name(column).tracer for column in raw.frame} - {None}
    labels, how = known.dictionary.labels, {"is_alone": len(named) == 1, "without": {"patient_id"}}
    pairs = {
        (table, tracer): pair(table, others, labels, tracer=tracer, **how)
        for table in TABLES
        for tracer in (None, *sorted(named))
    }
    return Study(raw, contents, patient, key, known, pairs, boxes)


def pairs_of(study: Study, table: str, tracer: str | None = None) -> dict[str, Match]:
    """The pairs of a raw table for one of ours, without the patient's number, which is settled before."""
    return study.pairs[table, tracer]


def is_filled(study: Study, match: Match) -> bool:
    """Whether a raw column holds values, or its table no rows at all."""
    content = study.contents[match.raw]
    return bool(content.n_known) or not content.n_rows


def has(pairs: dict[str, Match], *columns: str) -> bool:
    """Whether one of these columns of ours has a raw column that is likely at least."""
    return any(column in pairs and pairs[column].score >= LIKELY for column in columns)


def tracers_of(study: Study) -> list[str]:
    """The tracers that names of columns speak of, as wide tables do."""
    return [tracer for tracer in TRACERS.values() if ("uptake", tracer) in study.pairs]


def lines_of(study: Study, table: str, pairs: dict[str, Match], *more: Line) -> list[Line]:
    """The lines of a source in order: the patient's number, its pairs, and lines that are made otherwise and go before them."""
    made = {line.column: line for line in (patient_line(study), *more)}
    read = {ours: raw_line(study, table, ours, match) for ours, match in pairs.items() if ours not in made}
    lines = read | made
    order = [*FIRST, *(name for name in schemas.columns(table) if name not in FIRST)]
    return [lines[name] for name in order if name in lines]


def raw_line(study: Study, table: str, ours: str, match: Match) -> Line:
    """The line of one pair of columns."""
    content, cells = study.contents[match.raw], study.raw.cells[match.raw]
    return line_of(table, ours, match, content, cells, study.known, common_texts(study, match.raw))


def common_texts(study: Study, raw: str) -> frozenset[str]:
    """The texts of a raw column that several patients have, those of patients' own words left out."""
    frame = study.raw.frame
    n_patients = frame.groupby(raw)[study.patient].nunique() if raw in frame else pd.Series(dtype=int)
    enough = COMMON if frame[study.patient].nunique() > FEW_PATIENTS else 2
    return frozenset(text for text, n in n_patients.items() if n >= enough and fold(text) not in study.known.private)


def patient_line(study: Study) -> Line:
    """The line of the patient's number, through its key if it needs one."""
    content = study.contents[study.patient]
    entry = {"column": study.patient} | ({"key": study.key} if study.key else {})
    if content.texts.index.str.startswith("'").any():
        entry["strip"] = "'"
    sure = "sure: name and numbers" if content.n_known else "likely: name"
    return Line("patient_id", entry, f"doubtful: {study.doubt}" if study.doubt else sure)


def modality_line(study: Study, table: str, pairs: dict[str, Match], tracer: str | None) -> tuple[Line, frozenset[str]]:
    """Which scan a row is of: the tracer of its columns, a column, the name of the file, CT for sizes; and all it can be."""
    if tracer:
        return Line("modality", {"constant": tracer}, "sure: the names of its columns"), frozenset({tracer})
    if has(pairs, "modality"):
        match = pairs["modality"]
        line = raw_line(study, "scans", "modality", match)
        return line, frozenset(scans_of(study, match.raw).values())
    named = read_name(study.raw.place.replace(".", " "))
    if named.tracer or "ct" in named.words:
        modality = named.tracer or "CT"
        return Line("modality", {"constant": modality}, "likely: the name of the file or sheet"), frozenset({modality})
    if table == "measurements":
        return Line("modality", {"constant": "CT"}, "likely: sizes are read on CT"), frozenset({"CT"})
    why = "doubtful: which tracer? neither a column nor the name of the file says it"
    return Line("modality", {"constant": "FES-PET"}, why, is_doubtful=True), frozenset()


def scans_of(study: Study, raw: str) -> dict[str, str]:
    """Text of a column of modalities -> modality."""
    field = schemas.fields("scans")["modality"]
    texts, common = study.contents[raw].texts.index, common_texts(study, raw)
    return {text: level for text in texts if (level := level_of(field, text, within=text in common))}


def number_line(pairs: dict[str, Match], lines: list[Line], *, by_number: bool) -> Line:
    """The number of the scan: the raw one where all readings have it, else made of patient, modality and day."""
    if by_number and has(pairs, "scan_id"):
        return Line("scan_id", {"column": pairs["scan_id"].raw}, f"{pairs['scan_id'].confidence}: name")
    there = {line.column for line in lines if not line.is_doubtful}
    absent = [part for part in COMPOSED if part not in there]
    has_key = any("key" in line.entry for line in lines)
    comment = f"needs {' and '.join(absent)}" if absent else OTHER_NUMBER * has_key
    return Line("scan_id", {"compose": COMPOSED}, comment, is_doubtful=bool(absent))


def condition_settings(study: Study, columns: list[str], measured: list[str]) -> dict:
    """`where`, `distinct` and `skip_if_empty` of a source: `columns` name a record, one of `measured` must be filled."""
    frame, settings = study.raw.frame, {}
    if study.raw.where:
        settings["where"] = list(study.raw.where)
    if study.raw.repeat:
        settings["repeat"] = {"N": list(study.raw.repeat)}
    taken = frame
    if measured:
        taken = frame[(frame[measured] != "").any(axis=1)]
        if len(taken) < len(frame):
            settings["skip_if_empty"] = measured
    if columns and taken.duplicated(columns).any():
        settings["distinct"] = True
    return settings


def rows_filled(frame: pd.DataFrame, column: str) -> float:
    """Share of the rows in which a column holds something."""
    return float((frame[column] != "").mean()) if len(frame) else 1.0
