"""A delivery through stages 1 to 3 in one process, with all that it is asked: for comparing two of them."""

from pathlib import Path

import pandas as pd

from sonimage.checks.answers.changed_cells import Delivery
from sonimage.cleaning import corrections, plausibility, query_records, typed_tables
from sonimage.cleaning.queries import collect
from sonimage.exports import importing
from sonimage.faults import Fault, FaultError
from sonimage.linking import (
    cross_checks,
    lesion_matching,
    one_study,
    pet_baselines,
    query_list,
    reader_decisions,
    visits,
)
from sonimage.linking.one_study import Linked

NO_CORRECTIONS = pd.DataFrame(columns=[*corrections.COLUMNS, *corrections.OPTIONAL])
NO_DECISIONS = pd.DataFrame(columns=reader_decisions.COLUMNS)


def ask(
    raw_dir: str | Path,
    export_map: dict,
    *,
    register: pd.DataFrame = NO_CORRECTIONS,
    decisions: pd.DataFrame = NO_DECISIONS,
    data_cut_off: str | None = None,
    pooling_days: int = 7,
    late_baseline_days: int = 28,
    gate_mm: float = 20,
    losses: dict | None = None,
    query_rules: dict | None = None,
) -> tuple[Delivery, pd.DataFrame]:
    """Return a delivery with what each stage leaves, and its query list.

    Of the two registers the lines that fit this delivery apply; those that do not are for the analysis to stop at.
    `losses`, `query_rules`: settings of `one_study.link_patients` and `plausibility.check_tables`. Raises FaultError with
    all faults of the delivery itself.
    """
    if not raw_dir:
        remedy = "Name it: snakemake compare_exports --config raw_dir=NEW previous_raw_dir=OLD"
        raise FaultError([Fault("previous_raw_dir", None, None, "no folder of the delivery before", remedy)])
    imported = importing.import_exports(raw_dir, export_map)
    texts, options = imported.tables | {corrections.KEY_TABLE: imported.patient_keys}, imported.field_options
    lines = corrections.fitting_lines(texts, register, "corrections", export_map, options)
    corrected = corrections.apply_corrections(texts, lines, "corrections", export_map, options)
    keys = corrected.tables[corrections.KEY_TABLE]
    seven = {name: corrected.tables[name] for name in imported.tables}
    cleaned = typed_tables.clean_tables(seven, export_map["tables"], options)
    typed = {name: one.table for name, one in cleaned.items()}
    days = {"pooling_days": pooling_days, "late_baseline_days": late_baseline_days}
    settings = days | {"data_cut_off": data_cut_off, **(losses or {})}
    linked, decided = _link(typed, export_map, keys, decisions, settings)
    clean = collect([one.queries for one in cleaned.values()])
    clean = query_records.name_records(clean, typed, seven, export_map)
    disagreements = cross_checks.check_key_table(linked.tables["patients"], keys, export_map.get("patient_keys", {}))
    found = collect([linked.queries, disagreements, plausibility.check_tables(linked.tables, **query_rules or {})])
    found = pd.concat([query_records.name_records(found, typed), _review(linked.tables, decided, gate_mm, days)])
    patients = linked.tables["patients"]
    queries = query_list.list_queries(clean, found, patients, linked.patient_links, corrected.applied)
    return Delivery(texts, corrected.tables, typed, linked.tables, export_map, options), queries


def whole_study(delivery: Delivery, data_cut_off: str | None, **settings) -> dict[str, pd.DataFrame]:
    """The linked tables of a delivery without the cut-off that its queries were asked with."""
    if data_cut_off is None:
        return delivery.study
    keys = delivery.texts[corrections.KEY_TABLE]
    return one_study.link_patients(delivery.cleaned, delivery.export_map, keys, **settings).tables


def _link(
    typed: dict[str, pd.DataFrame], export_map: dict, keys: pd.DataFrame, decisions: pd.DataFrame, settings: dict
) -> tuple[Linked, pd.DataFrame]:
    """The linked study, and the readers' decisions that fit it."""
    linked = one_study.link_patients(typed, export_map, keys, **settings)
    if not len(decisions):
        return linked, decisions
    fitting = reader_decisions.fitting_lines(linked.tables, decisions, "decisions")
    return one_study.link_patients(typed, export_map, keys, decisions=fitting, **settings), fitting


def _review(study: dict[str, pd.DataFrame], decisions: pd.DataFrame, gate_mm: float, days: dict) -> pd.DataFrame:
    """Queries on links of lesions that no reader has decided."""
    lesions, measurements, uptake = (study[name] for name in ("lesions", "measurements", "uptake"))
    grouped = visits.link_visits(study["patients"], study["scans"], measurements, **days)
    late = days["late_baseline_days"]
    baselines = pet_baselines.derive_pet_baselines(study["patients"], study["scans"], grouped, late_baseline_days=late)
    sightings = lesion_matching.list_sightings(lesions, measurements, uptake, grouped, baselines)
    review = reader_decisions.note_decisions(lesion_matching.review_links(sightings, gate_mm=gate_mm), decisions)
    return query_records.name_records(cross_checks.query_reviews(review, lesions), {"lesions": lesions})
