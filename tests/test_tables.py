"""The check of every table that is written, against pandera and on a worked case."""

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa
import pytest
from sonimage import schemas, tables

MAKE = {"enum": pa.Check.isin, "minimum": pa.Check.ge, "maximum": pa.Check.le}
POOL = {
    "string": ["x", "y", None],
    "time": ["12:00:00", None],
    "number": [-1.0, 0.0, 0.5, 1e6, np.inf, np.nan],
    "integer": [-1, 0, 3, 10_000, None],
    "boolean": [True, False, None],
    "date": ["2020-01-01", "2021-12-31", None],
}


def faults_by_pandera(frame: pd.DataFrame, name: str) -> list[str]:
    """The lines of a message by a pandera schema made of the Table Schema, the rows in their order."""
    columns = {
        column: pa.Column(
            checks=[make(limits[key]) for key, make in MAKE.items() if key in limits],
            nullable=not limits.get("required", False),
        )
        for column, limits in ((name, field.get("constraints", {})) for name, field in schemas.fields(name).items())
    }
    try:
        pa.DataFrameSchema(columns, strict=True, unique=schemas.primary_key(name) or None).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases.drop_duplicates(["column", "check", "index"])
        return [
            f"  column {column}: {rule} does not hold in {len(rows)} row(s), "
            f"line {', '.join(str(int(row) + 2) for row in rows.sort_values().head(5))}"
            for (column, rule), rows in cases.groupby(["column", "check"])["index"]
        ]
    return []


def faults(frame: pd.DataFrame, name: str) -> list[str]:
    try:
        tables.check(frame, name)
    except tables.TableError as error:
        return str(error).splitlines()[1:]
    return []


@pytest.mark.slow
@pytest.mark.parametrize("name", schemas.names())
def test_faults_are_those_that_pandera_finds(name):
    """Thirty rows drawn from values within and without each constraint, repeated keys and missing values among them."""
    draw = np.random.default_rng(1)
    pools = {
        column: [*POOL[field["type"]], *field.get("constraints", {}).get("enum", [])]
        for column, field in schemas.fields(name).items()
    }
    drawn = {column: [pool[at] for at in draw.integers(0, len(pool), 30)] for column, pool in pools.items()}
    frame = tables.conform(pd.DataFrame(drawn, dtype=object), name)
    assert faults(frame, name) == faults_by_pandera(frame, name)
    is_constrained = schemas.primary_key(name) or any("constraints" in field for field in schemas.fields(name).values())
    assert faults(frame, name) or not is_constrained


def test_a_message_names_table_column_rule_and_lines_and_no_value():
    rows = pd.DataFrame({"patient_id": ["P1", "P2", "P2", None], "allocation": ["A", "Z", "B", None]})
    with pytest.raises(tables.TableError) as error:
        tables.check(tables.conform(rows, "patients"), "patients")
    assert str(error.value).splitlines() == [
        "table patients does not keep workflow/schemas/cleaning/patients.yaml:",
        "  column allocation: isin(['B', 'A']) does not hold in 1 row(s), line 3",
        "  column patient_id: multiple_fields_uniqueness does not hold in 2 row(s), line 3, 4",
        "  column patient_id: not_nullable does not hold in 1 row(s), line 5",
    ]


def test_a_column_too_few_or_too_many_is_a_fault():
    rows = tables.empty("patients").rename(columns={"sex": "gender"})
    with pytest.raises(tables.TableError, match="gender, sex"):
        tables.check(rows, "patients")
