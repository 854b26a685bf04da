"""Unit conversion: the factor from a delivered unit to the unit of the schema. A unit not listed is refused."""

from decimal import Decimal

# mg/dL of glucose: molar mass 180.16 g/mol
FACTORS = {
    "mm": {"mm": "1", "cm": "10", "m": "1000"},
    "cm": {"cm": "1", "m": "100", "mm": "0.1"},
    "kg": {"kg": "1", "g": "0.001"},
    "MBq": {"MBq": "1", "kBq": "0.001", "Bq": "0.000001"},
    "mL": {"mL": "1", "ml": "1", "ccm": "1", "cm3": "1", "mm3": "0.001"},
    "mmol/L": {"mmol/L": "1", "mg/dL": "0.05550622"},
    "kBq/mL": {"kBq/mL": "1", "Bq/mL": "0.001", "MBq/mL": "1000"},
    "mSv": {"mSv": "1"},
    "min": {"min": "1", "s": "0.016666666666666667"},
    "s": {"s": "1", "min": "60", "ms": "0.001"},
    "percent": {"percent": "1", "fraction": "100"},
    "g/mL": {"g/mL": "1"},
    "year": {"year": "1"},
}


def factor(delivered: str, canonical: str) -> Decimal:
    """Return what a delivered value is multiplied with; raises KeyError for a unit we do not know."""
    return Decimal(FACTORS[canonical][delivered])
