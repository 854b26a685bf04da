"""The values beside the one that is asked about: those that made it implausible, by which a site can tell what is right."""

import pandas as pd

from sonimage import schemas
from sonimage.checks.asking.questions import shown_beside
from sonimage.tables import LESION

MOST = 40  # entries of one list
SERIES = {
    # what is listed: its Dutch name, table, what the entries share, the columns of an entry, in order
    "sizes of the lesion": ("maten van de laesie", "measurements", LESION, ["scan_date", "diameter_mm", "state"]),
    "sizes on the scan": ("maten op de scan", "measurements", ["scan_id"], ["lesion_id", "diameter_mm", "state"]),
    "sizes of the patient's targets": (
        "maten van de targets van de patiënt", "targets", ["patient_id"], ["scan_date", "lesion_id", "diameter_mm"]),
    "uptake of the lesion": ("opname van de laesie", "uptake", LESION, ["modality", "scan_date", "suvmax", "visual"]),
    "uptake on the scan": ("opname op de scan", "uptake", ["scan_id"], ["lesion_id", "suvmax", "visual"]),
    "scans of the patient": ("scans van de patiënt", "scans", ["patient_id"], ["modality", "scan_date"]),
    "CTs of the patient": ("CT's van de patiënt", "cts", ["patient_id"], ["scan_date"]),
    "weights and heights of the patient": (
        "gewichten en lengtes van de patiënt", "pets", ["patient_id"], ["modality", "scan_date", "weight_kg", "height_cm"]),
    "lesions of the patient": ("laesies van de patiënt", "lesions", ["patient_id"], ["lesion_id", "role", "organ"]),
    "assessments of the patient": (
        "beoordelingen van de patiënt", "assessments", ["patient_id"], ["assessment_date", "overall_response"]),
    "events of the patient": ("gebeurtenissen van de patiënt", "events", ["patient_id"], ["event_date", "event"]),
}  # fmt: skip
EXPECTED = {"en": "expected", "nl": "verwacht"}


def list_beside(
    queries: pd.DataFrame, study: dict[str, pd.DataFrame], language: str, others: dict[str, str]
) -> pd.Series:
    """Return for each query the values beside, one kind a line; `others`: query -> rows of the delivery that contradict it.

    `study`: the linked tables.
    """
    wanted = queries["rule_id"].map(shown_beside).explode().dropna()
    lines = []
    for what, index in wanted.groupby(wanted).groups.items():
        asked = queries.loc[index]
        if what == "expected":
            lines.append(EXPECTED[language] + ": " + asked["expected"])
        elif what in SERIES:
            lines.append(_series(asked, what, study, language))
        elif "." in what:
            lines.append(_single(asked, *what.split("."), study))
        else:
            lines.append(asked["query_id"].map(others))
    if not lines:
        return pd.Series("", index=queries.index)
    texts = pd.concat(lines).dropna()
    return texts.groupby(level=0, sort=False).agg("\n".join).reindex(queries.index, fill_value="")


def as_texts(rows: pd.DataFrame, columns: list[str]) -> pd.Series:
    """The values of each row in one text, with units; empty ones are left out."""
    parts = [_as_text(rows[column], _unit(column)) for column in columns]
    return parts[0].str.cat(parts[1:], sep=" ").str.split().str.join(" ") if len(parts) > 1 else parts[0]


def _as_text(values: pd.Series, unit: str = "") -> pd.Series:
    if values.dtype.kind == "M":
        text = values.dt.strftime("%Y-%m-%d")
    elif values.dtype.kind == "f":
        text = values.map(lambda value: f"{value:.6g} {unit}".strip(), na_action="ignore")
    else:
        text = values.astype(object).where(values.notna(), None).map(str, na_action="ignore")
    return text.where(values.notna(), "").astype(object)


def _unit(column: str) -> str:
    found = [
        schemas.fields(name)[column] for name in ("measurements", "scans", "uptake") if column in schemas.fields(name)
    ]
    return found[0].get("unit", "") if found else ""


def _single(asked: pd.DataFrame, table: str, column: str, study: dict[str, pd.DataFrame]) -> pd.Series:
    """One value of the query's patient, scan, lesion or reading."""
    key = schemas.primary_key(table)
    values = _as_text(study[table].drop_duplicates(key).set_index(key)[column], _unit(column))
    found = values.reindex(asked.set_index(key).index).set_axis(asked.index)
    return column + ": " + found.fillna("-").replace("", "-")


def _series(asked: pd.DataFrame, what: str, study: dict[str, pd.DataFrame], language: str) -> pd.Series:
    """A list of values, in order of time where they have one."""
    dutch, name, by, columns = SERIES[what]
    rows = _listed(name, study)
    rows = rows[pd.MultiIndex.from_frame(rows[by]).isin(pd.MultiIndex.from_frame(asked[by]))]
    rows = rows.sort_values([*by, *columns[:2]], kind="stable")
    rows = rows[rows.groupby(by).cumcount() < MOST]
    entries = as_texts(rows, columns)
    lists = entries.groupby([rows[column] for column in by]).agg("; ".join)
    wanted = asked.set_index(by).index
    found = lists.reindex(wanted).set_axis(asked.index)
    return (dutch if language == "nl" else what) + ": " + found.fillna("-")


def _listed(name: str, study: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows that a list takes its entries from."""
    scans = study["scans"]
    if name == "cts":
        return scans[scans["modality"] == "CT"]
    if name == "pets":
        return scans[scans["modality"] != "CT"]
    if name == "targets":
        targets = study["lesions"].loc[study["lesions"]["role"] == "TARGET", LESION]
        return _listed("measurements", study).merge(targets, on=LESION)
    if name in ("measurements", "uptake"):
        return study[name].merge(scans[["scan_id", "scan_date", "modality"]], on="scan_id", how="left")
    return study[name]
