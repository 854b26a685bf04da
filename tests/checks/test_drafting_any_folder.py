"""Any folder gives a draft that loads: tables of names that mean something and names that mean nothing, with any cells."""

import random
import string
from pathlib import Path

import pandas as pd
import pytest
from sonimage.checks import delivery_problems
from sonimage.checks.drafting.columns import naming
from sonimage.checks.drafting.draft import draft_map
from sonimage.exports import maps

NAMES = [name for known in naming.known_names().values() for name, _ in known]
WORDS = (
    "bot",
    "lever",
    "T",
    "NT",
    "ja",
    "nee",
    "CR",
    "PD",
    "FES",
    "FDG",
    "CT",
    "pos",
    "neg",
    "NE",
    "TSTM",
    "-",
    "onbekend",
    "-99",
    "43850",
)


def any_text(one: random.Random) -> str:
    return "".join(one.choices(string.printable.strip(), k=6))


def any_cell(one: random.Random) -> str:
    """A number, a day, a word, a patient's number, nothing, or signs."""
    kinds = (
        lambda: "", lambda: str(one.randrange(300)), lambda: f"{50 * one.random():.2f}", lambda: f"{50 * one.random():.1f}".replace(".", ","),
        lambda: f"{one.randrange(1, 29):02d}-{one.randrange(1, 13):02d}-20{one.randrange(18, 24)}", lambda: one.choice(WORDS),
        lambda: f"P{one.randrange(20):02d}", lambda: any_text(one), lambda: "01-01-2996",
    )  # fmt: skip
    return one.choice(kinds)()


def any_table(one: random.Random) -> pd.DataFrame:
    """Columns of one kind of cell each or of several, a patient's number in most tables."""
    before = ("", "FES ", "fdg_", "L1 ", "L2 ", "CT1 ", "CT2 ")
    names = [
        one.choice(before) + one.choice(NAMES) if one.random() < 0.8 else any_text(one)
        for _ in range(one.randrange(2, 14))
    ]
    seeds, n_rows = {name: one.randrange(10**6) for name in names}, one.choice((0, 1, 3, 12))
    table = {
        name: [any_cell(random.Random(seed) if one.random() < 0.5 else one) for _ in range(n_rows)]
        for name, seed in seeds.items()
    }
    known = {"patient_id": [f"P{row // 2:02d}" for row in range(n_rows)]} if one.random() < 0.8 else {}
    return pd.DataFrame(known | table)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_any_folder_gives_a_draft_that_loads_and_can_be_checked(seed, tmp_path):
    one, folder = random.Random(seed), tmp_path / "raw"
    folder.mkdir()
    for number in range(one.randrange(1, 4)):
        any_table(one).to_csv(folder / f"table {number}.csv", index=False, sep=one.choice(",;\t"))
    path = Path(tmp_path / "map.yaml")
    path.write_text(draft_map(folder), encoding="utf-8")
    assert delivery_problems.in_words(delivery_problems.check_exports(folder, maps.load(path)))
