"""Which files of the project each job of a run really opens, noted by Python's audit hook in every process of it."""

import re
from collections import defaultdict
from pathlib import Path

# Python runs a module `sitecustomize` at its start wherever it finds one; jobs have the folder workflow/ on their path.
HOOK = '''"""Note every file of the project that a job opens."""

import os
import sys

ROOT, TRACES, JOB = {root!r}, {traces!r}, "SONIMAGE_TRACED_JOB"
script = next((word for word in sys.orig_argv if ".snakemake/scripts/" in word), None)
if script:
    os.environ[JOB] = f"{{os.getpid()}}.{{os.path.basename(script)}}"


def note(event, arguments):
    file = os.path.abspath(arguments[0]) if event == "open" and isinstance(arguments[0], str) else ""
    if file.startswith(ROOT) and not file.startswith(TRACES):
        with os.fdopen(os.open(f"{{TRACES}}/{{os.environ[JOB]}}", os.O_CREAT | os.O_APPEND | os.O_WRONLY), "w") as trace:
            trace.write(file + "\\n")


if JOB in os.environ:  # a page's notebook runs in a kernel, a child of its job
    sys.addaudithook(note)
'''
WATCHED = ("workflow/", "notebooks/", "config/")


def install(clone: Path) -> None:
    """Have every job of a run in this clone note what it opens, below `clone`/traces."""
    traces = clone / "traces"
    traces.mkdir()
    hook = HOOK.format(root=f"{clone}/", traces=str(traces))
    (clone / "workflow/sitecustomize.py").write_text(hook, encoding="utf-8")


def read(clone: Path) -> dict[str, set[str]]:
    """Rule -> the files of workflow/, notebooks/ and config/ that its jobs opened, as paths below the clone."""
    opened = defaultdict(set)
    for trace in (clone / "traces").iterdir():
        lines = trace.read_text(encoding="utf-8").splitlines()
        files = {_source_of(Path(line).relative_to(clone).as_posix()) for line in lines}
        files = {file for file in files if file.startswith(WATCHED) and not file.endswith("sitecustomize.py")}
        rule = trace.name.removesuffix(".py").rpartition(".")[2]
        if rule == "render_page":
            rule = "render_" + next(Path(file).stem for file in files if file.endswith(".ipynb"))
        opened[rule] |= {file for file in files if (clone / file).is_file()}
    return dict(opened)


def _source_of(file: str) -> str:
    """The module of a compiled file."""
    return re.sub(r"__pycache__/(\w+)\.cpython-\d+\.pyc(\.\d+)?$", r"\1.py", file)
