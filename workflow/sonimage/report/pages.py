"""Pages: notebooks executed by papermill, normalised so that two runs give the same bytes, and rendered as one HTML file."""

import html
import os
import sys
import tempfile
from pathlib import Path

import nbformat

# jupyter-events would compile 35 parsers at import (jsonschema #1428); conda environments cannot leave the package out
sys.modules.setdefault("rfc3987_syntax", None)

import papermill  # noqa: E402
from nbconvert import HTMLExporter  # noqa: E402
from traitlets.config import Config  # noqa: E402

from sonimage import blinding  # noqa: E402

REMOTE = ("require_js_url", "mathjax_url", "mermaid_js_url", "mermaid_layout_elk_js_url", "jquery_url")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
body { font: 16px/1.5 Georgia, serif; color: #111; max-width: 60rem; margin: 0 auto; padding: 0 1rem 3rem; }
h1, h2, h3, th, nav, .label { font-family: Helvetica, Arial, sans-serif; line-height: 1.2; }
.label { background: #000; color: #fff; padding: .5rem 1rem; margin: 0 -1rem; position: sticky; top: 0; font-weight: bold; }
table { border-collapse: collapse; font-size: .82rem; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #ccc; vertical-align: top; }
th { border-bottom: 2px solid #111; }
.output { overflow-x: auto; }
.anchor-link { display: none; }
svg, img { max-width: 100%; height: auto; }
@media print { .label { position: static; } body { max-width: none; } }
"""
WARNINGS = {"simulated": "SIMULATED DATA: no real patient"}


def execute(notebook: Path, executed: Path, parameters: dict) -> nbformat.NotebookNode:
    """Run a notebook with its parameters and return it normalised; the run itself is kept at `executed`, also if it fails.

    `parameters`: plain values for names that the notebook's parameters cell declares.
    Raises papermill's PapermillExecutionError with the cell that failed, ValueError for a name that is not declared.
    """
    _refuse_unknown(notebook, parameters)
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    for name in ("JUPYTER_PATH", "JUPYTER_PREFER_ENV_PATH"):
        os.environ.pop(name, None)
    # the kernel's default socket names collide when pages run side by side, so each gets a folder of its own
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        config = Config()
        config.KernelManager.transport = "ipc"
        config.KernelManager.connection_file = f"{folder}/kernel.json"
        done = papermill.execute_notebook(
            str(notebook),
            str(executed),
            parameters,
            kernel_name="python3",
            request_save_on_cell_execute=False,
            record_timing=False,
            progress_bar=False,
            coalesce_streams=True,
            config=config,
        )
    return normalise(done)


def _refuse_unknown(notebook: Path, parameters: dict) -> None:
    """Papermill writes names into code, so only names that the page declares are let in."""
    declared = set(papermill.inspect_notebook(str(notebook)))
    unknown = sorted(set(parameters) - declared)
    if unknown:
        raise ValueError(f"notebook {notebook.name} declares no parameter {', '.join(unknown)}")


def normalise(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop times and random ids of the run."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
    return notebook


def render(notebook: nbformat.NotebookNode, title: str, data_label: str) -> str:
    """Return the page as one HTML file without any network address: prose, figures and tables; the code stays hidden."""
    exporter = HTMLExporter(template_name="basic", exclude_input=True, **dict.fromkeys(REMOTE, ""))
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    body, _ = exporter.from_notebook_node(notebook)
    back = '<nav><a href="index.html">All pages</a></nav>'
    return page(title, f"{back}\n{body}", data_label)


def page(title: str, body: str, data_label: str) -> str:
    """The frame of every page: policy, style, and the data's label where nobody can miss it."""
    warning = html.escape(
        ". ".join(filter(None, [blinding.stamp() and blinding.WORDS, WARNINGS.get(data_label, data_label)]))
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width">
<title>{html.escape(title)} - SONImage</title>
<style>{STYLE}</style>
</head>
<body>
<div class="label">{warning}</div>
{body}
</body>
</html>
"""


def index(pages: dict[str, dict], data_label: str, facts: dict[str, str]) -> str:
    """The page that leads to all pages, figures and tables (`pages`: name -> title, description, figures, tables)."""
    items = []
    for name, entry in pages.items():
        figures = "".join(
            f"<li>{html.escape(stem)}: "
            + ", ".join(f'<a href="figures/{stem}.{kind}">{kind.upper()}</a>' for kind in ("svg", "pdf", "csv"))
            + "</li>"
            for stem in entry["figures"]
        )
        listed = "".join(
            f'<li>{html.escape(stem)}: <a href="tables/{stem}.csv">CSV</a></li>' for stem in entry["tables"]
        )
        items.append(
            f'<h2><a href="{name}.html">{html.escape(entry["title"])}</a></h2>\n<p>{html.escape(entry["description"])}</p>\n'
            f"<ul>{figures}{listed}</ul>"
        )
    rows = "".join(f"<tr><th>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>" for key, value in facts.items())
    body = (
        "<h1>SONImage: FES- and FDG-PET heterogeneity and PFS1</h1>\n"
        + "\n".join(items)
        + f"\n<h2>This run</h2>\n<table>{rows}</table>"
    )
    return page("All pages", body, data_label)
