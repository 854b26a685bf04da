"""Linking: one numbering of patients, whole references between tables, one cut-off (stage 3).

Nothing is guessed: a row that leads to no patient, scan or lesion is set aside and becomes a query, and so do readings
that contradict each other; two rows that describe one patient, scan or lesion otherwise, or a reading on another patient's
scan, are faults that stop the run.
"""

from itertools import chain
from typing import NamedTuple

import pandas as pd

from sonimage import schemas, tables
from sonimage.cleaning.queries import collect
from sonimage.exports.sources import stack
from sonimage.faults import Fault, stop_on
from sonimage.linking.cut_off import apply_cut_off
from sonimage.linking.lost_references import lost_reference_faults, truncated_table_faults
from sonimage.linking.reader_decisions import apply_decisions
from sonimage.linking.records import (
    READINGS,
    contradicting_baseline_faults,
    contradicting_reading_faults,
    merge_records,
)
from sonimage.linking.references import IMAGED_ON, aside_rows, crossed_faults, keep_whole_references, orphan_query
from sonimage.linking.study_numbers import (
    key_table_faults,
    list_links,
    renumber,
    unapplied_key_faults,
    unused_key_query,
)
from sonimage.linking.visits import link_visits

# Query rules of linking, with their severity
FINDINGS = {
    "ORPHAN_PATIENT": "error",
    "ORPHAN_SCAN": "error",
    "ORPHAN_LESION": "error",
    "KEY_WITHOUT_PATIENT": "warning",
    "SOURCES_DISAGREE": "warning",
    "READINGS_CONTRADICT": "error",
    "LINK_DISAGREES": "error",
    "LESION_LINK": "note",
}


class Linked(NamedTuple):
    """The study's tables, how patients were linked, queries, rows set aside."""

    tables: dict[str, pd.DataFrame]
    patient_links: pd.DataFrame
    queries: pd.DataFrame
    set_aside: pd.DataFrame


def link_patients(
    cleaned: dict[str, pd.DataFrame],
    export_map: dict,
    patient_keys: pd.DataFrame,
    *,
    data_cut_off: str | None = None,
    decisions: pd.DataFrame | None = None,
    decisions_path: str = "config/link_decisions.csv",
    pooling_days: int = 7,
    late_baseline_days: int = 28,
    unreadable_share: float = 0.2,
    unreadable_minimum: int = 5,
) -> Linked:
    """Return the seven tables in SONImage numbers, one row per record, with every reference whole.

    `export_map`: the key and the rules of each source; `patient_keys`: key, source_patient_id, patient_id; `decisions`:
    the readers' register (see reader_decisions). `pooling_days` and `late_baseline_days` say which CT is the baseline.
    Raises FaultError for keys that cannot be applied, contradicting descriptions, contradicting sizes of a target lesion
    at baseline, crossed references, references lost in bulk, tables that end early and decisions that do not fit.
    """
    sources = {name: export_map["tables"].get(name, []) for name in cleaned}
    unapplied = [unapplied_key_faults(frame, name, sources[name]) for name, frame in cleaned.items()]
    stop_on([*key_table_faults(patient_keys), *chain.from_iterable(unapplied)])
    linked = {name: renumber(frame, sources[name], patient_keys) for name, frame in cleaned.items()}
    known = linked["patients"]["patient_id"]
    links = list_links(cleaned, linked, known)
    asides, queries = [], [unused_key_query(patient_keys, known)]
    for name, frame in linked.items():
        orphan = frame["patient_id"].isna() | ~frame["patient_id"].isin(known)
        asides.append(aside_rows(frame[orphan], name, "patient number leads to no patient"))
        queries.append(orphan_query(frame[orphan], name, "patient_id", "ORPHAN_PATIENT"))
        linked[name] = frame[~orphan] if orphan.any() else frame
    linked, late = apply_cut_off(linked, data_cut_off)
    records = {name: merge_records(frame, name, sources[name]) for name, frame in linked.items()}
    stop_on(list(chain.from_iterable(one.faults for one in records.values())))
    linked = {name: one.table for name, one in records.items()}
    asides += [*late, *(one.set_aside for one in records.values())]
    queries += chain.from_iterable(one.queries for one in records.values())
    if decisions is not None and len(decisions):
        linked, merged = apply_decisions(linked, decisions, decisions_path)
        asides.append(merged)
    losses = {"share": unreadable_share, "minimum": unreadable_minimum}
    lost = [
        lost_reference_faults(linked[name], name, linked["lesions"], linked["scans"], **losses) for name in READINGS
    ]
    torn = truncated_table_faults(*(linked[name] for name in ("measurements", "lesions", "scans", "patients")))
    stop_on([*chain.from_iterable(lost), *torn])
    for name in READINGS:
        linked[name], aside, found = keep_whole_references(linked[name], name, linked["lesions"], linked["scans"])
        asides.append(aside)
        queries += found
    stop_on([fault for name in IMAGED_ON for fault in crossed_faults(linked[name], name, linked["scans"])])
    contradicting = {name: records[name].contradicting for name in READINGS}
    visits = link_visits(
        *(linked[name] for name in ("patients", "scans", "measurements")),
        pooling_days=pooling_days,
        late_baseline_days=late_baseline_days,
    )
    stop_on(_contradiction_faults(contradicting, linked["lesions"], visits, export_map))
    set_aside = tables.conform(stack(asides, schemas.columns("set_aside")).assign(stage="3_link"), "set_aside")
    ordered = {name: _sorted(linked.pop(name), name) for name in list(linked)}
    return Linked(ordered, links, collect(queries), set_aside)


def _contradiction_faults(
    contradicting: dict[str, pd.DataFrame], lesions: pd.DataFrame, visits: pd.DataFrame, export_map: dict
) -> list[Fault]:
    """Contradicting readings that stop the run: a target lesion's at baseline, or all where the map says so."""
    if export_map.get("repeated_readings") == "stop":
        return [fault for name, rows in contradicting.items() for fault in contradicting_reading_faults(rows, name)]
    return contradicting_baseline_faults(contradicting["measurements"], lesions, visits)


def _sorted(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    order = {
        "assessments": ["patient_id", "assessment_date"],
        "events": ["patient_id", "event_date", "event"],
    }
    by = order.get(name) or schemas.primary_key(name)
    return frame.sort_values([*by, "source_file", "source_row"], ignore_index=True)
