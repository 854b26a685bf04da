"""Rows that name one record: of several sources, or twice in one. Which row counts, what is asked, what stops the run.

A patient, scan or lesion is described by its first source, and later ones fill what it leaves empty; so is an assessment
or event, but two of one source on one day both stay. A reading (a size, an uptake) that stands twice with two values is
nobody's to choose: all its rows are set aside and asked about.
"""

from typing import NamedTuple

import pandas as pd

from sonimage import schemas
from sonimage.cleaning.queries import query
from sonimage.faults import Fault
from sonimage.linking.references import aside_rows

READINGS, DATED = ("measurements", "uptake"), ("assessments", "events")
ORIGIN = ("source_file", "source_row", "source_no")


class Records(NamedTuple):
    """One row per record; the rows set aside; queries; faults; the readings that contradict each other."""

    table: pd.DataFrame
    set_aside: pd.DataFrame
    queries: list[pd.DataFrame]
    faults: list[Fault]
    contradicting: pd.DataFrame


def merge_records(frame: pd.DataFrame, name: str, sources: list[dict]) -> Records:
    """Return the records of a table whose rows are in SONImage numbers.

    `sources`: the table's entry of the export map, which `source_no` counts. Rows in = records + rows set aside.
    """
    key = schemas.primary_key(name)
    if not key or not frame.duplicated(key).any():
        return Records(frame, aside_rows(frame.iloc[:0], name, ""), [], [], frame.iloc[:0])
    ordered = frame.sort_values(["source_no", "source_file", "source_row"], kind="stable", ignore_index=True)
    merge = _merge_readings if name in READINGS else _merge_dated if name in DATED else _merge_descriptions
    return merge(ordered.astype({"source_file": object}), name, key, sources)


def _merge_descriptions(frame: pd.DataFrame, name: str, key: list[str], sources: list[dict]) -> Records:
    """Patients, scans, lesions: the first source decides; two rows of it that differ are a fault unless it is `distinct`."""
    values, grouped = _values(frame, key), frame.groupby(key, sort=False)
    again = _repeats_within_first_source(frame, grouped, sources)
    unlike = again & _differs(frame[values], _first_rows(frame[values], grouped), gaps=True).any(axis=1)
    faults = _contradiction_faults(frame[unlike], name, _place_of_first(grouped)[unlike])
    return _let_give_way(frame, name, key, grouped.cumcount().gt(0))._replace(faults=faults)


def _merge_dated(frame: pd.DataFrame, name: str, key: list[str], sources: list[dict]) -> Records:
    """Assessments and events: two rows of one source on one day both stay, and query rules ask about them."""
    grouped = frame.groupby(key, sort=False)
    again = _repeats_within_first_source(frame, grouped, sources)
    return _let_give_way(frame, name, key, grouped.cumcount().gt(0) & ~again)


def _let_give_way(frame: pd.DataFrame, name: str, key: list[str], gives_way: pd.Series) -> Records:
    """Rows that give way to the first row of their record; it takes from them what it lacks, and a disagreement is asked."""
    values, grouped = _values(frame, key), frame.groupby(key, sort=False)
    differs = _differs(frame[values], grouped[values].transform("first"))
    disagree = gives_way & differs.any(axis=1)
    asked = query(
        frame[disagree], name, _names_where(differs[disagree]), rule_id="SOURCES_DISAGREE", severity="warning",
        observed="another value", expected="the value of the first source", action="kept",
        remedy="Ask which is right; the first source of the export map decides",
    )  # fmt: skip
    merged = aside_rows(frame[gives_way], name, "same record as " + _place_of_first(grouped)[gives_way])
    return Records(_filled_up(frame, values, grouped)[~gives_way], merged, [asked], [], frame.iloc[:0])


