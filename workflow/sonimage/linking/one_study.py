"""Linking: one numbering of patients, whole references between tables, one cut-off (stage 3).

Nothing is guessed: a row that leads to no patient, scan or lesion is set aside and becomes a query;
a repeated key or a reading on another patient's scan is a fault that stops the run.
"""

from typing import NamedTuple

import pandas as pd

from sonimage import schemas, tables
from sonimage.cleaning.queries import collect
from sonimage.exports.sources import stack
from sonimage.faults import Fault, FaultError
from sonimage.linking.cut_off import apply_cut_off
from sonimage.linking.reader_decisions import apply_decisions
from sonimage.linking.references import (
    IMAGED_ON,
    aside_rows,
    crossed_faults,
    keep_whole_references,
    orphan_query,
    repeated_key_faults,
)
from sonimage.linking.study_numbers import key_table_faults, list_links, renumber, unused_key_query

KEYED = ("patients", "scans", "lesions", "measurements", "uptake")

# Query rules of linking, with their severity
FINDINGS = {
    "ORPHAN_PATIENT": "error",
    "ORPHAN_SCAN": "error",
    "ORPHAN_LESION": "error",
    "KEY_WITHOUT_PATIENT": "warning",
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
    numbering: dict[str, dict[str, str]],
    patient_keys: pd.DataFrame,
    data_cut_off: str | None,
    decisions: pd.DataFrame | None = None,
    decisions_path: str = "config/link_decisions.csv",
) -> Linked:
    """Return the seven tables in SONImage numbers with every reference whole.

    `numbering`: table -> raw file -> numbering system of its patient numbers (empty: the SONImage number);
    `patient_keys`: key, source_patient_id, patient_id; `decisions`: the readers' register (see link_decisions). Raises
    FaultError for repeated keys, crossed references and decisions that do not fit.
    """
    _stop_on(key_table_faults(patient_keys))
    linked = {name: renumber(frame, numbering.get(name, {}), patient_keys) for name, frame in cleaned.items()}
    known = linked["patients"]["patient_id"]
    links = list_links(cleaned, linked, known)
    asides, queries = [], []
    for name, frame in linked.items():
        orphan = frame["patient_id"].isna() | ~frame["patient_id"].isin(known)
        asides.append(aside_rows(frame[orphan], name, "patient number leads to no patient"))
        queries.append(orphan_query(frame[orphan], name, "patient_id", "ORPHAN_PATIENT"))
        linked[name] = frame[~orphan] if orphan.any() else frame
    queries.append(unused_key_query(patient_keys, known))
    linked, late = apply_cut_off(linked, data_cut_off)
    asides += late
    _stop_on([fault for name in KEYED for fault in repeated_key_faults(linked[name], name)])
    if decisions is not None and len(decisions):
        linked, merged = apply_decisions(linked, decisions, decisions_path)
        asides.append(merged)
    for name in ("measurements", "uptake"):
        linked[name], aside, found = keep_whole_references(linked[name], name, linked["lesions"], linked["scans"])
        asides.append(aside)
        queries += found
    _stop_on([fault for name in IMAGED_ON for fault in crossed_faults(linked[name], name, linked["scans"])])
    set_aside = tables.conform(stack(asides, schemas.columns("set_aside")).assign(stage="3_link"), "set_aside")
    ordered = {name: _sorted(linked.pop(name), name) for name in list(linked)}
    return Linked(ordered, links, collect(queries), set_aside)


def _stop_on(faults: list[Fault]) -> None:
    if faults:
        raise FaultError(faults)


def _sorted(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    order = {
        "assessments": ["patient_id", "assessment_date"],
        "events": ["patient_id", "event_date", "event"],
    }
    by = order.get(name) or schemas.primary_key(name)
    return frame.sort_values([*by, "source_file", "source_row"], ignore_index=True)
