"""What makes a job run again: every file that a job was seen to open is watched by its rule.

Each job of the shared run noted what it opened (`tracing`), so that the truth comes from the run and not from the lists
that the rules make. `make campaign PART=reruns` changes every file and config key in turn and asks Snakemake itself.
"""

from pathlib import Path

import pytest
import tracing
from project import PROJECT
from sonimage import digest
from whole_runs import PARTS

# Config and registers are watched by value or as inputs, shown by dry runs in test_whole_run and the campaign.
BY_DIGEST = ("workflow/", "notebooks/")


@pytest.fixture(scope="module")
def opened(run) -> dict[str, set[str]]:
    return tracing.read(run)


def watched(rule: str) -> set[str]:
    """The files of the digest that a rule carries."""
    is_page = rule.startswith("render_") and rule != "render_index"
    name = "render_page" if is_page else rule
    (script,) = (PROJECT / "workflow/scripts").rglob(f"{name}.py")
    notebook = [PROJECT / f"notebooks/{rule.removeprefix('render_')}.ipynb"] if is_page else []
    return {path.relative_to(PROJECT).as_posix() for path in digest.code_of(script, *notebook)}


def test_every_job_of_the_run_was_seen_with_its_script_and_the_library(opened):
    assert len(opened) >= 30
    for rule, files in opened.items():
        assert {"workflow/sonimage/tables.py", "workflow/sonimage/__init__.py"} <= files or rule == "render_index", rule
        assert any(file.startswith("workflow/schemas/") for file in files) or rule == "render_index", rule


def test_a_rule_watches_every_file_that_its_job_opens(opened):
    unwatched = {
        rule: sorted(file for file in files - watched(rule) if file.startswith(BY_DIGEST))
        for rule, files in opened.items()
    }
    assert {rule: files for rule, files in unwatched.items() if files} == {}


def test_every_module_schema_vocabulary_and_notebook_is_watched_by_a_rule():
    """A file that no rule watches is dead, or read while Snakemake starts."""
    rules = [path.stem for path in (PROJECT / "workflow/scripts").rglob("*.py") if path.stem != "render_page"]
    rules += [f"render_{path.stem}" for path in (PROJECT / "notebooks").glob("*.ipynb")]
    seen = set().union(*map(watched, rules))
    files = {
        path.relative_to(PROJECT).as_posix()
        for folder in ("workflow/sonimage", "workflow/schemas", "workflow/vocabularies", "notebooks")
        for path in (PROJECT / folder).rglob("*.*")
        if path.suffix in (".py", ".yaml", ".csv", ".ipynb")
    }
    at_start = {"workflow/sonimage/digest.py", "workflow/sonimage/settings.py", "workflow/schemas/config.yaml"}
    assert files - seen <= at_start


def test_a_rule_does_not_watch_much_more_than_its_job_opens(opened):
    """A module too much costs a rerun that nobody needed: less than half of those it watches, and no other notebook."""
    for rule, files in opened.items():
        modules = {file for file in watched(rule) if file.endswith((".py", ".ipynb"))}
        idle = sorted(modules - files)
        assert len(idle) < len(modules) / 2, (rule, idle)
        assert not [file for file in idle if file.endswith(".ipynb")]


def test_the_parts_of_a_clone_are_all_that_a_run_reads():
    assert all((PROJECT / part).exists() for part in PARTS) and Path("tests").name not in PARTS
