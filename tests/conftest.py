"""What pytest hands to tests: a small study in the plain layout, and one finished run of the workflow."""

from collections.abc import Iterator
from pathlib import Path

import plain_study
import pytest
import whole_runs


@pytest.fixture
def raw(tmp_path) -> Path:
    """A study of two patients in the plain layout, to be damaged."""
    return plain_study.write_study(tmp_path / "raw")


@pytest.fixture(scope="session")
def run(tmp_path_factory, worker_id) -> Path:
    """A finished run of the whole workflow on the example study; the workers of one session share it."""
    own = tmp_path_factory.getbasetemp()
    return whole_runs.finish_once(own if worker_id == "master" else own.parent)


@pytest.fixture
def run_alone(run) -> Iterator[Path]:
    """The finished run while no other worker changes a file of it or runs anything in it."""
    with whole_runs.locked(run):
        yield run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole runs come first and files with slow tests next, so that the workers end together."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: ("workflow" not in item.path.parts, item.path not in slow))
