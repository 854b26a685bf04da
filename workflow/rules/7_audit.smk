"""Stage 7: what a reviewer needs to trust the numbers.

Reads   everything below results/
Writes  results/7_audit/
"""

# Every file below results/ that a rule of the stages before this one declares.
DECLARED = [str(file) for rule in workflow.rules for file in rule.output if str(file).startswith("results/")]


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
        queries_by_rule="results/7_audit/queries_by_rule.csv",
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
        config_digest=digest_of([Path(file).resolve() for file in (*workflow.configfiles, ANALYSIS_PLAN)]),
        raw_digest=raw_digest(),
        depends_on=digest("audit/audit_results"),
    script:
        "../scripts/audit/audit_results.py"
