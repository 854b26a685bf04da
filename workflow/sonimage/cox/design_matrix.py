"""What a Cox model is fitted to: the patients of an analysis, a column per term, and which levels are empty or scarce."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sonimage import schemas, tables
from sonimage.cox import splines
from sonimage.plan.covariates import CONTINUOUS

FEW_EVENTS = 5  # in a level: Firth beside maximum likelihood
DURATION, EVENT = "pfs1_months", "pfs1_event"
EFRON = "Cox, Efron ties"  # the method of an estimate by maximum likelihood
NO_LEVEL = "no level"  # of a variable that no patient has a value of


class Design(NamedTuple):
    """What one model is fitted to: durations, events and strata beside a column per term."""

    frame: pd.DataFrame
    terms: pd.DataFrame  # term, variable, reference
    strata: list[str]


def select_population(analysis_set: pd.DataFrame, analysis: dict) -> pd.DataFrame:
    """Patients of an analysis: its population, at least so many evaluable lesions, PFS1 known."""
    rows = analysis_set[tables.known_true(analysis_set[analysis["population"]])]
    enough = rows["fes_eval_n"].fillna(0) >= (analysis.get("minimum_lesions") or 0)
    return rows[enough & rows[DURATION].notna()]


def build_design(rows: pd.DataFrame, analysis: dict) -> Design:
    """The design of the complete rows."""
    design = design_with_gaps(rows, analysis)
    return design._replace(frame=design.frame.dropna())


def design_with_gaps(rows: pd.DataFrame, analysis: dict) -> Design:
    """Indicator columns of groups, numbers as they are or bent by a spline, products for an interaction; NaN where not known."""
    grouping, strata = analysis.get("grouping"), analysis.get("strata") or []
    columns, terms = {}, []
    for variable in [*([grouping] if grouping else []), *analysis["covariates"]]:
        for term, reference, column in _columns_of(rows, variable):
            columns[term] = column
            terms.append({"term": term, "variable": variable, "reference": reference})
            for bend, curved in _bends(column, term, (analysis.get("splines") or {}).get(variable)):
                columns[bend] = curved
                terms.append({"term": bend, "variable": variable, "reference": None})
    if analysis.get("interaction"):
        for term in [entry["term"] for entry in terms if entry["variable"] == grouping]:
            columns[f"{term} x A"] = columns[term] * columns["A"]
            terms.append({"term": f"{term} x A", "variable": "interaction", "reference": None})
    frame = pd.DataFrame(columns, index=rows.index, dtype=float)
    frame = frame.assign(
        **{DURATION: rows[DURATION], EVENT: tables.known_true(rows[EVENT])}, **{name: rows[name] for name in strata}
    )
    return Design(frame, pd.DataFrame(terms, columns=["term", "variable", "reference"]), strata)


def _columns_of(rows: pd.DataFrame, variable: str):
    """Term, reference and values of each column a variable enters with."""
    if variable in CONTINUOUS:
        return [(variable, None, CONTINUOUS[variable](rows))]
    field = schemas.fields("analysis_set")[variable]
    if field["type"] == "boolean":
        return [(variable, "False", rows[variable].astype(float))]
    if field["type"] != "string":
        return [(variable, None, rows[variable].astype(float))]
    is_coded = "enum" in field.get("constraints", {})
    levels = schemas.levels("analysis_set", variable) if is_coded else sorted(rows[variable].dropna().unique())
    reference, *others = levels or [NO_LEVEL]
    return [
        (
            level if is_coded else f"{variable}: {level}",
            reference,
            (rows[variable] == level).astype(float).where(rows[variable].notna()),
        )
        for level in (others or [NO_LEVEL])
    ]


def _bends(values: pd.Series, term: str, n_knots: int | None):
    """Name and values of the columns that let a number's effect bend: none without knots."""
    if n_knots is None:
        return []
    knots = splines.place_knots(values, n_knots)
    curved = splines.bend(values.to_numpy(), knots)
    return [(f"{term}, bend {j + 1}", pd.Series(curved[:, j], index=values.index)) for j in range(curved.shape[1])]


def empty_terms(design: Design) -> list[str]:
    """Terms without variation: no patient in the level, or all."""
    return [term for term in design.terms["term"] if design.frame[term].nunique() < 2]


def scarce_terms(design: Design, grouping: str | None) -> tuple[list[str], list[str]]:
    """Levels with patients but no event, and levels with fewer than five; the reference level included."""
    frame, counts = design.frame, []  # het4 and allocation both have a level A
    for variable, entries in design.terms.groupby("variable", sort=False):
        members = {
            term: frame[term] == 1
            for term in entries["term"]
            if entries["reference"].notna().all() or variable == "interaction"
        }
        reference = entries["reference"].iloc[0]
        if reference is not None and members:
            members[reference] = ~np.logical_or.reduce(list(members.values()))
        counts += [(level, int(frame.loc[rows, EVENT].sum())) for level, rows in members.items() if rows.any()]
    return [level for level, n in counts if n == 0], [level for level, n in counts if 0 < n < FEW_EVENTS]
