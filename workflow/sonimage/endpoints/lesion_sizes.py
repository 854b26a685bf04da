"""The size of every lesion at every assessment, in whole hundredths of a millimetre so that comparisons are exact.

RECIST 1.1 section 4.2 and 4.3: long axis, short axis for nodes; present but too small to measure counts 5 mm;
absent counts 0; not evaluable is missing.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.endpoints.split_and_merged import mark_merged, sum_fragments, without_circles
from sonimage.linking.size_rules import HUNDREDTHS, TOO_SMALL_MM, is_disease
from sonimage.linking.visits import BASELINES, JUDGED
from sonimage.tables import ASSESSMENT, LESION

MEASURED, TOO_SMALL, PROGRESSION = "MEASURED", "TOO SMALL TO MEASURE", "UNEQUIVOCAL PROGRESSION"
SEEN, UNSEEN = (MEASURED, TOO_SMALL, "PRESENT", PROGRESSION), ("ABSENT", "NOT EVALUABLE")
NONE = -1


class LesionSizes(NamedTuple):
    """CT readings from baseline on, with lesions and assessments numbered so that no later step compares texts.

    assessments: patient_id, assessment_date, is_baseline, patient (number); its row number is a reading's `visit`.
    lesions: patient_id, lesion_id, organ, is_node, role, is_equivocal, patient, host (the lesion it has merged into,
    -1 for none); its row number is a reading's `lesion`.
    readings: one row per lesion and assessment with a recorded state: lesion, visit, state, hundredths (size, NaN where
    missing), is_floor (5 mm entered for too small), is_present, is_progressive, is_merged (into its host: 0 where the
    host has a size), source_file, source_row. Fragments have no rows of their own.
    """

    assessments: pd.DataFrame
    lesions: pd.DataFrame
    readings: pd.DataFrame

    def of_role(self, role: str) -> np.ndarray:
        """Mark the lesions with a role."""
        return (self.lesions["role"] == role).to_numpy()

    def at_baseline(self) -> np.ndarray:
        """Mark the readings of the baseline CT."""
        return self.assessments["is_baseline"].to_numpy()[self.readings["visit"]]

    def in_order(self, readings: pd.DataFrame) -> pd.DataFrame:
        """Readings by lesion and assessment."""
        return readings.iloc[np.lexsort([readings["visit"], readings["lesion"]])]

    def count_per_assessment(self, lesions: np.ndarray) -> np.ndarray:
        """How many of the marked lesions the patient of each assessment has."""
        patient = self.assessments["patient"].to_numpy()
        counts = np.bincount(self.lesions["patient"].to_numpy()[lesions], minlength=patient.max(initial=-1) + 1)
        return counts[patient]


def size_lesions(lesions: pd.DataFrame, measurements: pd.DataFrame, visits: pd.DataFrame) -> LesionSizes:
    """Return the sizes of all lesions from baseline on.

    Of two readings of one lesion within an assessment the larger counts, and a reading before none. A lesion that has
    fallen apart has the sum of its fragments; one that has merged counts within its host (RECIST 1.1 section 4.4).
    """
    judged = visits[visits["visit_role"].isin(JUDGED)]
    patients = pd.Index(judged["patient_id"].unique()).sort_values()
    judged = judged.assign(patient=patients.get_indexer(judged["patient_id"]))
    judged = judged.assign(visit=judged.groupby(["patient", "assessment_date"]).ngroup())
    assessments = judged.assign(is_baseline=judged["visit_role"].isin(BASELINES)).drop_duplicates("visit")
    assessments = assessments.sort_values("visit", ignore_index=True)[[*ASSESSMENT, "is_baseline", "patient"]]
    numbered, origin = _number_lesions(lesions, patients)
    read = _number_readings(measurements, numbered, judged)
    read = read.assign(hundredths=_hundredths(read), is_progressive=read["state"] == PROGRESSION)
    is_node = numbered["is_node"].to_numpy()
    read = read.assign(
        is_floor=(read["state"] == TOO_SMALL) & read["diameter_mm"].isna(),
        is_present=_is_present(read, is_node[read["lesion"]]),
        is_merged=False,
    ).drop(columns="diameter_mm")
    read = _one_reading_each(read, np.bincount(judged["visit"]))
    read = sum_fragments(read, origin, is_node, assessments)
    read = mark_merged(read, numbered["host"].to_numpy())
    return LesionSizes(assessments, numbered, read)


def _number_lesions(lesions: pd.DataFrame, patients: pd.Index) -> tuple[pd.DataFrame, np.ndarray]:
    """Lesions of the patients in order of patient and lesion_id, and for each the lesion it is a fragment of, -1 for none.

    A fragment has no role of its own.
    """
    # a column is added before rows are chosen: a frame without rows would take the rows of what it is given
    about = lesions.assign(
        patient=patients.get_indexer(lesions["patient_id"]), is_node=tables.known_true(lesions["is_node"])
    )
    about = about[about["patient"] >= 0]
    order = np.lexsort([pd.factorize(about["lesion_id"], sort=True)[0], about["patient"]])
    about = about.iloc[order].reset_index(drop=True)
    keys = about[["patient", "lesion_id"]]
    host, origin = (_find(keys, about["patient"], about[name]) for name in ("merged_into", "split_from"))
    origin = without_circles(origin)
    columns = [*LESION, "organ", "is_node", "role", "is_equivocal", "patient"]
    whole = about[columns].assign(host=host, role=about["role"].where(origin < 0))
    return whole, origin


def _find(keys: pd.DataFrame, patient: pd.Series, lesion_id: pd.Series) -> np.ndarray:
    """Row number in `keys` of a patient's lesion; -1 where there is no such lesion or none is named."""
    found = np.full(len(lesion_id), NONE)
    named = lesion_id.notna().to_numpy()
    if named.any():
        index = pd.MultiIndex.from_frame(keys)
        found[named] = index.get_indexer(pd.MultiIndex.from_arrays([patient[named], lesion_id[named]]))
    return found


