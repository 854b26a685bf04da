"""The query list: findings of all stages in one numbering, by centre, and as a workbook that can be sent to a site."""

import pandas as pd

from sonimage import tables
from sonimage.cleaning.plausibility import RULES
from sonimage.cleaning.typed_tables import FINDINGS as FINDINGS_OF_READING
from sonimage.linking.one_study import FINDINGS as FINDINGS_OF_LINKING

NO_CENTRE = "no centre"


def list_queries(
    clean: pd.DataFrame, link: pd.DataFrame, patients: pd.DataFrame, patient_links: pd.DataFrame
) -> pd.DataFrame:
    """Return the queries of stages 2 and 3 with SONImage number and centre (schema query_list).

    A record of stage 2 bears the number of its own export; `patient_links` leads on, and where it leads nowhere the
    query belongs to no centre.
    """
    known = patient_links.drop_duplicates(["source_file", "source_patient_id"])
    known = known.set_index(["source_file", "source_patient_id"])["patient_id"]
    numbers = pd.MultiIndex.from_frame(clean[["source_file", "record"]])
    clean = clean.assign(patient_id=pd.Series(known.reindex(numbers).to_numpy(), index=clean.index, dtype=object))
    rows = pd.concat([clean, link.assign(patient_id=link["record"])], ignore_index=True)
    centre = rows["patient_id"].map(patients.set_index("patient_id")["centre"])
    rows = rows.assign(centre=centre.fillna(NO_CENTRE), patient_id=rows["patient_id"].where(centre.notna()))
    order = ["centre", "severity", "rule_id", "source_file", "source_row", "column"]
    return tables.conform(rows.sort_values(order, kind="stable"), "query_list")


def count_queries(queries: pd.DataFrame, centres: pd.Series) -> pd.DataFrame:
    """Return findings per rule and centre, zero included (schema query_counts); `centres`: that of each patient."""
    rules = {rule.rule_id: (rule.severity, rule.table) for rule in RULES}
    rules |= {name: (severity, "all tables") for name, severity in (FINDINGS_OF_READING | FINDINGS_OF_LINKING).items()}
    columns = [*sorted(centres.dropna().unique()), NO_CENTRE]
    grid = pd.MultiIndex.from_product([sorted(rules), columns], names=["rule_id", "centre"])
    counts = queries.groupby(["rule_id", "centre"]).size().reindex(grid, fill_value=0).rename("n").reset_index()
    severity, table = (counts["rule_id"].map({name: both[i] for name, both in rules.items()}) for i in (0, 1))
    return tables.conform(counts.assign(severity=severity, table=table), "query_counts")
