"""Stage 1: raw files, read strictly by their export map, as text with file and row.

Reads   raw_dir, the export map
Writes  results/1_import/
"""


rule import_exports:
    """Read every raw file, register it with its checksum, and gather the study's tables as text."""
    input:
        raw=RAW_FILES,
        export_map=EXPORT_MAP,
    output:
        **{table: f"results/1_import/imported_{table}.csv" for table in TABLES},
        patient_keys="results/1_import/imported_patient_keys.csv",
        field_options="results/1_import/imported_field_options.csv",
        raw_files="results/1_import/raw_files.csv",
        set_aside="results/1_import/import_set_aside.csv",
        reconciliation="results/1_import/import_reconciliation.csv",
    log:
        "logs/import_exports.log",
    conda:
        "../../environment.yml"
    params:
        raw_dir=RAW_DIR,
        raw_digest=raw_digest(),
        depends_on=digest("exports/import_exports", EXPORT_MAP),
    script:
        "../scripts/exports/import_exports.py"
