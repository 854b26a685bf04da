"""Stage 4: what the record defines, patient by patient and lesion by lesion.

Reads   results/3_link/
Writes  results/4_derive/
"""

# The rules of FES status that a definition of a group can change.
STATUS_RULES = {
    name: value for name, value in config["fes_status"].items() if name not in ("large_from_mm", "fdg_suvmax_cut")
}


rule derive_response:
    """Outcomes 2-4: sums, RECIST 1.1 response, best response, change per lesion, trajectory of target lesions."""
    input:
        **stage("3_link", "patients", "lesions", "measurements", "assessments", "events", "visits"),
    output:
        **stage(
            "4_derive",
            "target_sums",
            "visit_response",
            "best_response",
            "lesion_change",
            "trajectory",
            "response_concordance",
        ),
    log:
        "logs/derive_response.log",
    conda:
        "../../environment.yml"
    params:
        response_source=config["response_source"],
        recist=config["recist"],
        depends_on=digest("endpoints/derive_response"),
    script:
        "../scripts/endpoints/derive_response.py"


rule derive_pfs1:
    """Outcome 1: time from randomisation to the first of the record's five events."""
    input:
        **stage("3_link", "patients", "events"),
        **stage("4_derive", "visit_response"),
    output:
        **stage("4_derive", "pfs1", "pfs1_candidates"),
    log:
        "logs/derive_pfs1.log",
    conda:
        "../../environment.yml"
    params:
        depends_on=digest("endpoints/derive_pfs1"),
    script:
        "../scripts/endpoints/derive_pfs1.py"


rule derive_pfs1_definitions:
    """PFS1 by the sensitivity definitions of the configuration, each in the shape of pfs1, and duration of response."""
    input:
        **stage("3_link", "patients", "events"),
        **stage("4_derive", "visit_response"),
        **stage("3_link", "pet_baselines"),
        **stage("4_derive", "best_response"),
    output:
        **stage("4_derive", "pfs1_definitions", "response_duration"),
    log:
        "logs/derive_pfs1_definitions.log",
    conda:
        "../../environment.yml"
    params:
        definitions=config["pfs1"]["definitions"],
        interval_days=config["link"]["ct_interval_days"],
        window_days=config["link"]["ct_window_days"],
        depends_on=digest("endpoints/derive_pfs1_definitions"),
    script:
        "../scripts/endpoints/derive_pfs1_definitions.py"


rule derive_heterogeneity:
    """FES status of each lesion, the patient's heterogeneity groups, and the quality of the scans behind them."""
    input:
        **stage("3_link", "patients", "scans", "lesions", "uptake", "pet_baselines", "lesion_links"),
    output:
        **stage("4_derive", "fes_status", "heterogeneity", "scan_quality", "scan_listing"),
    log:
        "logs/derive_heterogeneity.log",
    conda:
        "../../environment.yml"
    params:
        fes_status=config["fes_status"],
        heterogeneity=config["heterogeneity"],
        scan_quality=config["scan_quality"],
        scan_facts=config["scan_facts"],
        blinding_seed=BLINDING_SEED,
        depends_on=digest("imaging/derive_heterogeneity"),
    script:
        "../scripts/imaging/derive_heterogeneity.py"


rule derive_group_definitions:
    """The patient's group under every definition of the config, each a named entry there."""
    input:
        **stage("3_link", "patients"),
        **stage("4_derive", "fes_status"),
    output:
        **stage("4_derive", "group_definitions"),
    log:
        "logs/derive_group_definitions.log",
    conda:
        "../../environment.yml"
    params:
        definitions=config["group_definitions"],
        status_rules=STATUS_RULES,
        depends_on=digest("imaging/derive_group_definitions"),
    script:
        "../scripts/imaging/derive_group_definitions.py"


rule derive_analysis_set:
    """Eligibility by each criterion of the record, populations, and one row per patient for the models."""
    input:
        **stage("3_link", "patients", "pet_baselines"),
        **stage("4_derive", "heterogeneity", "scan_quality", "best_response", "pfs1"),
    output:
        **stage("4_derive", "eligibility", "analysis_set"),
    log:
        "logs/derive_analysis_set.log",
    conda:
        "../../environment.yml"
    params:
        eligibility=config["eligibility"],
        sets=config["analysis_sets"],
        depends_on=digest("populations/derive_analysis_set"),
    script:
        "../scripts/populations/derive_analysis_set.py"
