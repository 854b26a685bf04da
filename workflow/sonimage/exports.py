"""Import: raw files into text tables with our column names, each row with its file and line (stage 1).

Values are left as they were delivered; reading them is the work of `cleaning`.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sonimage import export_map as maps
from sonimage import schemas
from sonimage.faults import Fault, FaultError
from sonimage.formats import ADAPTERS
from sonimage.sources import ORIGIN, gather, required_columns, stack

FORMATS = {
    ".csv": "delimited",
    ".txt": "delimited",
    ".tsv": "delimited",
    ".xlsx": "worksheet",
    ".xpt": "transport",
    ".dcm": "dicom",
}


class Imported(NamedTuple):
    """What stage 1 leaves: text tables, key tables, option lists, the register of files, rows set aside, the counts."""

    tables: dict[str, pd.DataFrame]
    patient_keys: pd.DataFrame
    field_options: pd.DataFrame
    raw_files: pd.DataFrame
    set_aside: pd.DataFrame
    reconciliation: pd.DataFrame


def import_exports(raw_dir: str | Path, export_map: dict) -> Imported:
    """Read every file that the map names and gather the canonical tables as text.

    Raises FaultError with all faults of all files: unreadable files, absent columns.
    """
    files = maps.find_files(raw_dir, export_map)
    raw = _read_all(raw_dir, export_map, files)
    faults = _column_faults(export_map, raw)
    if faults:
        raise FaultError(faults)
    aside, kept = [], {}
    for name, frame in raw.items():
        reasons = _reasons_to_set_aside(frame, export_map["files"][name], _mapped_columns(export_map, name))
        aside.append(frame.loc[reasons.notna(), ["source_file", "source_row"]].assign(reason=reasons.dropna()))
        kept[name] = frame[reasons.isna()]
    tables, unused = {}, {name: pd.Series(True, index=frame.index) for name, frame in kept.items()}
    for table in maps.TABLES:
        tables[table] = gather(export_map["tables"].get(table, []), kept, unused)
    keys = _patient_keys(export_map, kept, unused)
    options = _field_options(export_map, kept, unused)
    used = pd.concat([frame.loc[~unused[name], "source_file"] for name, frame in kept.items()])
    for name, frame in kept.items():
        aside.append(frame.loc[unused[name], ["source_file", "source_row"]].assign(reason="no table takes this row"))
    set_aside = stack(aside, ["source_file", "source_row", "reason"])
    set_aside = set_aside.assign(stage="1_import", table=None)
    register = _register(raw_dir, export_map, files, raw)
    return Imported(tables, keys, options, register, set_aside, _count(raw, used, set_aside))


def _read_all(raw_dir: str | Path, export_map: dict, files: dict[str, list[Path]]) -> dict[str, pd.DataFrame]:
    raw, faults = {}, []
    for name, paths in files.items():
        entry, parts = export_map["files"][name], []
        for path in paths:
            try:
                form = entry.get("format") or FORMATS.get(path.suffix.lower(), "delimited")
                parts.append(ADAPTERS[form](path, path.relative_to(raw_dir).as_posix(), entry))
            except FaultError as error:
                faults += error.faults
        if parts:
            raw[name] = pd.concat(parts, ignore_index=True)
    if faults:
        raise FaultError(faults)
    return raw


def _mapped_columns(export_map: dict, file: str) -> list[str]:
    """Raw columns of a file that any table or key reads, in a stable order."""
    named = {
        entry["column"]
        for sources in export_map["tables"].values()
        for source in sources
        if source["file"] == file
        for entry in source["columns"].values()
        if "column" in entry
    }
    keys = [entry for entry in export_map.get("patient_keys", {}).values() if entry["file"] == file]
    return sorted(named | {column for key in keys for column in (key["from"], key["to"])})


def _required_columns(export_map: dict, file: str) -> set[str]:
    entry = export_map["files"][file]
    needed = {rule["column"] for rule in [*entry.get("set_aside", []), *entry.get("keep", [])]}
    for source in (source for sources in export_map["tables"].values() for source in sources):
        needed |= required_columns(source, file)
    keys = [entry for entry in export_map.get("patient_keys", {}).values() if entry["file"] == file]
    return needed | {column for key in keys for column in (key["from"], key["to"])}


def _column_faults(export_map: dict, raw: dict[str, pd.DataFrame]) -> list[Fault]:
    from difflib import get_close_matches

    faults = []
    for name, frame in raw.items():
        for column in sorted(_required_columns(export_map, name) - set(frame.columns)):
            near = get_close_matches(column, frame.columns, n=1)
            remedy = f"Did you mean {near[0]!r}? " if near else ""
            file = frame["source_file"].iloc[0] if len(frame) else export_map["files"][name]["path"]
            row = export_map["files"][name].get("header_row", 1)
            faults.append(
                Fault(
                    file,
                    row,
                    column,
                    "column is missing",
                    remedy + "Add it to the file or mend the export map",
                )
            )
    return faults


def _reasons_to_set_aside(frame: pd.DataFrame, entry: dict, mapped: list[str]) -> pd.Series:
    """Reason for each row that is not study data; empty for the others."""
    reasons = pd.Series(None, index=frame.index, dtype=object)
    for rule in entry.get("set_aside", []):
        reasons = reasons.mask(reasons.isna() & frame[rule["column"]].isin(rule["values"]), rule["reason"])
    for rule in entry.get("keep", []):
        reasons = reasons.mask(reasons.isna() & ~frame[rule["column"]].isin(rule["values"]), rule["reason"])
    if entry.get("exact_repeats") == "set_aside":
        present = [column for column in mapped if column in frame]
        repeats = frame[reasons.isna()].duplicated([*present, "source_file"]).reindex(frame.index, fill_value=False)
        reasons = reasons.mask(repeats, "exact repeat of an earlier row")
    return reasons


def _patient_keys(export_map: dict, kept: dict[str, pd.DataFrame], unused: dict[str, pd.Series]) -> pd.DataFrame:
    parts = []
    for key, entry in export_map.get("patient_keys", {}).items():
        rows = kept[entry["file"]]
        unused[entry["file"]][:] = False
        parts.append(
            pd.DataFrame(
                {"key": key, "source_patient_id": rows[entry["from"]], "patient_id": rows[entry["to"]]}
            ).assign(source_file=rows["source_file"], source_row=rows["source_row"])
        )
    columns = ["key", "source_patient_id", "patient_id", "source_file", "source_row"]
    return stack(parts, columns)


def _field_options(export_map: dict, kept: dict[str, pd.DataFrame], unused: dict[str, pd.Series]) -> pd.DataFrame:
    """Castor's option lists: group, name (label) and value of each option."""
    names = {"Option group name": "group", "Option name": "name", "Option value": "value"}
    lists = {entry["field_options"] for entry in export_map["files"].values() if "field_options" in entry} & set(kept)
    for file in lists:
        unused[file][:] = False
    parts = [kept[file].rename(columns=names)[list(names.values())] for file in sorted(lists)]
    return stack(parts, list(names.values()))


