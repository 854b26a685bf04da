"""Stage 7: what a reviewer needs to trust the numbers.

Reads   everything below results/
Writes  results/7_audit/
"""

ANALYSIS_RULES = [
    rules.import_exports,
    rules.clean_tables,
    rules.link_patients,
    rules.link_scans,
    rules.list_queries,
    rules.derive_response,
    rules.derive_pfs1,
    rules.derive_pfs1_definitions,
    rules.derive_heterogeneity,
    rules.derive_group_definitions,
    rules.derive_analysis_set,
    rules.list_analyses,
    rules.summarise_cohort,
    rules.summarise_endpoints,
    rules.summarise_survival,
    rules.fit_cox,
    rules.fit_cox_diagnostics,
    rules.fit_sensitivity,
    rules.fit_response_models,
    rules.summarise_groups,
    rules.fit_lesion_models,
    rules.fit_interval_models,
    *(getattr(rules, f"render_{name}") for name in PAGES),
    rules.render_index,
]
DECLARED = [str(file) for rule in ANALYSIS_RULES for file in rule.output]


rule audit_results:
    """Rows in and out, findings per query rule, disclosure check, checksums of every file, provenance."""
    input:
        results=DECLARED,
        reconciliations=[
            "results/1_import/import_reconciliation.csv",
            "results/2_clean/clean_reconciliation.csv",
            "results/3_link/link_reconciliation.csv",
        ],
        query_counts="results/3_link/query_counts.csv",
    output:
        reconciliation="results/7_audit/reconciliation.csv",
        query_counts="results/7_audit/query_counts.csv",
        disclosure="results/7_audit/disclosure.csv",
        provenance="results/7_audit/provenance.json",
        checksums="results/7_audit/checksums.csv",
    log:
        "logs/audit_results.log",
    conda:
        "../../environment.yml"
    params:
        declared=DECLARED,
        threshold=config["audit"]["small_count"],
        config={key: value for key, value in config.items() if key not in ("raw_dir", "previous_raw_dir")}
        | {"analysis_plan_digest": analysis_plan.digest(PLAN)},
        config_digest=digest_of([PROJECT / "config/config.yaml", Path(config["analysis_plan"])]),
        raw_digest=raw_digest(),
        depends_on=digest("audit_results"),
    script:
        "../scripts/audit_results.py"
