"""A small delivery and its export map: written to a folder, imported and cleaned."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
from sonimage.cleaning import typed_tables
from sonimage.exports import importing, maps
from sonimage.exports.importing import Imported


def workbook(*rows: list, sheet: str = "CT", epoch=None) -> bytes:
    """An xlsx workbook of one sheet; numbers and dates are typed cells."""
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def load_map(folder: Path, text: str) -> dict:
    """An export map from its text."""
    (folder / "map.yaml").write_text(text, encoding="utf-8")
    return maps.load(folder / "map.yaml")


def clean(folder: Path, text: str, **files: bytes | str) -> tuple[dict[str, typed_tables.Cleaned], Imported]:
    """Write the files (`ct_xlsx` is ct.xlsx) and read them by the map: cleaned tables, and what was imported."""
    raw = folder / "raw"
    raw.mkdir()
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (raw / name.replace("_", ".")).write_bytes(data)
    plan = load_map(folder, text)
    imported = importing.import_exports(raw, plan)
    return typed_tables.clean_tables(imported.tables, plan["tables"], imported.field_options), imported


def values(frame: pd.DataFrame, *columns: str) -> list[list]:
    """Columns of a table as rows of plain values: dates as ISO text, None where empty."""
    shown = frame[list(columns)].copy()
    for column in shown.select_dtypes("datetime").columns:
        shown[column] = shown[column].dt.strftime("%Y-%m-%d")
    shown = shown.astype(object)
    return shown.where(shown.notna(), None).to_numpy().tolist()
