"""Linking: one numbering of patients, whole references between tables, one cut-off (stage 3).

Nothing is guessed: a row that leads to no patient, scan or lesion is set aside and becomes a query;
a repeated key or a reading on another patient's scan is a fault that stops the run.
"""

from typing import NamedTuple

import pandas as pd

from sonimage import schemas, tables
from sonimage.faults import Fault, FaultError
from sonimage.link_decisions import apply_decisions
from sonimage.queries import collect, query
from sonimage.sources import stack

# Date that places a record in time; records after the cut-off are set aside.
DATED = {"scans": "scan_date", "assessments": "assessment_date", "events": "event_date"}
PATIENT_DATES_AFTER = ("withdrawal_date", "last_contact_date", "death_date")
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
IMAGED_ON = {"measurements": ["CT"], "uptake": ["FES-PET", "FDG-PET"]}


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
    _stop_on(_key_table_faults(patient_keys))
    linked = {name: _renumber(frame, numbering.get(name, {}), patient_keys) for name, frame in cleaned.items()}
    known = linked["patients"]["patient_id"]
    links = _list_links(cleaned, linked, known)
    asides, queries = [], []
    for name, frame in linked.items():
        orphan = frame["patient_id"].isna() | ~frame["patient_id"].isin(known)
        asides.append(_aside(frame[orphan], name, "patient number leads to no patient"))
        queries.append(_orphan_query(frame[orphan], name, "patient_id", "ORPHAN_PATIENT"))
        linked[name] = frame[~orphan] if orphan.any() else frame
    queries.append(_unused_key_query(patient_keys, known))
    linked, late = _cut_off(linked, data_cut_off)
    asides += late
    _stop_on([fault for name in KEYED for fault in _repeated_key_faults(linked[name], name)])
    if decisions is not None and len(decisions):
        linked, merged = apply_decisions(linked, decisions, decisions_path)
        asides.append(merged)
    for name in ("measurements", "uptake"):
        linked[name], aside, found = _keep_whole_references(linked[name], name, linked["lesions"], linked["scans"])
        asides.append(aside)
        queries += found
    _stop_on([fault for name in IMAGED_ON for fault in _crossed_faults(linked[name], name, linked["scans"])])
    set_aside = tables.conform(stack(asides, schemas.columns("set_aside")).assign(stage="3_link"), "set_aside")
    ordered = {name: _sorted(linked.pop(name), name) for name in list(linked)}
    return Linked(ordered, links, collect(queries), set_aside)


