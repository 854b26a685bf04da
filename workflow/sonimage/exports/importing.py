"""Import: raw files into text tables with our column names, each row with its file and line (stage 1).

Values are left as they were delivered; reading them is the work of `cleaning`.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sonimage import schemas
from sonimage.exports import delivery
from sonimage.exports import maps as maps
from sonimage.exports.formats import archive
from sonimage.exports.sources import ORIGIN, gather, stack
from sonimage.faults import FaultError

ORIGIN_OF_ROW = ["source_file", "source_row"]
NOT_TAKEN = "no table takes this row"
KEY_COLUMNS = ["key", "source_patient_id", "patient_id", "source_file", "source_row"]


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

    Several entries of the map may name one file; a raw row is used if a table takes it through any of them.
    Raises FaultError with all faults of all files: absent or unreadable files, absent columns.
    """
    files, absent = delivery.find_files(raw_dir, export_map)
    raw, faults = delivery.read_files(raw_dir, export_map, files)
    if absent or faults:
        raise FaultError(absent + faults)
    register = _register(raw_dir, export_map, raw)
    read = [frame[ORIGIN_OF_ROW] for frame in raw.values()]
    aside, kept = [], {}
    for name in list(raw):
        kept[name], found = _part_study_data(raw.pop(name), export_map, name)
        aside.append(found)
    tables, unused = {}, {name: pd.Series(True, index=frame.index) for name, frame in kept.items()}
    for table in maps.TABLES:
        tables[table] = gather(export_map["tables"].get(table, []), kept, unused)
    keys = _patient_keys(export_map, kept, unused)
    options = _field_options(export_map, kept, unused)
    used = [frame.loc[~unused[name], ORIGIN_OF_ROW] for name, frame in kept.items()]
    aside += [frame.loc[unused[name], ORIGIN_OF_ROW].assign(reason=NOT_TAKEN) for name, frame in kept.items()]
    several = register.loc[register["map_entry"].astype(str).str.contains(", ", regex=False), "file"]
    set_aside = _unless_used_elsewhere(aside, used, several)
    set_aside = set_aside.assign(stage="1_import", table=None).astype({"source_file": object})
    counted = _count(
        _rows_of_files(read, several), _rows_of_files(used, several), set_aside["source_file"].value_counts()
    )
    return Imported(tables, keys, options, register, set_aside, counted)


def _unless_used_elsewhere(aside: list[pd.DataFrame], used: list[pd.DataFrame], several: pd.Series) -> pd.DataFrame:
    """Rows set aside, each once; a row of a file that several entries name stays if any of them uses it."""
    rows = stack(aside, [*ORIGIN_OF_ROW, "reason"]).astype({"source_file": object})
    shared = rows["source_file"].isin(several)
    taken = stack([part[part["source_file"].isin(several)] for part in used], ORIGIN_OF_ROW).astype(
        {"source_file": object}
    )
    is_used = pd.MultiIndex.from_frame(rows[ORIGIN_OF_ROW][shared]).isin(pd.MultiIndex.from_frame(taken))
    doubtful = rows[shared][~is_used].drop_duplicates(ORIGIN_OF_ROW)
    return pd.concat([rows[~shared], doubtful]).sort_index(ignore_index=True)


def _rows_of_files(parts: list[pd.DataFrame], several: pd.Series) -> pd.Series:
    """Number of rows per raw file; a row that several entries of the map read counts once."""
    once = [part[~part["source_file"].isin(several)] for part in parts]
    shared = stack([part[part["source_file"].isin(several)] for part in parts], ORIGIN_OF_ROW).drop_duplicates()
    counts = [part["source_file"].astype(object).value_counts() for part in [*once, shared]]
    return pd.concat(counts).groupby(level=0).sum()


