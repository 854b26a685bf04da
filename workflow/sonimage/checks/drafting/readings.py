"""Sources of lesions, sizes and uptake: tables whose rows are lesions; and of the scans that only these tables name."""

import re

from sonimage.checks.drafting.columns.entries import Line
from sonimage.checks.drafting.columns.level_codes import level_of
from sonimage.checks.drafting.columns.naming import MARK
from sonimage.checks.drafting.columns.pairing import Match
from sonimage.checks.drafting.sizes import size_lines
from sonimage.checks.drafting.sources import (
    Source,
    Study,
    condition_settings,
    has,
    lines_of,
    modality_line,
    number_line,
    pairs_of,
    scans_of,
    tracers_of,
)
from sonimage.exports.named_columns import field_of

LETTER = re.compile(r"(?<![^\W_])([A-Za-z]?)\{N\}")  # what stands before the number of a block
MEASURES = ("suvmax", "suvpeak", "suvmean", "visual", "volume_ml")
OF_LESIONS = ("organ", "laterality", "role", "is_node")
NO_DAY = "doubtful: no day of the scan here: name its column, or take it from another file by `join`"
OF_SCANS_ALONE = ("scanner", "weight_kg", "height_cm")


def names_lesions(study: Study) -> bool:
    """Whether the rows of a table are lesions, and not patients with a word on lesions."""
    pairs = pairs_of(study, "lesions")
    if study.raw.repeat:
        return has_readings(study)
    return has(pairs, "lesion_id") and (has(pairs, *OF_LESIONS) or has_readings(study))


def has_readings(study: Study) -> bool:
    """Whether a table has sizes or uptake."""
    readings = [pairs_of(study, "uptake", tracer) for tracer in tracers_of(study) or [None]]
    return any(has(one, *MEASURES) for one in readings) or has(pairs_of(study, "measurements"), "diameter_mm", "state")


def lesion_sources(study: Study) -> list[Source]:
    """A source of lesions if the table says where they are or what they are; of blocks of visits the table beside them has it."""
    pairs = pairs_of(study, "lesions")
    if not has(pairs, *OF_LESIONS) or (study.raw.repeat and has(pairs, "lesion_id")):
        return []
    more = [_node_line(study, pairs)] if "is_node" not in pairs and has(pairs, "organ") and _is_on_ct(study) else []
    return [_lesion_source(study, lines_of(study, "lesions", pairs, *more, _lesion_line(study, pairs)))]


def bare_lesion_source(study: Study) -> Source:
    """A source of lesions with their numbers alone, for readings whose lesions no other table names."""
    lines = lines_of(study, "lesions", {}, _lesion_line(study, pairs_of(study, "lesions")))
    return _lesion_source(study, lines, "these lesions stand in no other table: where are they, what are they?")


def _lesion_source(study: Study, lines: list[Line], *remarks: str) -> Source:
    number = next(line.entry.get("column") for line in lines if line.column == "lesion_id")
    return Source(
        "lesions",
        study.raw,
        condition_settings(study, [study.patient, *([number] if number else [])], []),
        lines,
        remarks,
    )


def lesions_named(study: Study) -> set[tuple[str, str]]:
    """The lesions of a table: patient and number as they are written."""
    number = pairs_of(study, "lesions").get("lesion_id")
    frame = study.raw.frame
    return set(zip(frame[study.patient], frame[number.raw].str.strip("'"), strict=True)) if number else set()


def _lesion_line(study: Study, pairs: dict[str, Match]) -> Line:
    """The lesion's number, or that of its block of columns; LIFEx writes an apostrophe before it."""
    match = pairs.get("lesion_id")
    if match is None:
        letter = next((found[1] for name in study.raw.frame if (found := LETTER.search(name))), "")
        return Line("lesion_id", {"constant": letter + MARK}, "likely: the number of its block of columns")
    texts = study.contents[match.raw].texts.index
    strip = {"strip": "'"} if len(texts) and texts.str.startswith("'").any() else {}
    return Line("lesion_id", {"column": match.raw} | strip, f"{match.confidence}: {match.reason}", match.score < 0.7)


