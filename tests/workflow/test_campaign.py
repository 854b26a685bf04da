"""The frame of the campaigns; the parts themselves are too long for every day."""

from importlib import import_module

import pytest
from campaign.__main__ import list_parts, main, write_rows


@pytest.mark.parametrize("part", list_parts())
def test_a_part_says_what_it_does_and_can_be_run(part):
    assert list_parts()[part] and callable(import_module(f"campaign.{part}").run)


@pytest.mark.parametrize("part", ["", "nothing", "__main__"])
def test_an_unknown_part_ends_with_the_list_of_the_known_ones(part):
    answer = main(part, "1")
    assert all(f"{known} " in answer for known in list_parts())


def test_rows_are_written_as_they_come_and_those_that_do_not_hold_are_counted(tmp_path):
    path = tmp_path / "campaign/part.csv"

    def rows():
        yield {"case": "one", "holds": True}
        assert path.read_text() == "case,holds\none,True\n"
        yield {"case": "two, with a comma", "holds": False}

    assert write_rows(rows(), path) == 1
    assert path.read_text() == 'case,holds\none,True\n"two, with a comma",False\n'
