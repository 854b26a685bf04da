"""Defects of raw exports, as data managers know them: each is put in at random places and listed with what must become of it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

FILES = {
    "castor_study": ("castor/SONIA_study_csv_export_20251001120000/SONIA_study_export_20251001.csv", 2),
    "castor_events": ("castor/SONIA_study_csv_export_20251001120000/SONIA_study_Events_export_20251001.csv", 2),
    "umcg_pet": ("pet/UMCG_pet_lesions.csv", 2),
    "vumc_lifex": ("pet/VUMC_lifex.csv", 2),
    "vumc_scores": ("pet/VUMC_visual_scores.csv", 2),
    "ct_worksheet": ("ct/RECIST_worksheet.xlsx#CT metingen", 5),
    "dicom": ("dicom", 1),
}
SUVMAX = "INTENSITY-BASED_MaximumIntensity(IBSI:84IY)[SUV]"

Rows = pd.DataFrame


class Defect(NamedTuple):
    """One kind: its name, the raw table, which rows can have it, what it does to them, and what must become of it."""

    kind: str
    table: str
    can_have: Callable[[Rows], pd.Series]
    change: Callable[[Rows], Rows]
    expected: str  # parsed, query RULE_ID, or set aside


def inject(
    raw: dict[str, Rows], counts: dict[str, int], generator: np.random.Generator
) -> tuple[dict[str, Rows], Rows]:
    """Return the raw tables with `counts` defects of each kind, no row having two, and the list of them."""
    raw, listed, taken = dict(raw), [], {name: set() for name in raw}
    for defect in DEFECTS:
        rows = raw[defect.table]
        free = rows.index[defect.can_have(rows) & ~rows.index.isin(list(taken[defect.table]))]
        chosen = np.sort(generator.choice(free, min(counts[defect.kind], len(free)), replace=False))
        taken[defect.table] |= set(chosen)
        listed += [_listing(defect, rows, row) for row in chosen]
        raw[defect.table] = pd.concat([rows.drop(index=chosen), defect.change(rows.loc[chosen])]).sort_index()
    raw, repeated = _repeat(raw, counts["repeated_row"], generator)
    return raw, pd.DataFrame(listed + repeated, columns=["kind", "file", "row", "expected"])


def _listing(defect: Defect, rows: Rows, row: int) -> dict:
    file, first = FILES[defect.table]
    if defect.table == "dicom":
        scan = rows.loc[row]
        file, row, first = f"dicom/{scan['centre']}/{scan['patient_id']}_{scan['modality']}.dcm", 0, 1
    return {"kind": defect.kind, "file": file, "row": int(row) + first, "expected": defect.expected}


def _repeat(raw: dict[str, Rows], count: int, generator: np.random.Generator) -> tuple[dict[str, Rows], list[dict]]:
    """A form saved twice: the row again at the end of the file, seconds later."""
    rows = raw["castor_events"]
    again = rows.loc[np.sort(generator.choice(rows.index, min(count, len(rows)), replace=False))]
    again = again.assign(**{"Repeating Data Creation Date": again["Repeating Data Creation Date"].str[:-2] + "52"})
    file, first = FILES["castor_events"]
    listed = [
        {"kind": "repeated_row", "file": file, "row": len(rows) + number + first, "expected": "set aside"}
        for number in range(len(again))
    ]
    return raw | {"castor_events": pd.concat([rows, again], ignore_index=True)}, listed


def _swap_tracers(rows: Rows) -> Rows:
    columns = ["SUVmax", "SUVpeak", "SUVmean"]
    fes, fdg = [f"FES {name}" for name in columns], [f"FDG {name}" for name in columns]
    swapped = rows.copy()
    swapped[fes], swapped[fdg] = rows[fdg].to_numpy(), rows[fes].to_numpy()
    return swapped


def _number(rows: Rows, column: str) -> pd.Series:
    return pd.to_numeric(rows[column].str.replace(",", "."), errors="coerce")


def _is_study(rows: Rows) -> pd.Series:
    return rows["rand_date"] != ""


def _sized(rows: Rows) -> pd.Series:
    return pd.to_numeric(rows["Meting"], errors="coerce").between(12, 60) & ~rows.duplicated(
        ["SONImage nr", "Laesie"]
    ).eq(False)


def _died(rows: Rows) -> pd.Series:
    return _is_study(rows) & ~rows["death_date"].isin(["", "01-01-2996"])


def _day(rows: Rows, column: str, shift_days: int) -> pd.Series:
    days = pd.to_datetime(rows[column], format="%d-%m-%Y") + pd.Timedelta(days=shift_days)
    return days.dt.strftime("%d-%m-%Y")


DEFECTS = (
    Defect("decimal_comma", "vumc_lifex", lambda rows: rows[SUVMAX] != "", lambda rows: rows.assign(**{SUVMAX: rows[SUVMAX].str.replace(".", ",")}), "query UNREADABLE"),
    Defect("centimetres", "ct_worksheet", _sized, lambda rows: rows.assign(Meting=(pd.to_numeric(rows["Meting"]) / 10).map("{:g}".format)), "query SIZE_JUMP"),
    Defect("below_five", "ct_worksheet", lambda rows: rows["Meting"] == "TSTM", lambda rows: rows.assign(Meting="<5"), "parsed"),
    Defect("not_evaluable_code", "ct_worksheet", lambda rows: (rows["Meting"] == "aanwezig") & rows.duplicated(["SONImage nr", "Laesie"]), lambda rows: rows.assign(Meting="9999"), "parsed"),
    Defect("kilobecquerel", "dicom", lambda rows: rows["injected_activity_mbq"] > 0, lambda rows: rows.assign(injected_activity_mbq=rows["injected_activity_mbq"] / 1000), "query ACTIVITY"),
    Defect("weight_in_grams", "dicom", lambda rows: rows["weight_kg"] > 0, lambda rows: rows.assign(weight_kg=rows["weight_kg"] * 1000), "query WEIGHT"),
    Defect("weight_missing", "dicom", lambda rows: rows["weight_kg"] > 0, lambda rows: rows.assign(weight_kg=np.nan), "check unknown"),
    Defect("partial_death", "castor_study", _died, lambda rows: rows.assign(death_date="UK" + rows["death_date"].str[2:]), "query PARTIAL_DATE"),
    Defect("death_before_scan", "castor_study", _is_study, lambda rows: rows.assign(death_date=_day(rows, "start_date", 3)), "query SCAN_AFTER_DEATH"),
    Defect("on_tamoxifen", "castor_study", _is_study, lambda rows: rows.assign(last_tam_date=_day(rows, "start_date", -30)), "query LIGAND_WASHOUT"),
    Defect("arm_label", "castor_study", lambda rows: rows["arm"] == "1", lambda rows: rows.assign(arm="Strategy A (CDK4/6 1st line)"), "parsed"),
    Defect("swapped_tracers", "umcg_pet", lambda rows: (rows["FES visueel"] == "0") & (_number(rows, "FDG SUVmax") > 3.2), _swap_tracers, "query CALL_AGAINST_SUV"),
    Defect("unknown_organ", "umcg_pet", lambda rows: rows["Orgaan"] == "bot", lambda rows: rows.assign(Orgaan="acetabulum"), "query UNMAPPED_ORGAN"),
    Defect("id_typo", "vumc_scores", lambda rows: rows["subject"] != "", lambda rows: rows.assign(subject=rows["subject"].str.replace("-", "-9")), "set aside"),
)  # fmt: skip
