"""Runs of the whole workflow as a newcomer makes them, each in a folder of its own."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tracing
from project import PROJECT

PARTS = (
    "Snakefile",
    "config",
    "data",
    "workflow",
    "profiles",
    "notebooks",
    "environment.yml",
    "uv.lock",
    "pyproject.toml",
)


def clone(folder: Path) -> Path:
    """Copy what git would give a newcomer."""
    for part in PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
        else:
            shutil.copy(source, folder / part)
    return folder


def snakemake(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The command line in a folder, with the environment's programs first in the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=folder,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=900,
    )


def planned(folder: Path, *arguments: str) -> set[str]:
    """Rules that a run would execute."""
    answer = snakemake(folder, "-n", *arguments)
    assert answer.returncode == 0, answer.stderr
    return set(re.findall(r"^(?:local)?rule (\w+):", answer.stdout + answer.stderr, re.MULTILINE))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of `results/`."""
    results = folder / "results"
    return {
        path.relative_to(results).as_posix(): path.read_bytes() for path in sorted(results.rglob("*")) if path.is_file()
    }


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time has a folder that several share."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def finish_once(shared: Path) -> Path:
    """The finished run that all tests of a session share: the first who asks makes it, the others wait for it."""
    folder = shared / "finished_run"
    with locked(folder):
        if not folder.exists():
            folder.mkdir()
            tracing.install(clone(folder))
            answer = snakemake(folder, "--cores", "2")
            assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
            folder.with_suffix(".done").touch()
    assert folder.with_suffix(".done").exists(), "the run that all tests share has failed"
    return folder
