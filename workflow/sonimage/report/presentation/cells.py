"""Presentation: rounding, formatting and escaping happen here, once, for every table a page shows."""

from pathlib import Path

import numpy as np
import pandas as pd

from sonimage import blinding, schemas

NO_VALUE = "–"


def estimate(value: float, lower: float, upper: float, digits: int = 2) -> str:
    """A value with its limits: `1.34 (0.80–2.26)`."""
    if pd.isna(value):
        return NO_VALUE
    if pd.isna(lower) and pd.isna(upper):
        return f"{value:.{digits}f}"
    ends = [NO_VALUE if pd.isna(end) else f"{end:.{digits}f}" for end in (lower, upper)]
    # a dash before a minus sign, or before the sign of no value, is hard to read
    between = " to " if lower < 0 or NO_VALUE in ends else "–"
    return f"{value:.{digits}f} ({ends[0]}{between}{ends[1]})"


def p_value(value: float) -> str:
    """A p-value: three decimals, `<0.001` below."""
    if pd.isna(value):
        return NO_VALUE
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def count_share(n: float, total: float) -> str:
    """A count with its percentage: `12 (24 %)`."""
    return f"{int(n)} ({100 * n / total:.0f} %)" if total else str(int(n))


def number(value: float, digits: int = 1) -> str:
    """A number at a fixed number of decimals; whole numbers without."""
    if pd.isna(value):
        return NO_VALUE
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.{digits}f}"


def table_html(frame: pd.DataFrame) -> str:
    """The table as escaped HTML; text from data can carry no markup into a page."""
    return frame.to_html(index=False, escape=True, na_rep=NO_VALUE, border=0, classes="data")


def present_cohort(cohort: pd.DataFrame, by: str) -> pd.DataFrame:
    """Table 1: one row per variable or level, one column per group."""
    shown = cohort[cohort["by"].isin(["all", by])]
    cells = {}
    for (group, n), rows in shown.groupby(["group", "n"], sort=False):
        cells[f"{group} (n = {n})"] = {
            key: text
            for variable, part in rows.groupby("variable", sort=False)
            for key, text in _cells(variable, part, n)
        }
    return pd.DataFrame(cells).rename_axis("Variable").reset_index().fillna(NO_VALUE)


def _cells(variable: str, rows: pd.DataFrame, n: int) -> list[tuple[str, str]]:
    label = schemas.label("analysis_set", variable)
    counts = rows[rows["statistic"] == "count"]
    cells = [(f"{label}: {row.level}", count_share(row.value, n)) for row in counts.itertuples()]
    values = rows.set_index("statistic")["value"]
    if "median" in values:
        quartiles = [number(values[name]) for name in ("median", "lower quartile", "upper quartile")]
        cells = [(f"{label}, median (quartiles)", "{} ({}–{})".format(*quartiles))]
    return [*cells, (f"{label}: missing", number(values["missing"]))] if values["missing"] else cells


def present_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts with exact limits: one row per statistic, one column per group."""
    text = [
        f"{count_share(row.n, row.n_total)} [{100 * row.ci_lower:.0f}–{100 * row.ci_upper:.0f} %]"
        if row.n_total
        else "0"
        for row in rows.itertuples()
    ]
    groups = rows["group"] + " (n = " + rows["n_total"].astype(str) + ")"
    wide = rows.assign(text=text, column=groups).pivot(index="statistic", columns="column", values="text")
    return wide.loc[rows["statistic"].unique(), groups.unique()].rename_axis("").rename_axis(None, axis=1).reset_index()


def present_tidy(rows: pd.DataFrame, index: list[str], column: str) -> pd.DataFrame:
    """Any tidy table of statistics: values rounded, one column per level of `column`."""
    text = rows.assign(text=[number(value, 2) for value in rows["value"]])
    wide = text.pivot(index=index, columns=column, values="text").loc[:, rows[column].unique()]
    order = pd.MultiIndex.from_frame(rows[index].drop_duplicates()) if len(index) > 1 else rows[index[0]].unique()
    return wide.loc[order].rename_axis(None, axis=1).reset_index().replace(np.nan, NO_VALUE)


def present_criteria(eligibility: pd.DataFrame) -> pd.DataFrame:
    """Patients by status of each criterion."""
    counts = (
        eligibility.groupby(["criterion_id", "kind", "criterion", "status"], sort=False).size().unstack(fill_value=0)
    )
    counts = counts.reindex(columns=["met", "not met", "unknown"], fill_value=0).reset_index()
    return counts.rename(columns={"criterion_id": "No.", "kind": "Kind", "criterion": "Criterion"}).rename_axis(
        None, axis=1
    )


def present_concordance(agreement: pd.DataFrame) -> pd.DataFrame:
    """Derived response against the investigator's, in counts of assessments."""
    levels = schemas.levels("visit_response", "overall_response")
    cells = agreement[(agreement["level"] == "assessment") & (agreement["statistic"] == "count")]
    counts = cells.pivot(index="derived_response", columns="investigator_response", values="value").astype(int)
    return counts.loc[levels, levels].rename_axis("Derived").rename_axis(None, axis=1).reset_index()


def present_agreement(agreement: pd.DataFrame) -> pd.DataFrame:
    """How many pairs, how many equal, and kappa: one column per level."""
    rows = agreement[agreement["statistic"] != "count"]
    text = [estimate(row.value, row.ci_lower, row.ci_upper) for row in rows.itertuples()]
    is_count = rows["value"].mod(1).eq(0) & ~rows["statistic"].isin(["equal", "kappa"])
    text = np.where(is_count, rows["value"].map(number), text)
    wide = rows.assign(text=text).pivot(index="statistic", columns="level", values="text")
    return wide.loc[rows["statistic"].unique()].rename_axis("").rename_axis(None, axis=1).reset_index()


def present_estimates(rows: pd.DataFrame) -> pd.DataFrame:
    """Statistics of lesions with their intervals: one row per group."""
    has_limits = rows["ci_lower"].notna()
    text = [
        estimate(r.value, r.ci_lower, r.ci_upper) if limits else number(r.value)
        for r, limits in zip(rows.itertuples(), has_limits, strict=True)
    ]
    rows = rows.assign(text=text).drop_duplicates(["group", "statistic"])
    wide = rows.pivot(index=["group", "n_patients", "n_lesions"], columns="statistic", values="text")
    wide = wide.loc[
        pd.MultiIndex.from_frame(rows[["group", "n_patients", "n_lesions"]].drop_duplicates()),
        rows["statistic"].unique(),
    ]
    named = {"group": "Group", "n_patients": "Patients", "n_lesions": "Lesions"}
    return wide.rename_axis(None, axis=1).reset_index().rename(columns=named).fillna(NO_VALUE)


def show(table: pd.DataFrame, path: str) -> None:
    """Display a presented table on the page and save the same cells as CSV."""
    from IPython.display import HTML, display

    Path(path).parent.mkdir(parents=True, exist_ok=True)
    table = blinding.stamped(table)
    table.to_csv(path, index=False, lineterminator="\n")
    display(HTML(table_html(table)))


def say(sentence: str) -> None:
    """Display a sentence that a finished table gave."""
    import html

    from IPython.display import HTML, display

    display(HTML(f"<p>{html.escape(sentence)}</p>"))