def _part_study_data(frame: pd.DataFrame, export_map: dict, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that are study data, and the others with their reasons."""
    reasons = _reasons_to_set_aside(frame, export_map["files"][name], delivery.columns_mapped(export_map, name))
    others = frame.loc[reasons.notna(), ["source_file", "source_row"]].assign(reason=reasons.dropna())
    return frame[reasons.isna()], others


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
    if "first_of" in entry:
        rule = entry["first_of"]
        ordered = frame[reasons.isna()].sort_values([*rule["order"], "source_file", "source_row"])
        reasons = reasons.mask(ordered.duplicated(rule["by"]).reindex(frame.index, fill_value=False), rule["reason"])
    return reasons


def _patient_keys(export_map: dict, kept: dict[str, pd.DataFrame], unused: dict[str, pd.Series]) -> pd.DataFrame:
    """Links of the key tables, and as `check_<column>` the text of what must agree with the patient's record.

    A row with only one of the two numbers links nothing: repeating forms of one file have it.
    """
    parts, checks = [], []
    for key, entry in export_map.get("patient_keys", {}).items():
        rows = kept[entry["file"]]
        is_link = (rows[entry["from"]] != "") & (rows[entry["to"]] != "")
        unused[entry["file"]] &= ~is_link
        rows = rows[is_link]
        checked = {f"check_{name}": rows[check["column"]] for name, check in entry.get("check", {}).items()}
        links = {"key": key, "source_patient_id": rows[entry["from"]], "patient_id": rows[entry["to"]]}
        parts.append(
            pd.DataFrame(links | checked).assign(source_file=rows["source_file"], source_row=rows["source_row"])
        )
        checks += [name for name in checked if name not in checks]
    return stack(parts, [*KEY_COLUMNS, *checks])


def _field_options(export_map: dict, kept: dict[str, pd.DataFrame], unused: dict[str, pd.Series]) -> pd.DataFrame:
    """Castor's option lists: group, name (label) and value of each option."""
    names = {"Option group name": "group", "Option name": "name", "Option value": "value"}
    lists = {entry["field_options"] for entry in export_map["files"].values() if "field_options" in entry} & set(kept)
    for file in lists:
        unused[file][:] = False
    parts = [kept[file].rename(columns=names)[list(names.values())] for file in sorted(lists)]
    return stack(parts, list(names.values()))


def _register(raw_dir: str | Path, export_map: dict, raw: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every file of the delivery, read or not, those within an archive too, each with all entries that name it."""
    read = {}
    for name, frame in raw.items():
        for label, n_rows in frame["source_file"].value_counts(sort=False).items():
            note = frame.attrs.get("notes", {}).get(label, "read")
            found = {"entries": [], "columns": frame.columns, "n_rows": int(n_rows), "note": note}
            read.setdefault(label, found)["entries"] += [name]
    read = {label: _describe(**found, export_map=export_map) for label, found in read.items()}
    records = []
    for path in delivery.raw_files(raw_dir):
        file, data = path.relative_to(raw_dir).as_posix(), path.read_bytes()
        size = {"sha256": hashlib.sha256(data).hexdigest(), "n_bytes": len(data)}
        within = [label for label in read if label == file or label.startswith(f"{file}#")]
        records += [{"file": label} | size | read[label] for label in within]
        if file not in within and (not within or path.suffix.lower() == ".zip"):
            records += [
                {"file": label, "note": "not named in the export map"} | size for label in _unread(path, file, within)
            ]
    records += [
        {"file": entry["path"], "map_entry": name, "sha256": "-", "n_rows": 0, "note": "absent: counts as empty"}
        for name, entry in export_map["files"].items()
        if name not in raw
    ]
    return pd.DataFrame(records, columns=schemas.columns("raw_files"))


def _describe(entries: list[str], columns: pd.Index, n_rows: int, note: str, export_map: dict) -> dict:
    """Columns of a file, and those that no entry naming it uses."""
    named = [column for column in columns if column not in ORIGIN]
    used = {column for name in entries for column in delivery.columns_needed(export_map, name)}
    used |= {column for name in entries for column in delivery.columns_mapped(export_map, name)}
    ignored = ", ".join(sorted(set(named) - used))
    return {
        "map_entry": ", ".join(entries), "n_rows": n_rows, "n_columns": len(named), "ignored_columns": ignored,
        "note": note,
    }  # fmt: skip


def _unread(path: Path, file: str, within: list[str]) -> list[str]:
    if path.suffix.lower() != ".zip" or not within:
        return [file]
    with path.open("rb") as content:
        members = [f"{file}#{member.filename}" for member in archive.check(content, file)]
    return [member for member in members if not any(label.startswith(member) for label in within)]


def _count(rows_in: pd.Series, rows_out: pd.Series, rows_set_aside: pd.Series) -> pd.DataFrame:
    """Rows read, used and set aside per raw file. A row that several tables take is used once."""
    counts = pd.DataFrame({"rows_in": rows_in, "rows_out": rows_out, "rows_set_aside": rows_set_aside})
    counts = counts.fillna(0).astype(int).rename_axis("item").reset_index().assign(stage="1_import")
    balanced = counts["rows_in"] == counts["rows_out"] + counts["rows_set_aside"]
    return counts.assign(is_balanced=balanced).sort_values("item")
