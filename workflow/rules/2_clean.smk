"""Stage 2: text becomes typed values in canonical units and levels; corrections, queries, rows set aside.

Reads   results/1_import/, config/corrections.csv
Writes  results/2_clean/
"""


rule clean_tables:
    """Apply corrections, read every value strictly, check plausibility; list what was unreadable and what was set aside."""
    input:
        **{table: f"results/1_import/imported_{table}.csv" for table in TABLES},
        patient_keys="results/1_import/imported_patient_keys.csv",
        field_options="results/1_import/imported_field_options.csv",
        export_map=EXPORT_MAP,
        corrections=CORRECTIONS,
    output:
        **{table: f"results/2_clean/cleaned_{table}.csv" for table in TABLES},
        patient_keys="results/2_clean/cleaned_patient_keys.csv",
        queries="results/2_clean/clean_queries.csv",
        unmapped="results/2_clean/unmapped.csv",
        corrections_applied="results/2_clean/corrections.csv",
        set_aside="results/2_clean/clean_set_aside.csv",
        reconciliation="results/2_clean/clean_reconciliation.csv",
    log:
        "logs/clean_tables.log",
    conda:
        "../../environment.yml"
    params:
        losses={name: config["clean"][name] for name in ("unreadable_share", "unreadable_minimum")},
        depends_on=digest("cleaning/clean_tables", EXPORT_MAP, CORRECTIONS),
    script:
        "../scripts/cleaning/clean_tables.py"