def _node_line(study: Study, pairs: dict[str, Match]) -> Line:
    """Whether a lesion is a lymph node, from the word for its organ."""
    raw, field = pairs["organ"].raw, field_of("lesions", "organ")
    texts = study.contents[raw].texts.index
    nodes = {text: "true" for text in texts if level_of(field, text) == "lymph node"}
    if not any(level_of(field, text) for text in texts):
        entry = {"column": raw, "codes": {"?": "true"}, "otherwise": "false"}
        return Line("is_node", entry, "doubtful: which code of the organ is that of lymph nodes?", True)
    entry = {"column": raw} | ({"codes": nodes} if nodes else {}) | {"otherwise": "false"}
    return Line("is_node", entry, "likely: no column of its own, so by the organ")


def size_sources(study: Study, *, by_number: bool) -> list[Source]:
    """A source of sizes, and of the CTs that they are read on."""
    pairs = pairs_of(study, "measurements")
    if not has(pairs, "diameter_mm", "state"):
        return []
    if not _is_on_ct(study):
        return []
    more = size_lines(study, pairs)
    measured = [pairs[name].raw for name in ("diameter_mm", "state") if name in pairs]
    return _reading_sources(study, "measurements", pairs, None, more, measured, by_number=by_number)


def _is_on_ct(study: Study) -> bool:
    """Whether a table has sizes, or the names of its file or columns speak of CT."""
    pairs = pairs_of(study, "measurements")
    return has(pairs, "diameter_mm") or modality_line(study, "", pairs, None)[1] == {"CT"}


def uptake_sources(study: Study, *, by_number: bool) -> list[Source]:
    """Sources of uptake, one for each tracer of a wide table, and of the PET scans that they are read on."""
    found = []
    for tracer in tracers_of(study) or [None]:
        pairs = pairs_of(study, "uptake", tracer)
        is_pet = (
            tracer
            or has(pairs, "suvmax", "suvpeak", "suvmean", "volume_ml")
            or modality_line(study, "", pairs, None)[1] & {"FES-PET", "FDG-PET"}
        )
        if has(pairs, *MEASURES) and is_pet:
            measured = [pairs[name].raw for name in ("suvmax", "visual") if name in pairs]
            measured = measured or [pairs[name].raw for name in MEASURES if name in pairs]
            found += _reading_sources(study, "uptake", pairs, tracer, [], measured, by_number=by_number)
    return found


def _reading_sources(
    study: Study, table: str, pairs: dict[str, Match], tracer: str | None, more: list[Line], measured: list[str],
    *, by_number: bool,
) -> list[Source]:  # fmt: skip
    """The source of the readings, and that of the scans which they name by patient, modality and day."""
    modality, modalities = modality_line(study, table, pairs, tracer)
    is_numbered = by_number and has(pairs, "scan_id")
    more = [*more, _lesion_line(study, pairs)]
    if is_numbered:
        pairs = {ours: match for ours, match in pairs.items() if ours not in ("modality", "scan_date")}
    else:
        more.append(modality)
        more += [] if "scan_date" in pairs else [Line("scan_date", {"column": "?"}, NO_DAY, True)]
    lines = lines_of(study, table, pairs, *more)
    lines = lines_of(study, table, pairs, *more, number_line(pairs, lines, by_number=by_number))
    wanted = {"CT"} if table == "measurements" else {"FES-PET", "FDG-PET"}
    settings = _where(study, pairs, modalities, wanted) | condition_settings(study, [], measured)
    reading = Source(table, study.raw, settings, lines)
    return (
        [reading] if is_numbered else [reading, *_derived_scans(study, pairs, modality, modalities, settings, tracer)]
    )


def _where(study: Study, pairs: dict[str, Match], modalities: frozenset[str], wanted: set[str]) -> dict:
    """The condition that takes the rows of some modalities of a table that has others too."""
    if not has(pairs, "modality") or not modalities - wanted:
        return {}
    raw = pairs["modality"].raw
    texts = [text for text, modality in scans_of(study, raw).items() if modality in wanted]
    return {"where": [*study.raw.where, {"column": raw, "values": texts}]}


def _derived_scans(study: Study, pairs, modality: Line, modalities, settings: dict, tracer) -> list[Source]:
    """The scans of readings: patient, modality and day."""
    if "scan_date" not in pairs:
        return []
    several = {name: match for name, match in pairs_of(study, "scans", tracer).items() if name in OF_SCANS_ALONE}
    found = {"scan_date": pairs["scan_date"]} | several
    lines = lines_of(study, "scans", found, modality)
    lines = lines_of(study, "scans", found, modality, number_line({}, lines, by_number=False))
    settings = {name: value for name, value in settings.items() if name != "distinct"} | {"distinct": True}
    return [Source("scans", study.raw, settings, lines, modalities=modalities, is_derived=True)]
