"""Every definition of a group side by side: each a named entry of the config, one row per definition and patient."""

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.imaging.fes_status import judge_fes
from sonimage.imaging.group_rules import KINDS, Lesions

EVALUABLE = ("pos", "neg")


def derive_group_definitions(
    patients: pd.DataFrame, fes_status: pd.DataFrame, definitions: list[dict], *, status_rules: dict
) -> pd.DataFrame:
    """Return group and value of each patient under each definition (schema group_definitions).

    A definition: id, kind (of group_rules.KINDS) with `parameters`, denominator, `minimum_lesions`, and `status`, rules
    of FES status (judge_fes) that differ from the study's `status_rules`.
    """
    order = pd.Index(sorted(patients["patient_id"]))
    # numbers in place of text: a group-by over a million lesions takes a tenth of the time
    lesions = fes_status.assign(patient_id=order.get_indexer(fes_status["patient_id"]))
    lesions = lesions.assign(fes_status=fes_status["fes_status"].astype("category"))
    parts = [_define(definition, lesions, len(order), status_rules) for definition in definitions]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else ())}
    rows = pd.DataFrame(columns, columns=schemas.columns("group_definitions"))
    return tables.conform(rows.assign(patient_id=order.take(rows["patient_id"].astype(int))), "group_definitions")


def _define(definition: dict, lesions: pd.DataFrame, n_patients: int, status_rules: dict) -> dict[str, np.ndarray]:
    """Columns of one definition for all patients, numbered from 0."""
    if definition.get("status"):
        status, _ = judge_fes(lesions, **(status_rules | definition["status"]))
        lesions = lesions.assign(fes_status=pd.Categorical(status))
    counted = tables.known_true(lesions[f"in_{definition['denominator'].lower()}"])
    evaluable = lesions[counted & lesions["fes_status"].isin(EVALUABLE)]
    every_patient = pd.RangeIndex(n_patients)
    n = evaluable.groupby("patient_id").size().reindex(every_patient, fill_value=0)
    rule = KINDS[definition["kind"]].rule
    grouped = rule(Lesions(lesions, evaluable, every_patient), **definition.get("parameters", {}))
    enough = n >= definition.get("minimum_lesions", 1)
    missing = grouped.group.isna() & grouped.value.isna()
    reason = np.select(
        [n == 0, ~enough, missing], ["NO EVALUABLE LESION", "FEWER LESIONS THAN ASKED FOR", "NOT MEASURED"], ""
    )
    shown = enough & (n > 0)
    return {
        "definition_id": np.full(n_patients, definition["id"], dtype=object),
        "patient_id": np.arange(n_patients),
        "n_lesions": n.to_numpy(),
        "group": grouped.group.where(shown).to_numpy(dtype=object),
        "value": grouped.value.where(shown).to_numpy(dtype=float),
        "cut": np.full(n_patients, np.nan if grouped.cut is None else grouped.cut),
        "no_group_reason": np.where(reason == "", None, reason.astype(object)),
    }


def levels_of(definition: dict) -> tuple[str, ...]:
    """Levels of a definition in order, the reference first; none where it gives a value alone."""
    return KINDS[definition["kind"]].levels(definition.get("parameters", {}))