def numbering_of(export_map: dict, raw_files: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Table -> raw file -> the numbering system of its patient numbers, from the map and the register of files."""
    files = raw_files.dropna(subset="map_entry").groupby("map_entry")["file"].agg(list)
    return {
        table: {
            file: source["columns"].get("patient_id", {}).get("key", "")
            for source in sources
            for file in files.get(source["file"], [])
        }
        for table, sources in export_map["tables"].items()
    }


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


def _key_table_faults(keys: pd.DataFrame) -> list[Fault]:
    """A number that leads to two patients, or two numbers of one system that lead to one patient."""
    forward = keys.drop_duplicates(["key", "source_patient_id", "patient_id"])
    twice = forward.duplicated(["key", "source_patient_id"], keep=False) | forward.duplicated(
        ["key", "patient_id"], keep=False
    )
    return [
        Fault(
            row.source_file,
            row.source_row,
            row.key,
            "the key table links one number twice",
            "Settle which link is right",
        )
        for row in forward[twice].itertuples()
    ]


def _renumber(frame: pd.DataFrame, numbering: dict[str, str], keys: pd.DataFrame) -> pd.DataFrame:
    """The table in SONImage numbers; empty where the key table does not lead on."""
    system = frame["source_file"].map(numbering).fillna("")
    foreign = system != ""
    if not foreign.any():
        return frame
    lookup = keys.drop_duplicates(["key", "source_patient_id"]).set_index(["key", "source_patient_id"])["patient_id"]
    pairs = pd.MultiIndex.from_arrays([system[foreign], frame.loc[foreign, "patient_id"]])
    translated = pd.Series(lookup.reindex(pairs).to_numpy(), index=frame.index[foreign], dtype=object)
    return frame.assign(patient_id=frame["patient_id"].mask(foreign, translated.reindex(frame.index)))


def _list_links(cleaned: dict, linked: dict, known: pd.Series) -> pd.DataFrame:
    """Every delivered patient number with where it led to, counted per raw file."""
    given = [
        cleaned[name]
        .groupby(["source_file", "patient_id", linked[name]["patient_id"].rename("to").fillna("")], sort=False)
        .size()
        for name in linked
    ]
    counted = pd.concat(given).groupby(level=[0, 1, 2]).sum().rename("n_rows").reset_index()
    counted = counted.rename(columns={"patient_id": "source_patient_id", "to": "patient_id"})
    status = pd.Series("linked", index=counted.index)
    status = status.mask(~counted["patient_id"].isin(known), "not among patients")
    status = status.mask(counted["patient_id"] == "", "not in key table")
    return tables.conform(
        counted.assign(status=status, patient_id=counted["patient_id"].mask(counted["patient_id"] == "")),
        "patient_links",
    )


def _aside(rows: pd.DataFrame, name: str, reason: str) -> pd.DataFrame:
    return rows[["source_file", "source_row"]].assign(table=name, reason=reason)


def _orphan_query(rows: pd.DataFrame, name: str, column: str, rule_id: str) -> pd.DataFrame:
    words = {
        "severity": "error",
        "observed": "unknown number",
        "expected": "a number of the study",
        "action": "set aside",
    }
    return query(
        rows,
        name,
        column,
        rule_id=rule_id,
        remedy="Check the number at the source; nothing is guessed",
        **words,
    )


def _unused_key_query(keys: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    words = {"severity": "warning", "observed": "no record", "expected": "a patient record", "action": "kept"}
    rows = keys[~keys["patient_id"].isin(known)]
    return query(
        rows,
        "patients",
        "patient_id",
        rule_id="KEY_WITHOUT_PATIENT",
        remedy="Is a record lacking in the export?",
        **words,
    )


def _cut_off(linked: dict[str, pd.DataFrame], data_cut_off: str | None):
    """Records dated after the cut-off are set aside; a patient's later dates are unknown at the cut-off."""
    if not data_cut_off:
        return linked, []
    day, scans, patients = pd.Timestamp(data_cut_off), linked["scans"], linked["patients"]
    late = {name: linked[name][column] > day for name, column in DATED.items()}
    late |= {name: linked[name]["scan_id"].isin(scans.loc[late["scans"], "scan_id"]) for name in IMAGED_ON}
    asides = [_aside(linked[name][rows], name, "after the data cut-off") for name, rows in late.items()]
    hidden = {column: patients[column].mask(patients[column] > day) for column in PATIENT_DATES_AFTER}
    return linked | {name: linked[name][~rows] for name, rows in late.items()} | {
        "patients": patients.assign(**hidden)
    }, asides


def _repeated_key_faults(frame: pd.DataFrame, name: str) -> list[Fault]:
    key = schemas.primary_key(name)
    alike = frame[frame.duplicated(key, keep=False)]
    first = alike.groupby(key)["source_row"].transform("min")
    again = alike.duplicated(key)
    return [
        Fault(
            row.source_file, row.source_row, ", ".join(key),
            f"repeats the key of row {start} in {name}", "Keep one of the rows",
        )
        for row, start in zip(alike[again].itertuples(), first[again], strict=True)
    ]  # fmt: skip


def _keep_whole_references(frame: pd.DataFrame, name: str, lesions: pd.DataFrame, scans: pd.DataFrame):
    """Readings whose scan and lesion exist; the others are set aside with a query."""
    known = pd.MultiIndex.from_frame(lesions[["patient_id", "lesion_id"]])
    no_lesion = ~pd.MultiIndex.from_frame(frame[["patient_id", "lesion_id"]]).isin(known)
    no_scan = ~frame["scan_id"].isin(scans["scan_id"]).to_numpy()
    asides = [
        _aside(frame[no_scan], name, "no such scan"),
        _aside(frame[no_lesion & ~no_scan], name, "no such lesion"),
    ]
    queries = [
        _orphan_query(frame[no_scan], name, "scan_id", "ORPHAN_SCAN"),
        _orphan_query(frame[no_lesion & ~no_scan], name, "lesion_id", "ORPHAN_LESION"),
    ]
    return frame[~(no_scan | no_lesion)], pd.concat(asides), queries


def _crossed_faults(frame: pd.DataFrame, name: str, scans: pd.DataFrame) -> list[Fault]:
    """A reading on another patient's scan, or on a scan of another kind."""
    scan = scans.set_index("scan_id")
    others = frame[frame["patient_id"] != frame["scan_id"].map(scan["patient_id"])]
    modality = frame["scan_id"].map(scan["modality"])
    kinds = frame.assign(modality=modality)[~modality.isin(IMAGED_ON[name])]
    return [
        Fault(
            row.source_file, row.source_row, "scan_id",
            "the scan belongs to another patient", "Correct patient or scan",
        )
        for row in others.itertuples()
    ] + [
        Fault(row.source_file, row.source_row, "scan_id", f"{name} on a {row.modality} scan", "Correct the scan number")
        for row in kinds.itertuples()
    ]  # fmt: skip