def _number_readings(measurements: pd.DataFrame, lesions: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Measurements of the assessments that count, with the numbers of scan, assessment and lesion."""
    scan = pd.Index(judged["scan_id"]).get_indexer(measurements["scan_id"])
    names, ids = pd.factorize(lesions["lesion_id"])
    name = ids.get_indexer(measurements["lesion_id"])
    known = (scan >= 0) & (name >= 0)
    key = np.where(known, judged["patient"].to_numpy()[scan] * len(ids) + name, NONE)
    lesion = pd.Index(lesions["patient"].to_numpy() * len(ids) + names).get_indexer(key)
    kept = np.flatnonzero(lesion >= 0)
    states = schemas.levels("measurements", "state")
    return pd.DataFrame(
        {
            "lesion": lesion[kept],
            "visit": judged["visit"].to_numpy()[scan[kept]],
            "state": pd.Categorical(measurements["state"], categories=states).take(kept),
            "diameter_mm": measurements["diameter_mm"].to_numpy(dtype=float)[kept],
            "source_file": measurements["source_file"].to_numpy()[kept],
            "source_row": measurements["source_row"].to_numpy(dtype=float)[kept],
        },
        copy=False,
    )


def _hundredths(read: pd.DataFrame) -> np.ndarray:
    size = (read["diameter_mm"] * HUNDREDTHS).round().to_numpy()
    size = np.where(np.isnan(size) & (read["state"] == TOO_SMALL), TOO_SMALL_MM * HUNDREDTHS, size)
    size = np.where(read["state"] == "ABSENT", 0, size)
    return np.where(read["state"] == "NOT EVALUABLE", np.nan, size)


def _is_present(read: pd.DataFrame, is_node: np.ndarray) -> pd.Series:
    """Seen on this CT; a node whose short axis is recorded under 10 mm is normal, not present."""
    seen = read["state"].isin(SEEN)
    return seen & (read["is_progressive"] | is_disease(read["hundredths"], is_node))


def _one_reading_each(read: pd.DataFrame, n_scans: np.ndarray) -> pd.DataFrame:
    """One reading per lesion and assessment: the larger size, a size before none; seen or progressive if on any CT.

    `n_scans`: CTs of each assessment; of one CT a lesion has one reading (key of the measurements). Absent on one CT and
    there on another without a size: no size.
    """
    pooled = (n_scans > 1)[read["visit"]]
    if not pooled.any():
        return read
    pair = ["lesion", "visit"]
    ranked = read[pooled].sort_values(
        ["hundredths", "is_progressive", "is_present", "source_file", "source_row"],
        ascending=[False, False, False, True, True],
        na_position="last",
    )
    measured = ranked.assign(is_measured=(ranked["state"] == MEASURED) & (ranked["hundredths"] > 0))
    ever = measured.groupby(pair)[["is_progressive", "is_present", "is_measured"]].transform("any")
    one = ranked.assign(
        is_progressive=ever["is_progressive"],
        is_present=ever["is_present"],
        state=ranked["state"].mask(ever["is_measured"], MEASURED),
        hundredths=ranked["hundredths"].mask((ranked["hundredths"] == 0) & ever["is_present"]),
    ).drop_duplicates(pair)
    one = one.assign(state=one["state"].mask(one["is_present"] & one["state"].isin(UNSEEN), "PRESENT"))
    return pd.concat([read[~pooled], one], ignore_index=True)
