"""The example lines of config/README.md fit the example study."""

import re

from first_stages import example_stages
from project import PROJECT
from sonimage.cleaning import corrections, registers
from sonimage.exports import maps
from sonimage.linking import reader_decisions

GUIDE = (PROJECT / "config/README.md").read_text(encoding="utf-8")


def documented(first_column: str, folder):
    """The example of a register as a file."""
    path = folder / "register.csv"
    path.write_text(re.search(rf"```\n({first_column},.*?)```", GUIDE, re.DOTALL)[1], encoding="utf-8")
    return path


def test_the_documented_corrections_have_every_action_and_no_fault(tmp_path):
    stages, plan = example_stages(), maps.load(PROJECT / "config/exports/sonimage.yaml")
    texts = stages.imported.tables | {corrections.KEY_TABLE: stages.imported.patient_keys}
    register = corrections.read_register(documented("table", tmp_path))
    assert corrections.find_faults(texts, register, "README.md", plan, stages.imported.field_options) == []
    assert set(register["action"]) == {"replace", "drop row", "right"}
    assert all(f"`{column}`" in GUIDE or column in GUIDE for column in (*corrections.COLUMNS, *corrections.OPTIONAL))


def test_the_documented_decisions_are_whole_lines(tmp_path):
    register = reader_decisions.read_register(documented("patient_id", tmp_path))
    assert registers.line_faults(register, "README.md", required=reader_decisions.REQUIRED) == []
    stands = register[register["decision"] == reader_decisions.STANDS]
    assert len(stands) and reader_decisions.find_faults(example_stages().linked.tables, stands, "README.md") == []