def _register(raw_dir: str | Path, export_map: dict, files: dict, raw: dict[str, pd.DataFrame]) -> pd.DataFrame:
    entry_of = {path: name for name, paths in files.items() for path in paths}
    records = []
    for path in maps.raw_files(raw_dir):
        name, data = entry_of.get(path), path.read_bytes()
        record = {
            "file": path.relative_to(raw_dir).as_posix(),
            "map_entry": name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "n_bytes": len(data),
            "note": "read" if name else "not named in the export map",
        }
        if name:
            frame = raw[name]
            columns = [column for column in frame.columns if column not in ORIGIN]
            of_file = frame["source_file"].str.split("#").str[0] == record["file"]
            ignored = sorted(
                set(columns) - _required_columns(export_map, name) - set(_mapped_columns(export_map, name))
            )
            record |= {
                "n_rows": int(of_file.sum()),
                "n_columns": len(columns),
                "ignored_columns": ", ".join(ignored),
            }
        records.append(record)
    absent = [name for name, paths in files.items() if not paths]
    records += [
        {
            "file": export_map["files"][name]["path"],
            "map_entry": name,
            "sha256": "-",
            "n_rows": 0,
            "note": "absent: counts as empty",
        }
        for name in absent
    ]
    return pd.DataFrame(records, columns=schemas.columns("raw_files"))


def _count(raw: dict[str, pd.DataFrame], used: pd.Series, set_aside: pd.DataFrame) -> pd.DataFrame:
    """Rows read, used and set aside per raw file. A row that several tables take is used once."""
    rows = {"rows_in": pd.concat([frame["source_file"] for frame in raw.values()])}
    rows |= {"rows_out": used, "rows_set_aside": set_aside["source_file"]}
    counts = pd.DataFrame({name: column.value_counts() for name, column in rows.items()}).fillna(0).astype(int)
    counts = counts.rename_axis("item").reset_index().assign(stage="1_import")
    return counts.assign(is_balanced=counts["rows_in"] == counts["rows_out"] + counts["rows_set_aside"]).sort_values(
        "item"
    )
