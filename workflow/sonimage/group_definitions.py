"""Every definition of a group side by side: each a named entry of the config, one row per definition and patient."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.fes_status import judge_fes
from sonimage.group_rules import KINDS, Lesions

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
    return tables.conform(
        pd.concat([part.assign(patient_id=order.take(part["patient_id"])) for part in parts])
        if parts
        else pd.DataFrame(),
        "group_definitions",
    )


def _define(definition: dict, lesions: pd.DataFrame, n_patients: int, status_rules: dict) -> pd.DataFrame:
    """One definition for all patients, numbered from 0."""
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
    return pd.DataFrame(
        {
            "definition_id": definition["id"],
            "patient_id": every_patient,
            "n_lesions": n,
            "group": grouped.group.where(enough & (n > 0)),
            "value": grouped.value.where(enough & (n > 0)),
            "cut": grouped.cut,
            "no_group_reason": pd.Series(reason, dtype=object).replace("", None),
        }
    )


def levels_of(definition: dict) -> tuple[str, ...]:
    """Levels of a definition in order, the reference first; none where it gives a value alone."""
    return KINDS[definition["kind"]].levels(definition.get("parameters", {}))
