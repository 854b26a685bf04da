"""Before and beside the analysis: what is wrong with a delivery, what changed since the last one, what a site is asked.

Reads   raw_dir, the export map, results/3_link/
Writes  checks/, made only when asked for by name; it holds patient rows and is no part of the results
"""


rule check_exports:
    """Every problem of every file of a delivery at once, with suggestions: `snakemake check_exports --config raw_dir=DIR`."""
    output:
        export_check="checks/export_check.csv",
    log:
        "logs/check_exports.log",
    conda:
        "../../environment.yml"
    params:
        raw_dir=RAW_DIR,
        export_map=EXPORT_MAP,
        raw_digest=raw_digest(),
        depends_on=digest("checks/check_exports", EXPORT_MAP),
    script:
        "../scripts/checks/check_exports.py"


rule compare_exports:
    """What is new, gone or changed since an earlier delivery: `snakemake compare_exports --config raw_dir=NEW previous_raw_dir=OLD`."""
    output:
        changes="checks/export_changes.csv",
        counts="checks/export_change_counts.csv",
    log:
        "logs/compare_exports.log",
    conda:
        "../../environment.yml"
    params:
        raw_dir=RAW_DIR,
        previous_raw_dir=config["previous_raw_dir"],
        export_map=EXPORT_MAP,
        raw_digest=raw_digest(),
        depends_on=digest("checks/compare_exports", EXPORT_MAP),
    script:
        "../scripts/checks/compare_exports.py"


rule write_query_workbook:
    """The queries of one centre, to be sent to it: `snakemake checks/queries/UMCG.xlsx` (blanks of its name as _)."""
    input:
        query_list="results/3_link/query_list.csv",
        query_counts="results/3_link/query_counts.csv",
    output:
        workbook="checks/queries/{centre}.xlsx",
    log:
        "logs/write_query_workbook_{centre}.log",
    wildcard_constraints:
        centre="[A-Za-z0-9_-]{1,32}",
    conda:
        "../../environment.yml"
    params:
        depends_on=digest("checks/write_query_workbook"),
    script:
        "../scripts/checks/write_query_workbook.py"
