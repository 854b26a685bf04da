"""What pytest hands to tests: a small study in the plain layout, and one finished run of the workflow."""

import os
from pathlib import Path

import plain_study
import pytest
import whole_runs
from project import PROJECT

# Compiled functions stay out of the source tree; the workflow has a folder of its own for them.
os.environ.setdefault("NUMBA_CACHE_DIR", str(PROJECT / ".pytest_cache/numba"))


@pytest.fixture
def raw(tmp_path) -> Path:
    """A study of two patients in the plain layout, to be damaged."""
    return plain_study.write_study(tmp_path / "raw")


@pytest.fixture(scope="session")
def run(tmp_path_factory, worker_id) -> Path:
    """A finished run of the whole workflow on the example study; the workers of one session share it."""
    own = tmp_path_factory.getbasetemp()
    return whole_runs.finish_once(own if worker_id == "master" else own.parent)
