"""A study of one patient that raises no query, and changes of it: values, rows, a third CT, nine patients more."""

import pandas as pd
from sonimage import tables
from worked_tables import table

CLEAN = {
    "patients": """
        patient_id | birth_year | allocation | randomisation_date | first_treatment_date | consent_date | death_date | last_contact_date | source_row
        a          | 1960       | A          | 2020-02-01         | 2020-02-03           | 2020-01-20   | 2021-06-01 | 2021-06-01        | 2
    """,
    "scans": """
        scan_id | patient_id | modality | scan_date  | weight_kg | height_cm | injected_activity_mbq | injection_time | acquisition_time | glucose_mmol_l | units | decay_correction | half_life_s | source_row
        ct0     | a          | CT       | 2020-01-25 | -         | -         | -                     | -              | -                | -              | -     | -                | -           | 2
        ct1     | a          | CT       | 2020-04-25 | -         | -         | -                     | -              | -                | -              | -     | -                | -           | 3
        fes     | a          | FES-PET  | 2020-01-26 | 70        | 165       | 200                   | 10:00:00       | 11:00:00         | -              | BQML  | START            | 6586.2      | 4
        fdg     | a          | FDG-PET  | 2020-01-24 | 71        | 165       | 220                   | 10:00:00       | 11:00:00         | 5.5            | BQML  | START            | 6588        | 5
    """,
    "lesions": """
        patient_id | lesion_id | organ | laterality | is_node | role   | source_row
        a          | T1        | lung  | left       | False   | TARGET | 2
        a          | T2        | lung  | right      | False   | TARGET | 3
    """,
    "measurements": """
        patient_id | lesion_id | scan_id | diameter_mm | state    | source_row
        a          | T1        | ct0     | 20          | MEASURED | 2
        a          | T1        | ct1     | 15.25       | MEASURED | 3
        a          | T2        | ct0     | 12          | MEASURED | 4
        a          | T2        | ct1     | 14          | MEASURED | 5
    """,
    "uptake": """
        patient_id | lesion_id | scan_id | suvmax | suvmean | volume_ml | visual   | source_row
        a          | T1        | fes     | 2.5    | 1.5     | 4         | positive | 2
        a          | T2        | fes     | 2.6    | 1.5     | 3         | positive | 3
        a          | T1        | fdg     | 6.5    | 4.5     | 4         | positive | 4
        a          | T2        | fdg     | 7.5    | 4.5     | 3         | positive | 5
    """,
    "assessments": """
        patient_id | assessment_date | overall_response | target_response | nontarget_response | new_lesion | source_row
        a          | 2020-04-25      | PD               | SD              | PD                 | False      | 2
    """,
    "events": """
        patient_id | event                 | event_date | source_row
        a          | NEW THERAPEUTIC AGENT | 2020-05-25 | 2
    """,
}  # fmt: skip


CLEAN_TABLES = {name: table(text, name) for name, text in CLEAN.items()}


def study() -> dict[str, pd.DataFrame]:
    return {name: frame.copy() for name, frame in CLEAN_TABLES.items()}


def put(name: str, row: int, **values):
    """The study with other values in one row of a table."""

    def changed() -> dict[str, pd.DataFrame]:
        frame = study()[name]
        for column, value in values.items():
            is_date = frame[column].dtype.kind == "M" and value is not None
            frame.loc[row, column] = pd.Timestamp(value) if is_date else value
        return study() | {name: frame}

    return changed


def add(name: str, *rows: dict, like: int = 0):
    """The study with further rows of a table, each like one of its rows but for some values."""

    def changed() -> dict[str, pd.DataFrame]:
        frame = study()[name]
        more = [frame.iloc[like].to_dict() | row for row in rows]
        return study() | {name: tables.conform(pd.DataFrame([*frame.to_dict("records"), *more]), name)}

    return changed


def without(name: str, *rows: int):
    """The study without some rows of a table."""
    return lambda: study() | {name: study()[name].drop(index=list(rows)).reset_index(drop=True)}


def both(*changes):
    """Several tables changed at once."""

    def changed() -> dict[str, pd.DataFrame]:
        clean, result = study(), study()
        for change in changes:
            result |= {name: frame for name, frame in change().items() if not frame.equals(clean[name])}
        return result

    return changed


def third_ct(*sizes: float, states: tuple[str, ...] = ("MEASURED",) * 3):
    """The study with a CT twelve weeks later, and what is read of T1 on the three."""

    def changed() -> dict[str, pd.DataFrame]:
        measurements = add("measurements", {"scan_id": "ct2"}, like=1)()["measurements"]
        measurements.loc[[0, 1, 4], "diameter_mm"] = sizes
        measurements.loc[[0, 1, 4], "state"] = states
        return study() | {
            "scans": add("scans", {"scan_id": "ct2", "scan_date": "2020-07-18"}, like=1)()["scans"],
            "measurements": measurements,
            "events": put("events", 0, event_date="2020-08-25")()["events"],
        }

    return changed


def ten(last, others=study):
    """Ten patients of one raw file, the last of them another than the others."""

    def renamed(patient: dict[str, pd.DataFrame], number: int, name: str) -> pd.DataFrame:
        frame = patient[name].assign(source_file="raw.csv")
        return frame.assign(**{key: f"{number}-" + frame[key] for key in ("patient_id", "scan_id") if key in frame})

    def changed() -> dict[str, pd.DataFrame]:
        patients = [*[others()] * 9, last()]
        return {
            name: pd.concat([renamed(one, n, name) for n, one in enumerate(patients)], ignore_index=True)
            for name in CLEAN
        }

    return changed


def cts_exchanged() -> dict[str, pd.DataFrame]:
    """The study with the dates of its two CTs exchanged."""
    scans = study()["scans"]
    return study() | {"scans": scans.assign(scan_date=scans["scan_date"].iloc[[1, 0, 2, 3]].to_numpy())}


# A lesion in the liver as readers write it down, and one of another organ called liver
IN_LIVER = both(put("lesions", 0, organ="liver", laterality=None), put("uptake", 0, suvmax=11, visual="not evaluable"))
CALLED_LIVER = put("lesions", 0, organ="liver")
