"""What a Cox model is fitted to: the patients of an analysis, a column per term, and which levels are empty or scarce."""

from collections.abc import Iterator
from itertools import groupby
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
    is_member = tables.known_true(analysis_set[analysis["population"]]) & analysis_set[DURATION].notna()
    enough = analysis_set["fes_eval_n"].fillna(0) >= (analysis.get("minimum_lesions") or 0)
    return analysis_set[is_member & enough]


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
            terms.append((term, variable, reference))
            for bend, curved in _bends(column, term, (analysis.get("splines") or {}).get(variable)):
                columns[bend] = curved
                terms.append((bend, variable, None))
    if analysis.get("interaction"):
        for term in [term for term, variable, _ in terms if variable == grouping]:
            columns[f"{term} x A"] = columns[term] * columns["A"]
            terms.append((f"{term} x A", "interaction", None))
    columns |= {DURATION: rows[DURATION].to_numpy(dtype=float), EVENT: tables.known_true(rows[EVENT]).to_numpy()}
    frame = pd.DataFrame(columns | {name: rows[name] for name in strata}, index=rows.index)
    return Design(frame, pd.DataFrame(terms, columns=["term", "variable", "reference"]), strata)


def _columns_of(rows: pd.DataFrame, variable: str) -> list[tuple[str, str | None, np.ndarray]]:
    """Term, reference and values of each column a variable enters with."""
    if variable in CONTINUOUS:
        return [(variable, None, _numbers(CONTINUOUS[variable](rows)))]
    field = schemas.fields("analysis_set")[variable]
    if field["type"] != "string":
        return [(variable, "False" if field["type"] == "boolean" else None, _numbers(rows[variable]))]
    is_coded = "enum" in field.get("constraints", {})
    levels = schemas.levels("analysis_set", variable) if is_coded else sorted(rows[variable].dropna().unique())
    reference, *others = levels or [NO_LEVEL]
    values, is_gap = rows[variable].to_numpy(dtype=object), rows[variable].isna().to_numpy()
    return [
        (level if is_coded else f"{variable}: {level}", reference, np.where(is_gap, np.nan, values == level))
        for level in (others or [NO_LEVEL])
    ]


def _numbers(values: pd.Series) -> np.ndarray:
    """Numbers, or 1 and 0 for yes and no; NaN where not known."""
    return values.astype(float).to_numpy()


def _bends(values: np.ndarray, term: str, n_knots: int | None) -> list[tuple[str, np.ndarray]]:
    """Name and values of the columns that let a number's effect bend: none without knots."""
    if n_knots is None:
        return []
    curved = splines.bend(values, splines.place_knots(values, n_knots))
    return [(f"{term}, bend {j + 1}", curved[:, j]) for j in range(curved.shape[1])]


def empty_terms(design: Design) -> list[str]:
    """Terms without variation: no patient in the level, or all."""
    columns = {term: design.frame[term].to_numpy() for term in design.terms["term"]}
    return [term for term, values in columns.items() if (values == values[:1]).all()]


def scarce_terms(design: Design) -> tuple[list[str], list[str]]:
    """Levels with patients but no event, and levels with fewer than five; the reference level included."""
    is_event = design.frame[EVENT].to_numpy(dtype=bool)
    counts = [(level, np.count_nonzero(rows & is_event)) for level, rows in _members(design) if rows.any()]
    return [level for level, n in counts if n == 0], [level for level, n in counts if 0 < n < FEW_EVENTS]


def _members(design: Design) -> Iterator[tuple[str, np.ndarray]]:
    """Each level of each variable that has levels and its patients, the reference after the others."""
    entries = zip(*(design.terms[name] for name in ("term", "variable", "reference")), strict=True)
    for variable, group in groupby(entries, key=lambda entry: entry[1]):  # het4 and allocation both have a level A
        terms, _, (reference, *_) = zip(*group, strict=True)
        if reference is None and variable != "interaction":
            continue
        members = {term: design.frame[term].to_numpy() == 1 for term in terms}
        if reference is not None:
            members[reference] = ~np.logical_or.reduce(list(members.values()))
        yield from members.items()
