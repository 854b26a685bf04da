"""Plausibility: what cannot well be true becomes a row of the query list; nothing is changed here.

One small function per rule returns the rows that break it, one module per subject. Rules follow the record and RECIST 1.1
and ask what the R package sdtmchecks asks of tumours, responses, death and disposition (tests/cases/sdtmchecks.csv).
A value is never shown, only which columns to look at.
"""

import pandas as pd

from sonimage.cleaning.plausibility import follow_up, lesions_and_sizes, pet, responses
from sonimage.cleaning.plausibility.rule import Rule, Study
from sonimage.cleaning.queries import collect, query

RULES = (*follow_up.RULES, *lesions_and_sizes.RULES, *responses.RULES, *pet.RULES)


def check_tables(study: Study) -> pd.DataFrame:
    """Return the query list of all rules over the linked tables (schema queries)."""
    study = lesions_and_sizes.with_ct_readings(study)
    return collect([_ask(rule, rule.broken(study)) for rule in RULES])


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
    for part in (follow_up, lesions_and_sizes, responses, pet):
        title = part.__doc__.splitlines()[0]
        parts.append(
            f"\n## {title}\n\n| rule | severity | table | columns | expected | what to do |\n|---|---|---|---|---|---|\n"
        )
        for rule in part.RULES:
            cells = (rule.rule_id, rule.severity, rule.table, rule.column, rule.expected, rule.remedy)
            parts.append("| " + " | ".join(cells) + " |\n")
    return "".join(parts)
