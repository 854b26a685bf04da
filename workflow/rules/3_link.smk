"""Stage 3: patients across exports, scans into assessments, lesions across scans.

Reads   results/2_clean/, config/link_decisions.csv
Writes  results/3_link/
"""


rule link_patients:
    """Bring every table to SONImage numbers, keep whole references, apply the data cut-off, check plausibility across tables."""
    input:
        **{table: f"results/2_clean/cleaned_{table}.csv" for table in TABLES},
        patient_keys="results/2_clean/cleaned_patient_keys.csv",
        export_map=EXPORT_MAP,
        decisions=LINK_DECISIONS,
    output:
        **{table: f"results/3_link/{table}.csv" for table in TABLES},
        patient_links="results/3_link/patient_links.csv",
        queries="results/3_link/link_queries.csv",
        set_aside="results/3_link/link_set_aside.csv",
        reconciliation="results/3_link/link_reconciliation.csv",
    log:
        "logs/link_patients.log",
    conda:
        "../../environment.yml"
    params:
        data_cut_off=config["data_cut_off"],
        pooling_days=config["link"]["pooling_days"],
        late_baseline_days=config["link"]["late_baseline_days"],
        losses={name: config["clean"][name] for name in ("unreadable_share", "unreadable_minimum")},
        query_rules=QUERY_RULES,
        blinding_seed=BLINDING_SEED,
        depends_on=digest("linking/link_patients", EXPORT_MAP, LINK_DECISIONS),
    script:
        "../scripts/linking/link_patients.py"


rule link_scans:
    """Group CTs into assessments, find the baseline scans, say on which scans each lesion was seen, and check the links."""
    input:
        patients="results/3_link/patients.csv",
        scans="results/3_link/scans.csv",
        lesions="results/3_link/lesions.csv",
        measurements="results/3_link/measurements.csv",
        uptake="results/3_link/uptake.csv",
        decisions=LINK_DECISIONS,
    output:
        visits="results/3_link/visits.csv",
        pet_baselines="results/3_link/pet_baselines.csv",
        lesion_links="results/3_link/lesion_links.csv",
        link_review="results/3_link/link_review.csv",
        queries="results/3_link/review_queries.csv",
    log:
        "logs/link_scans.log",
    conda:
        "../../environment.yml"
    params:
        pooling_days=config["link"]["pooling_days"],
        late_baseline_days=config["link"]["late_baseline_days"],
        interval_days=config["link"]["ct_interval_days"],
        window_days=config["link"]["ct_window_days"],
        gate_mm=config["link"]["lesion_gate_mm"],
        depends_on=digest("linking/link_scans", LINK_DECISIONS),
    script:
        "../scripts/linking/link_scans.py"


rule list_queries:
    """All findings in one numbering with their centre, and how many of each rule a centre has."""
    input:
        clean="results/2_clean/clean_queries.csv",
        link="results/3_link/link_queries.csv",
        review="results/3_link/review_queries.csv",
        patients="results/3_link/patients.csv",
        patient_links="results/3_link/patient_links.csv",
        corrections="results/2_clean/corrections.csv",
    output:
        query_list="results/3_link/query_list.csv",
        query_counts="results/3_link/query_counts.csv",
    log:
        "logs/list_queries.log",
    conda:
        "../../environment.yml"
    params:
        depends_on=digest("linking/list_queries"),
    script:
        "../scripts/linking/list_queries.py"
