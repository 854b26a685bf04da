"""Plausibility: what cannot well be true becomes a row of the query list; nothing is changed here.

One small function per rule returns the rows that break it, one module per subject. Rules follow the record and RECIST 1.1
and ask what the R package sdtmchecks asks of tumours, responses, death and disposition (tests/cases/sdtmchecks.csv).
A value is never shown, only which columns to look at.
"""

from collections.abc import Sequence

import pandas as pd

from sonimage.cleaning.plausibility import (
    follow_up,
    lesions_and_sizes,
    neighbouring_sizes,
    neighbouring_uptake,
    pet,
    responses,
    scan_dates,
)
from sonimage.cleaning.plausibility.rule import Rule, Study
from sonimage.cleaning.queries import collect, query

PARTS = (follow_up, lesions_and_sizes, responses, pet, scan_dates, neighbouring_sizes, neighbouring_uptake)
RULES = tuple(rule for part in PARTS for rule in part.RULES)


def check_tables(
    study: Study, *, ct_interval_days: int = 84, organs_without_status: Sequence[str] = ("liver",)
) -> pd.DataFrame:
    """Return the query list of all rules over the linked tables (schema queries).

    `ct_interval_days`: from one CT to the next by the schedule. `organs_without_status`: those whose own uptake leaves a
    lesion no FES status.
    """
    study = prepare(study, ct_interval_days, organs_without_status)
    return collect([_ask(rule, rule.broken(study)) for rule in RULES])


def prepare(study: Study, ct_interval_days: int, organs_without_status: Sequence[str]) -> Study:
    """The study with what several rules look at, made once."""
    study = neighbouring_sizes.with_sizes(lesions_and_sizes.with_ct_readings(study))
    study = scan_dates.with_ct_gaps(study, ct_interval_days)
    return neighbouring_uptake.with_readings(study, organs_without_status)


def _ask(rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    return query(
        rows,
        rule.table,
        rule.column,
        rule_id=rule.rule_id,
        severity=rule.severity,
        observed="implausible",
        expected=rule.expected,
        action="kept",
        remedy=rule.remedy,
    )


def dictionary() -> str:
    """Return the rules as Markdown: what is expected of which columns, and what to do where it does not hold."""
    command = "python -c \"from sonimage.cleaning import plausibility; print(plausibility.dictionary(), end='')\""
    parts = [f"# Query rules\n\nGenerated from `workflow/sonimage/cleaning/plausibility/` by `{command}`.\n"]
    for part in PARTS:
        title = part.__doc__.splitlines()[0]
        parts.append(
            f"\n## {title}\n\n| rule | severity | table | columns | expected | what to do |\n|---|---|---|---|---|---|\n"
        )
        for rule in part.RULES:
            cells = (rule.rule_id, rule.severity, rule.table, rule.column, rule.expected, rule.remedy)
            parts.append("| " + " | ".join(cells) + " |\n")
    return "".join(parts)
