"""PFS1 in counts: events and reasons for censoring, by group and by definition."""

import pandas as pd

from sonimage import schemas, tables
from sonimage.endpoints.pfs1 import LAST_ASSESSMENT, NO_ASSESSMENT, NOT_RANDOMISED, PFS1_EVENTS
from sonimage.endpoints.pfs1_definitions import EARLY_THERAPY, ENDED_EARLY, NO_FES


def summarise_pfs1(pfs1: pd.DataFrame, analysis_set: pd.DataFrame) -> pd.DataFrame:
    """Return patients by event or reason for censoring: all, by allocation, by group (schema pfs1_summary)."""
    reasons = [(reason, True) for reason in PFS1_EVENTS]
    reasons += [(reason, False) for reason in (LAST_ASSESSMENT, NO_ASSESSMENT, NOT_RANDOMISED)]
    grouped = pfs1.merge(
        analysis_set[["patient_id", "allocation", "het3"]], on="patient_id", how="left", validate="one_to_one"
    )
    groups = {"all patients": pd.Series(True, index=grouped.index)}
    for column in ("allocation", "het3"):
        levels = schemas.levels("analysis_set", column)
        groups |= {f"{column} {level}": grouped[column] == level for level in levels}
    rows = [
        {
            "group": group,
            "pfs1_event": is_event,
            "pfs1_reason": reason,
            "n": int((members & (grouped["pfs1_reason"] == reason)).sum()),
        }
        for group, members in groups.items()
        for reason, is_event in reasons
    ]
    return tables.conform(pd.DataFrame(rows), "pfs1_summary")


def summarise_definitions(pfs1_definitions: pd.DataFrame, definitions: list[dict]) -> pd.DataFrame:
    """Return patients by definition and reason, zero included, and how many differ from the first definition.

    Schema pfs1_definition_summary.
    """
    first = definitions[0]["id"]
    date, *others = (
        pfs1_definitions[name].astype(str) for name in ("pfs1_date", "pfs1_event", "pfs1_days", "interval_lower_months")
    )
    outcomes = pfs1_definitions.assign(outcome=date.str.cat(others, sep="|"))
    outcomes = outcomes.pivot(index="patient_id", columns="definition", values="outcome")
    outcomes = outcomes.reindex(columns=[definition["id"] for definition in definitions])
    reasons = [(reason, True) for reason in PFS1_EVENTS]
    reasons += [(reason, False) for reason in (LAST_ASSESSMENT, NO_ASSESSMENT)]
    reasons += [(reason, None) for reason in (NOT_RANDOMISED, NO_FES, EARLY_THERAPY, ENDED_EARLY)]
    rows = []
    for definition in definitions:
        mine = pfs1_definitions[pfs1_definitions["definition"] == definition["id"]]
        differs = int((outcomes[definition["id"]] != outcomes[first]).sum())
        facts = {"definition": definition["id"], "words": definition["words"], "n_differ": differs}
        counts = mine["pfs1_reason"].value_counts()
        rows += [
            facts | {"pfs1_event": event, "pfs1_reason": reason, "n": counts.get(reason, 0)}
            for reason, event in reasons
        ]
    return tables.conform(
        pd.DataFrame(rows, columns=schemas.columns("pfs1_definition_summary")), "pfs1_definition_summary"
    )
