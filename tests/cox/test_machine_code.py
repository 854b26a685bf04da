"""Machine code is made once and found by every process; a folder that is missing, foreign or spoilt costs time at worst."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import PROJECT
from sonimage.cox import machine_code

pytestmark = pytest.mark.slow

# How many functions had to be compiled, and a fit.
LOAD = """
from sonimage.cox import partial_likelihood, risk_sets
functions = [one for one in vars(risk_sets).values() if hasattr(one, "stats")]
fit = partial_likelihood.fit_cox(partial_likelihood.prepare([[0.0], [1], [0], [1]], [1, 2, 3, 4], [True, True, False, True]))
print(sum(sum(one.stats.cache_misses.values()) for one in functions), len(functions), fit.coef[0])
"""


def load(library: Path, **environment: str) -> tuple[int, int, str]:
    """Functions compiled, functions there are, and the coefficient of a fit, in a process of its own."""
    answer = subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=library,
        env=os.environ | {"PYTHONPATH": str(library)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    compiled, functions, coef = answer.stdout.split()
    return int(compiled), int(functions), coef


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """A folder with the machine code of this version."""
    load(PROJECT / "workflow")
    return shutil.copytree(machine_code.FOLDER, tmp_path_factory.mktemp("kept") / "code")


def copy(folder: Path) -> Path:
    return shutil.copytree(PROJECT / "workflow", folder / "workflow", ignore=shutil.ignore_patterns("__pycache__"))


def test_a_copy_of_the_project_compiles_nothing_again(kept, tmp_path):
    assert load(copy(tmp_path), NUMBA_CACHE_DIR=str(kept))[0] == 0


def test_another_version_of_the_code_has_machine_code_of_its_own(kept, tmp_path):
    library = copy(tmp_path)
    module = library / "sonimage/cox/risk_sets.py"
    module.write_text(
        module.read_text(encoding="utf-8").replace("SINGULAR = 1e-12", "SINGULAR = 1e-11"), encoding="utf-8"
    )
    compiled, functions, _ = load(library, NUMBA_CACHE_DIR=str(kept))
    assert compiled == functions and load(PROJECT / "workflow", NUMBA_CACHE_DIR=str(kept))[0] == 0


def test_spoilt_files_cost_time_and_change_nothing(kept, tmp_path):
    folder = shutil.copytree(kept, tmp_path / "spoilt")
    whole = load(PROJECT / "workflow", NUMBA_CACHE_DIR=str(folder))
    for file in folder.rglob("*newton*"):
        file.write_bytes(file.read_bytes()[:100])
    compiled, functions, coef = load(PROJECT / "workflow", NUMBA_CACHE_DIR=str(folder))
    assert (compiled, functions, coef) == (1, *whole[1:])


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path):
    (tmp_path / "file").touch()
    usable = tmp_path / "usable/below"
    assert machine_code.find_folder("", tmp_path / "file/below", usable) == usable
    assert machine_code.find_folder(tmp_path / "file/below") is None


def test_every_compiled_function_is_made_for_one_kind_of_arguments():
    from sonimage.cox import risk_sets

    functions = [one for one in vars(risk_sets).values() if hasattr(one, "signatures")]
    assert functions and all(len(one.signatures) == 1 for one in functions)
