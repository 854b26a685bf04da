"""Baseline characteristics by heterogeneity group and by allocation, as tidy statistics; no p-values between arms."""

import pandas as pd

from sonimage import schemas, tables

NUMBERS = ("age_years", "er_percent", "n_lesions", "fes_eval_n", "fes_pos_frac", "fes_suvmax_gmean", "fdg_suvmax_gmean")
CATEGORIES = (
    "centre", "menopausal_status", "de_novo_metastatic", "prior_endocrine_therapy", "visceral_disease", "bone_only",
    "who_performance_status", "cdk46_inhibitor", "is_measurable", "allocation", "het3",
)  # fmt: skip
QUANTILES = {"minimum": 0, "lower quartile": 0.25, "median": 0.5, "upper quartile": 0.75, "maximum": 1}


def summarise_cohort(analysis_set: pd.DataFrame) -> pd.DataFrame:
    """Return tidy statistics of the imaging set by allocation and by het3 (schema cohort); missing values are counted."""
    rows = analysis_set[tables.known_true(analysis_set["in_imaging_set"])].sort_values("patient_id")
    groups = {("all", "all patients"): rows}
    for by in ("allocation", "het3"):
        groups |= {(by, level): rows[rows[by] == level] for level in schemas.levels("analysis_set", by)}
    parts = []
    for (by, group), members in groups.items():
        facts = {"by": by, "group": group, "n": len(members)}
        parts += [facts | row for name in NUMBERS for row in _describe_number(members[name], name)]
        parts += [facts | row for name in CATEGORIES for row in _describe_category(members[name], rows[name], name)]
    return tables.conform(pd.DataFrame(parts), "cohort")


def _describe_number(values: pd.Series, name: str) -> list[dict]:
    known = values.dropna().astype(float)
    described = {statistic: known.quantile(q) for statistic, q in QUANTILES.items()} | {"missing": values.isna().sum()}
    return [
        {"variable": name, "level": None, "statistic": statistic, "value": value}
        for statistic, value in described.items()
    ]


def _describe_category(values: pd.Series, everyone: pd.Series, name: str) -> list[dict]:
    """Counts of every level that occurs in anyone, so that columns of the table line up."""
    counts = values.astype(object).map(str, na_action="ignore").value_counts()
    levels = sorted(everyone.dropna().astype(object).map(str).unique())
    rows = [{"variable": name, "level": level, "statistic": "count", "value": counts.get(level, 0)} for level in levels]
    return [*rows, {"variable": name, "level": None, "statistic": "missing", "value": values.isna().sum()}]
