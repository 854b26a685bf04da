"""Pages: notebooks executed by papermill, normalised so that two runs give the same bytes, and rendered as one HTML file."""

import os
import sys
import tempfile
from pathlib import Path

import nbformat

# jupyter-events would compile 35 parsers at import (jsonschema #1428); conda environments cannot leave the package out
sys.modules.setdefault("rfc3987_syntax", None)

import papermill  # noqa: E402
from jupyter_client.manager import AsyncKernelManager  # noqa: E402
from nbconvert import HTMLExporter  # noqa: E402
from traitlets.config import Config  # noqa: E402

from sonimage.report.frame import page  # noqa: E402

REMOTE = ("require_js_url", "mathjax_url", "mermaid_js_url", "mermaid_layout_elk_js_url", "jquery_url")


class PageKernel(AsyncKernelManager):
    """The kernel of one page. jupyter_client interrupts a kernel before it tells it to stop; all cells being done, there is
    nothing to interrupt, and the signal only made the kernel log an error (`KeyboardInterrupt caught in kernel`).
    """

    async def _async_interrupt_kernel(self) -> None:
        pass


def execute(notebook: Path, executed: Path, parameters: dict) -> nbformat.NotebookNode:
    """Run a notebook with its parameters and return it normalised; the run itself is kept at `executed`, also if a cell fails.

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
        config.NotebookClient.kernel_manager_class = PageKernel
        done = papermill.execute_notebook(
            str(notebook),
            str(executed),
            parameters,
            kernel_name="python3",
            request_save_on_cell_execute=False,
            extra_arguments=["--HistoryManager.enabled=False"],
            shutdown_kernel="immediate",  # all cells being done; asked politely, every third kernel stays for 2.5 s
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