def _merge_readings(frame: pd.DataFrame, name: str, key: list[str], sources: list[dict]) -> Records:
    """Sizes and uptake: a source that fills gaps gives way; rows of other sources complete each other or contradict."""
    values, grouped = _values(frame, key), frame.groupby(key, sort=False)
    places = _place_of_first(grouped)
    equal = frame.duplicated([*key, *values, "source_no"])
    gives_way = ~equal & ~_is_of_first_source(frame, grouped) & _declared(frame, sources, "fills_gaps", False)
    tolerance = _declared(frame, sources, "tolerance", 0.0)
    differs = _differs(frame[values], _first_rows(frame[values], grouped), tolerance=tolerance)
    beyond = gives_way & differs.any(axis=1)
    disagree = query(
        frame[beyond], name, _names_where(differs[beyond]), rule_id="SOURCES_DISAGREE", severity="warning",
        observed="another value", expected="the value of an earlier source, within the tolerance", action="set aside",
        remedy="Ask which is right; this source of the export map fills gaps alone",
    )  # fmt: skip
    rest = frame[~equal & ~gives_way]
    contradicting, asked = _contradictions(rest, name, key)
    rest = rest.drop(contradicting.index)
    grouped = rest.groupby(key, sort=False)
    later = grouped.cumcount().gt(0)
    asides = [
        aside_rows(frame[equal], name, "equal to " + places[equal]),
        aside_rows(frame[gives_way], name, "an earlier source has this reading: " + places[gives_way]),
        aside_rows(contradicting, name, "one reading with two values"),
        aside_rows(rest[later], name, "same record as " + places[rest.index][later]),
    ]
    return Records(_filled_up(rest, values, grouped)[~later], pd.concat(asides), [disagree, asked], [], contradicting)


