"""Stage 6: pages for people, each with its figures (SVG, PDF, numbers as CSV) and tables (CSV) beside it.

Reads   results/4_derive/, results/5_analyse/, workflow/report/contents.yaml
Writes  results/6_report/
"""

CONTENTS = yaml.safe_load((PROJECT / "workflow/report/contents.yaml").read_text(encoding="utf-8"))
# Choices of the study that a page names in a figure.
SETTINGS = {
    "imaging": {
        "suvmax_cut": config["fes_status"]["suvmax_cut"],
        "primary": config["group_stability"]["primary"],
    }
}
# Where each table of the study is: as the rules above say.
MADE = {
    Path(file).stem: str(file)
    for rule in workflow.rules
    for file in rule.output
    if str(file).startswith(("results/4_derive/", "results/5_analyse/"))
}


for name, entry in CONTENTS.items():
    tables_read = {table: MADE[table] for table in entry["reads"]}

    rule:
        name:
            f"render_{name}"
        input:
            **tables_read,
            notebook=project_file(f"notebooks/{name}.ipynb"),
        output:
            page=report(
                f"results/6_report/{name}.html",
                caption=f"../report/{name}.rst",
                category="Pages",
                labels={"page": entry["title"]},
            ),
            figures=[
                report(
                    f"results/6_report/figures/{stem}.svg",
                    caption=f"../report/{name}.rst",
                    category="Figures",
                    subcategory=entry["title"],
                    labels={"figure": words},
                )
                for stem, words in entry["figures"].items()
            ],
            beside_figures=expand("results/6_report/figures/{stem}.{kind}", stem=entry["figures"], kind=["pdf", "csv"]),
            tables=[
                report(
                    f"results/6_report/tables/{stem}.csv",
                    caption=f"../report/{name}.rst",
                    category="Tables",
                    subcategory=entry["title"],
                    labels={"table": words},
                )
                for stem, words in entry["tables"].items()
            ],
        log:
            f"logs/render_{name}.log",
        conda:
            "../../environment.yml"
        params:
            title=entry["title"],
            data_label=DATA_LABEL,
            tables={table: str(Path(path).resolve()) for table, path in tables_read.items()},
            figures=str(Path("results/6_report/figures").resolve()),
            shown_tables=str(Path("results/6_report/tables").resolve()),
            settings=SETTINGS.get(name, {}),
            depends_on=digest("report/render_page", notebook=f"{name}.ipynb"),
        script:
            "../scripts/report/render_page.py"


rule render_index:
    """The page that leads to all pages, figures and tables."""
    input:
        pages=expand("results/6_report/{page}.html", page=CONTENTS),
    output:
        index="results/6_report/index.html",
    log:
        "logs/render_index.log",
    conda:
        "../../environment.yml"
    params:
        pages=CONTENTS,
        data_label=DATA_LABEL,
        facts={
            "Study": "SONImage, NCT04125277",
            "Data": DATA_LABEL,
            "Groups and allocation": "dealt at random (dummy run)" if IS_BLINDED else "as recorded",
            "Analysis plan (digest)": analysis_plan.digest(PLAN),
            "Raw data (digest of all files)": raw_digest(),
            "Response taken from": config["response_source"],
            "Data cut-off": config["data_cut_off"] or "none",
        },
        depends_on=digest("report/render_index"),
    script:
        "../scripts/report/render_index.py"
