"""What all figures share: style, colours, saving and showing.

Colours are safe for the colour-blind, with line styles, markers and hatches beside them for print. The numbers behind a
figure of patients carry a plot position, no patient number and no date.
"""

import base64
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from fontTools import subset
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.layout_engine import ConstrainedLayoutEngine

from sonimage import blinding

# seaborn's styles as matplotlib ships them; seaborn itself takes 2 s to import and is for the pages that draw with it
plt.style.use(["seaborn-v0_8-whitegrid", "seaborn-v0_8-paper", "seaborn-v0_8-colorblind"])
plt.rcParams.update(
    {
        "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the styles prefer fonts that some machines have
        "svg.hashsalt": "sonimage",
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
        "lines.markeredgewidth": 0.9,
        "axes.titley": 1.0,  # no axis has ticks above it that a title would have to clear
    }
)
# A PDF says where each letter stands: the font's tables for ligatures and kerning, half the work of embedding it, stay out.
subset.Options._drop_tables_default += ["GDEF", "GPOS", "GSUB"]
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P")
HATCHES = ("", "///", "...", "xxx")


def save(figure: plt.Figure, numbers: pd.DataFrame, stem: str | Path) -> None:
    """Write the figure as SVG and PDF and its numbers as CSV, the same bytes on every run; a dummy run stamps them."""
    Path(stem).parent.mkdir(parents=True, exist_ok=True)
    if blinding.stamp():
        figure.text(0.5, 0.5, blinding.stamp(), fontsize=60, rotation=20, alpha=0.2, ha="center", va="center")
    _lay_out(figure)
    figure.savefig(f"{stem}.svg", metadata={"Date": None, "Creator": "SONImage workflow"})
    figure.savefig(f"{stem}.pdf", metadata={"CreationDate": None, "Creator": "SONImage workflow", "Producer": None})
    blinding.stamped(numbers).to_csv(f"{stem}.csv", index=False, lineterminator="\n")


def _lay_out(figure: plt.Figure) -> None:
    """Place axes, titles and legends once, measured as SVG, for both files; a layout engine would draw it again for each."""
    FigureCanvasSVG(figure)
    figure.dpi = FigureCanvasSVG.fixed_dpi
    ConstrainedLayoutEngine().execute(figure)


def show(figure: plt.Figure, numbers: pd.DataFrame, stem: str | Path) -> None:
    """Save the figure and display it on the page as it was saved."""
    from IPython.display import HTML, display

    save(figure, numbers, stem)
    plt.close(figure)
    image = base64.b64encode(Path(f"{stem}.svg").read_bytes()).decode("ascii")
    display(HTML(f'<img alt="{Path(stem).name}" src="data:image/svg+xml;base64,{image}">'))


def say_no_data(axes: plt.Axes) -> None:
    """Write on an empty axis that there is nothing to draw."""
    axes.text(0.5, 0.5, "no data", ha="center", va="center", transform=axes.transAxes)
