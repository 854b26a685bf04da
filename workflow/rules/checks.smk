"""Before and beside the analysis: what is wrong with a delivery, what changed since the last one, what a site is asked.

Reads   raw_dir, the export map, results/1_import/ to 3_link/, the registers of config/, workbooks that came back
Writes  checks/, made only when asked for by name; it holds patient rows and is no part of the results
"""

ANSWERS = config["answers"] and project_file(config["answers"])


rule draft_map:
    """A first export map for a newcomer to start from: `snakemake draft_map --config raw_dir=DIR`. It needs no map."""
    output:
        draft="checks/draft_map.yaml",
    log:
        "logs/draft_map.log",
    conda:
        "../../environment.yml"
    params:
        raw_dir=folder_to_draft,
        raw_digest=raw_digest(),
        depends_on=digest("checks/draft_map", PROJECT / "config/exports/sdtm.yaml"),
    script:
        "../scripts/checks/draft_map.py"


rule list_problems:
    """Every problem of every file of a delivery at once, with suggestions."""
    output:
        export_check="checks/export_check.csv",
    log:
        "logs/list_problems.log",
    conda:
        "../../environment.yml"
    params:
        raw_dir=RAW_DIR,
        export_map=EXPORT_MAP,
        losses={name: config["clean"][name] for name in ("unreadable_share", "unreadable_minimum")},
        raw_digest=raw_digest(),
        depends_on=digest("checks/list_problems", EXPORT_MAP),
    script:
        "../scripts/checks/list_problems.py"


rule check_exports:
    """The problems on the screen, and a failing end where one is a fault: `snakemake check_exports --config raw_dir=DIR`."""
    input:
        export_check="checks/export_check.csv",
    log:
        "logs/check_exports.log",
    conda:
        "../../environment.yml"
    params:
        depends_on=digest("checks/check_exports"),
    script:
        "../scripts/checks/check_exports.py"


rule compare_exports:
    """What is new, gone or changed since an earlier delivery: `snakemake compare_exports --config raw_dir=NEW previous_raw_dir=OLD`."""
    input:
        corrections=CORRECTIONS,
        decisions=LINK_DECISIONS,
    output:
        changes="checks/export_changes.csv",
        counts="checks/export_change_counts.csv",
        states="checks/query_states.csv",
    log:
        "logs/compare_exports.log",
    conda:
        "../../environment.yml"
    params:
        raw_dir=RAW_DIR,
        previous_raw_dir=config["previous_raw_dir"] and project_file(config["previous_raw_dir"]),
        export_map=EXPORT_MAP,
        raw_digest=raw_digest(),
        link={name: config["link"][name] for name in ("pooling_days", "late_baseline_days")}
        | {"gate_mm": config["link"]["lesion_gate_mm"], "data_cut_off": config["data_cut_off"]}
        | {"losses": {name: config["clean"][name] for name in ("unreadable_share", "unreadable_minimum")}}
        | {"query_rules": QUERY_RULES},
        depends_on=digest("checks/compare_exports", EXPORT_MAP, CORRECTIONS, LINK_DECISIONS),
    script:
        "../scripts/checks/compare_exports.py"


rule write_query_workbook:
    """The open queries of one centre, to be sent to it: `snakemake checks/queries/UMCG.xlsx` (blanks of its name as _)."""
    input:
        **{f"imported_{table}": f"results/1_import/imported_{table}.csv" for table in (*TABLES, "patient_keys")},
        **stage("3_link", *TABLES, "query_list", "query_counts"),
        field_options="results/1_import/imported_field_options.csv",
        corrections=CORRECTIONS,
        export_map=EXPORT_MAP,
    output:
        workbook="checks/queries/{centre}.xlsx",
    log:
        "logs/write_query_workbook_{centre}.log",
    wildcard_constraints:
        centre="[^/]{1,64}",
    conda:
        "../../environment.yml"
    params:
        language=config["queries"]["language"],
        depends_on=digest("checks/write_query_workbook", EXPORT_MAP, CORRECTIONS),
    script:
        "../scripts/checks/write_query_workbook.py"


rule answers:
    """Query workbooks that came back become proposed lines for config/corrections.csv: `snakemake answers --config answers=DIR`."""
    input:
        **{f"imported_{table}": f"results/1_import/imported_{table}.csv" for table in (*TABLES, "patient_keys")},
        **{f"cleaned_{table}": f"results/2_clean/cleaned_{table}.csv" for table in TABLES},
        **stage("3_link", *TABLES, "query_list"),
        field_options="results/1_import/imported_field_options.csv",
        corrections=CORRECTIONS,
        export_map=EXPORT_MAP,
    output:
        proposed_corrections="checks/answers/proposed_corrections.csv",
        not_accepted="checks/answers/not_accepted.csv",
    log:
        "logs/answers.log",
    conda:
        "../../environment.yml"
    params:
        answers=ANSWERS,
        answers_digest=digest_of(delivery.raw_files(ANSWERS), Path(ANSWERS)) if ANSWERS else None,
        depends_on=digest("checks/answers", EXPORT_MAP, CORRECTIONS),
    script:
        "../scripts/checks/answers.py"
