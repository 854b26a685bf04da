"""The clock of the example study: wall and CPU time of a whole run, in yardsticks, all measured one after the other.

Run it with nothing else on the machine: `.venv/bin/python benchmarks/study.py`. It prints CSV.

A yardstick is a workflow of as many jobs that only import pandas and as many notebooks that only draw one line, as SVG and
PDF through the page functions of the study, run by the same profile. What it takes nobody can save; what the study takes
beside it is its own work. The study runs in a clone of the last commit, its environment and bytecode made, no results yet.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat import v4

PROJECT = Path(__file__).parents[1]
SNAKEMAKE = [str(Path(sys.executable).with_name("snakemake")), "--cores", "all"]
RULES = """
import os
os.environ.update(PYTHONPATH={library!r}, MPLBACKEND="agg", OPENBLAS_NUM_THREADS="1", SOURCE_DATE_EPOCH="0")
JOBS, PAGES = expand("{{n}}.txt", n=range({n_jobs})), expand("{{n}}.html", n=range({n_pages}))

rule all:
    input: JOBS, PAGES

rule job:
    output: "{{n}}.txt"
    log: "{{n}}.log"
    script: "job.py"

rule page:
    input: notebook="line.ipynb"
    output: page="{{n}}.html"
    log: "page_{{n}}.log"
    params: tables={{}}, figures=lambda wildcards: os.path.abspath(wildcards.n), shown_tables=os.getcwd(), settings={{}},
        title="Line", data_label="none"
    script: {render_page!r}
"""
JOB = 'import pandas\n\nopen(snakemake.output[0], "w").write(pandas.__version__)\n'
PARAMETERS = 'figures = "."\nshown_tables = "."\ndata_label = ""'
LINE = """
import pandas as pd
from sonimage.report.figures import drawing

figure, axes = drawing.plt.subplots()
axes.plot([0, 1], [0, 1])
drawing.show(figure, pd.DataFrame({"x": [0, 1]}), f"{figures}/line")
"""


def clone_study(folder: Path) -> Path:
    """The last commit as `make` leaves it before its first run: bytecode, font cache and machine code made."""
    subprocess.run(["git", "clone", "--quiet", PROJECT, folder], check=True)
    for made in (
        ["-m", "compileall", "-q", "sonimage"],
        ["-c", "import matplotlib.font_manager, sonimage.cox.risk_sets"],
    ):
        subprocess.run([sys.executable, *made], cwd=folder / "workflow", check=True)
    return folder


def count_jobs(study: Path) -> tuple[int, int]:
    """Jobs without a notebook and jobs with one, as Snakemake plans them."""
    plan = subprocess.run([*SNAKEMAKE, "--dry-run"], cwd=study, capture_output=True, text=True, check=True).stdout
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", plan, re.M))
    pages = [name for name in jobs if (study / f"notebooks/{name.removeprefix('render_')}.ipynb").exists()]
    return int(jobs["total"]) - int(jobs["all"]) - len(pages), len(pages)


def write_yardstick(folder: Path, study: Path, n_jobs: int, n_pages: int) -> Path:
    """A workflow of empty jobs and pages that the study's own script renders."""
    folder.mkdir()
    shutil.copytree(study / "profiles", folder / "profiles")
    names = {"library": str(study / "workflow"), "render_page": str(study / "workflow/scripts/report/render_page.py")}
    (folder / "Snakefile").write_text(RULES.format(n_jobs=n_jobs, n_pages=n_pages, **names), encoding="utf-8")
    (folder / "job.py").write_text(JOB, encoding="utf-8")
    cells = [v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), v4.new_code_cell(LINE)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(v4.new_notebook(cells=cells, metadata=kernel), folder / "line.ipynb")
    return folder


def clock(folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of Snakemake and all its children in a folder."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([*SNAKEMAKE, "--quiet"], cwd=folder, capture_output=True, text=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print what, wall_s, cpu_s, yardsticks."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as scratch:
        study = clone_study(Path(scratch) / "study")
        n_jobs, n_pages = count_jobs(study)
        yardstick = write_yardstick(Path(scratch) / "yardstick", study, n_jobs, n_pages)
        yard = clock(yardstick)
        times = {
            f"yardstick: {n_jobs} empty jobs and {n_pages} empty notebooks": yard,
            "whole example": clock(study),
            "nothing to do": clock(study),
            "snakemake's own start: nothing to do in the yardstick": clock(yardstick),
        }
    print("what,wall_s,cpu_s,yardsticks")
    for what, (wall, cpu) in times.items():
        print(f"{what},{wall:.1f},{cpu:.1f},{wall / yard[0]:.2f}")


if __name__ == "__main__":
    main()
