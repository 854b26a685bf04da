"""The sources of a delivery: known exports, tables of lesions and of records, without those that others make needless."""

from sonimage.checks.drafting import known_exports, readings, records
from sonimage.checks.drafting.sources import Source, Study, has, pairs_of
from sonimage.exports.named_columns import raw_columns

KNOWN = 0.9  # share of the lesions of a table that other tables describe


def find_sources(studies: list[Study], keys: set[str]) -> tuple[list[Source], dict[str, dict]]:
    """Return the sources of all our tables, and further settings of files; `keys`: names of the tables that are key tables."""
    domains = {domain: study for study in studies if (domain := known_exports.domain_of(study.raw))}
    sources, settings = known_exports.sdtm_sources(domains) if "tr" in domains or "dm" in domains else ([], {})
    settled = {one.raw.name for one in domains.values()}
    for study in studies:
        if study.raw.entry.get("format") == "dicom":
            sources.append(known_exports.header_source(study))
            several = known_exports.has_several_images(study.raw.frame)
            settings |= {study.raw.name: {"first_of": known_exports.OTHER_IMAGES}} if several else {}
            settled.add(study.raw.name)
    others = [(study, readings.names_lesions(study)) for study in studies if study.raw.name not in settled]
    by_number = _all_have_scan_numbers(others)
    for study, is_of_lesions in others:
        found = _of_lesions(study, by_number) if is_of_lesions else _of_records(study, by_number)
        sources += found
        if any(_has_repeats(study, one) for one in found):
            settings[study.raw.name] = {"exact_repeats": "set_aside"}
    sources += _bare_lesions([study for study, is_of_lesions in others if is_of_lesions])
    return _without_needless_scans(_without_key_tables(sources, keys)), settings


def _of_lesions(study: Study, by_number: bool) -> list[Source]:
    return [
        *readings.lesion_sources(study),
        *readings.size_sources(study, by_number=by_number),
        *readings.uptake_sources(study, by_number=by_number),
    ]


def _bare_lesions(studies: list[Study]) -> list[Source]:
    """Sources of lesions for readings whose lesions no table describes."""
    described = [study for study in studies if readings.lesion_sources(study)]
    known = set().union(*(readings.lesions_named(study) for study in described))
    found = []
    for study in studies:
        named = readings.lesions_named(study)
        is_known = any(study is one for one in described) or (named and len(named & known) >= KNOWN * len(named))
        if readings.has_readings(study) and not is_known:
            found.append(readings.bare_lesion_source(study))
    return found


def _of_records(study: Study, by_number: bool) -> list[Source]:
    return [
        *records.patient_sources(study),
        *records.scan_sources(study, by_number=by_number),
        *records.response_sources(study),
        *records.event_sources(study),
    ]


def _has_repeats(study: Study, source: Source) -> bool:
    """Whether assessments or events stand twice, as a form that was saved twice does."""
    columns = [column for one in source.lines for column in raw_columns(one.entry)]
    return source.table in ("assessments", "events") and bool(study.raw.frame.duplicated(columns).any())


def _all_have_scan_numbers(studies: list[tuple[Study, bool]]) -> bool:
    """Whether every table of readings and some table of scans have numbers of scans."""
    readings_have = [
        has(pairs_of(study, "uptake"), "scan_id")
        for study, is_of_lesions in studies
        if is_of_lesions
        if readings.has_readings(study)
    ]
    scans_have = [has(pairs_of(study, "scans"), "scan_id") for study, is_of_lesions in studies if not is_of_lesions]
    return all(readings_have) and any(scans_have)


def _without_key_tables(sources: list[Source], keys: set[str]) -> list[Source]:
    """Sources without the patients of a key table, where another table has them."""
    others = [one for one in sources if one.table == "patients" and one.raw.name not in keys]
    return [one for one in sources if not (others and one.table == "patients" and one.raw.name in keys)]


def _without_needless_scans(sources: list[Source]) -> list[Source]:
    """Sources without the scans of readings whose modality has a source of scans of its own, in the same numbers of patients."""
    own = frozenset().union(*(one.modalities for one in sources if one.table == "scans" and not one.is_derived))
    return [
        one
        for one in sources
        if not (one.is_derived and one.modalities and one.modalities <= own and "key" not in one.lines[0].entry)
    ]
