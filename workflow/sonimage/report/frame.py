"""The frame of every page, and the page that leads to all others."""

import html

from sonimage import blinding

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