def _contradictions(rows: pd.DataFrame, name: str, key: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of readings that have two values, and one query for each reading that names all its rows.

    Two rows of one source contradict each other if anything differs, a value beside none included; rows of two sources
    if both have a value and the values differ.
    """
    values, grouped = _values(rows, key), rows.groupby(key, sort=False)
    again = rows.duplicated([*key, "source_no"], keep=False)
    within = _differs(rows[values], _first_rows(rows[values], grouped), gaps=True)
    between = _differs(rows[values], grouped[values].transform("first"))
    unlike = between | within.where(again, False)
    by_record = [rows[column] for column in key]
    unlike = unlike.groupby(by_record, sort=False).transform("any")
    found, place = rows[unlike.any(axis=1)], rows["source_file"] + " row " + rows["source_row"].astype(str)
    if not len(found):
        return found, pd.DataFrame()
    first = found[~found.duplicated(key)].index
    others = place[found.index].groupby([column[found.index] for column in by_record], sort=False).transform(", ".join)
    asked = query(
        found.loc[first], name, _names_where(unlike.loc[first]), rule_id="READINGS_CONTRADICT", severity="error",
        observed="two values: " + others[first], expected="one value for one reading", action="set aside",
        remedy="Which is right? Keep or drop a row in config/corrections.csv",
    )  # fmt: skip
    return found, asked


def _contradiction_faults(rows: pd.DataFrame, name: str, places: pd.Series) -> list[Fault]:
    """A fault for each row that describes a patient, scan or lesion otherwise than an earlier row of its source."""
    return [
        Fault(
            row.source_file, row.source_row, ", ".join(schemas.primary_key(name)),
            f"contradicts {place}: two rows for one of the {name}",
            f"Mend the source, or decide in config/corrections.csv: action `drop row`, table {name}, "
            f"key `source_file={row.source_file}; source_row={row.source_row}`",
        )
        for row, place in zip(rows.itertuples(), places, strict=True)
    ]  # fmt: skip


def contradicting_baseline_faults(
    contradicting: pd.DataFrame, lesions: pd.DataFrame, visits: pd.DataFrame
) -> list[Fault]:
    """A fault for each contradicting size of a target lesion at baseline: without it every later sum lacks its start.

    `contradicting`: rows of measurements; `visits`: the CTs with their roles (schema visits).
    """
    targets = pd.MultiIndex.from_frame(lesions.loc[lesions["role"] == "TARGET", ["patient_id", "lesion_id"]])
    baselines = visits.loc[visits["visit_role"].isin(("BASELINE", "LATE BASELINE")), "scan_id"]
    is_target = pd.MultiIndex.from_frame(contradicting[["patient_id", "lesion_id"]]).isin(targets)
    rows = contradicting[is_target & contradicting["scan_id"].isin(baselines)]
    return [
        Fault(
            row.source_file, row.source_row, "diameter_mm, state",
            "a target lesion has two sizes at baseline",
            "Mend the source, or decide in config/corrections.csv: action `keep row` or `drop row`, table measurements, "
            f"key `source_file={row.source_file}; source_row={row.source_row}`",
        )
        for row in rows.itertuples()
    ]  # fmt: skip


def contradicting_reading_faults(contradicting: pd.DataFrame, name: str) -> list[Fault]:
    """A fault for each contradicting reading, where the export map asks for the stop (`repeated_readings: stop`)."""
    return [
        Fault(
            row.source_file,
            row.source_row,
            ", ".join(schemas.primary_key(name)),
            "one reading with two values",
            "Keep one",
        )
        for row in contradicting.itertuples()
    ]


def _values(frame: pd.DataFrame, key: list[str]) -> list[str]:
    return [column for column in frame if column not in (*key, *ORIGIN)]


def _declared(frame: pd.DataFrame, sources: list[dict], word: str, default) -> pd.Series:
    """What the source of each row declares under a key of the export map."""
    declared = {number: source.get(word, default) for number, source in enumerate(sources)}
    return frame["source_no"].map(declared).fillna(default).astype(type(default))


def _repeats_within_first_source(frame: pd.DataFrame, grouped, sources: list[dict]) -> pd.Series:
    """Mark rows after the first of their record that are of the same source, unless it is declared `distinct`."""
    later = grouped.cumcount().gt(0)
    return later & _is_of_first_source(frame, grouped) & ~_declared(frame, sources, "distinct", False)


def _is_of_first_source(frame: pd.DataFrame, grouped) -> pd.Series:
    """Mark the rows of the source that names their record first."""
    return frame["source_no"] == grouped["source_no"].transform("first")


def _first_rows(values: pd.DataFrame, grouped) -> pd.DataFrame:
    """For each row the values of the first row of its record."""
    number = grouped.ngroup()
    first = number.drop_duplicates()
    leaders = pd.Series(first.index, index=first.to_numpy()).reindex(number)
    return values.loc[leaders].set_axis(values.index)


def _filled_up(frame: pd.DataFrame, values: list[str], grouped) -> pd.DataFrame:
    """The rows with their empty values taken from the next row of the same record that has one."""
    filled = grouped[values].transform("first")
    return frame.assign(**{column: frame[column].where(frame[column].notna(), filled[column]) for column in values})


def _place_of_first(grouped) -> pd.Series:
    """File and row of the first row of each row's record."""
    return grouped["source_file"].transform("first") + " row " + grouped["source_row"].transform("first").astype(str)


def _differs(
    values: pd.DataFrame, others: pd.DataFrame, *, tolerance: pd.Series | float = 0.0, gaps: bool = False
) -> pd.DataFrame:
    """Mark the cells that differ by more than the tolerance; with `gaps` a value beside none differs too."""
    marks = {}
    for column in values:
        one, two = values[column], others[column]
        both = one.notna() & two.notna()
        if one.dtype.kind == "f":
            unlike = (one - two).abs() > tolerance
        else:
            unlike = one.astype(object).where(one.notna(), None).astype(str) != two.astype(object).where(
                two.notna(), None
            ).astype(str)
        marks[column] = (both & unlike) | (gaps & (one.notna() != two.notna()))
    return pd.DataFrame(marks, index=values.index).astype(bool)


def _names_where(marks: pd.DataFrame) -> pd.Series:
    """For each row the names of the marked columns, parted by commas."""
    return marks.dot(marks.columns + ", ").str.removesuffix(", ") if len(marks) else pd.Series(dtype=object)
