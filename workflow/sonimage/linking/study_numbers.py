"""One numbering of patients: the numbers of every export are translated by the key tables (stage 3)."""

import pandas as pd

from sonimage import tables
from sonimage.cleaning.queries import query
from sonimage.faults import Fault


def unapplied_key_faults(frame: pd.DataFrame, name: str, sources: list[dict]) -> list[Fault]:
    """A fault for each row whose source is not known: a key that the map declares for it could not be applied."""
    if not any("key" in source["columns"].get("patient_id", {}) for source in sources):
        return []
    lost = frame[~frame["source_no"].isin(range(len(sources)))]
    return [
        Fault(
            row.source_file, row.source_row, "patient_id", f"no source of {name} is known for this row", "Import again"
        )
        for row in lost.itertuples()
    ]


def key_table_faults(keys: pd.DataFrame) -> list[Fault]:
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


def renumber(frame: pd.DataFrame, sources: list[dict], keys: pd.DataFrame) -> pd.DataFrame:
    """The table in SONImage numbers; empty where the key table does not lead on.

    Each row is translated by the key that its own source of the export map (`source_no`) declares for `patient_id`.
    """
    declared = {number: source["columns"].get("patient_id", {}).get("key", "") for number, source in enumerate(sources)}
    system = frame["source_no"].map(declared).astype(object).fillna("")
    foreign = system != ""
    if not foreign.any():
        return frame
    lookup = keys.drop_duplicates(["key", "source_patient_id"]).set_index(["key", "source_patient_id"])["patient_id"]
    pairs = pd.MultiIndex.from_arrays([system[foreign], frame.loc[foreign, "patient_id"]])
    translated = pd.Series(lookup.reindex(pairs).to_numpy(), index=frame.index[foreign], dtype=object)
    return frame.assign(patient_id=frame["patient_id"].mask(foreign, translated.reindex(frame.index)))


def list_links(cleaned: dict, linked: dict, known: pd.Series) -> pd.DataFrame:
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


def unused_key_query(keys: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """A query for each entry of the key table whose patient has no record in the export."""
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
