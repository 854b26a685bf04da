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
        patients="results/3_link/patients.csv",
        lesions="results/3_link/lesions.csv",
        measurements="results/3_link/measurements.csv",
        assessments="results/3_link/assessments.csv",
        events="results/3_link/events.csv",
        visits="results/3_link/visits.csv",
    output:
        target_sums="results/4_derive/target_sums.csv",
        visit_response="results/4_derive/visit_response.csv",
        best_response="results/4_derive/best_response.csv",
        lesion_change="results/4_derive/lesion_change.csv",
        trajectory="results/4_derive/trajectory.csv",
        response_concordance="results/4_derive/response_concordance.csv",
    log:
        "logs/derive_response.log",
    conda:
        "../../environment.yml"
    params:
        response_source=config["response_source"],
        recist=config["recist"],
        depends_on=digest("derive_response"),
    script:
        "../scripts/derive_response.py"


rule derive_pfs1:
    """Outcome 1: time from randomisation to the first of the record's five events."""
    input:
        patients="results/3_link/patients.csv",
        events="results/3_link/events.csv",
        visit_response="results/4_derive/visit_response.csv",
    output:
        pfs1="results/4_derive/pfs1.csv",
        pfs1_candidates="results/4_derive/pfs1_candidates.csv",
    log:
        "logs/derive_pfs1.log",
    conda:
        "../../environment.yml"
    params:
        depends_on=digest("derive_pfs1"),
    script:
        "../scripts/derive_pfs1.py"


rule derive_pfs1_definitions:
    """PFS1 by the sensitivity definitions of the configuration, each in the shape of pfs1, and duration of response."""
    input:
        patients="results/3_link/patients.csv",
        events="results/3_link/events.csv",
        visit_response="results/4_derive/visit_response.csv",
        pet_baselines="results/3_link/pet_baselines.csv",
        best_response="results/4_derive/best_response.csv",
    output:
        pfs1_definitions="results/4_derive/pfs1_definitions.csv",
        response_duration="results/4_derive/response_duration.csv",
    log:
        "logs/derive_pfs1_definitions.log",
    conda:
        "../../environment.yml"
    params:
        definitions=config["pfs1"]["definitions"],
        interval_days=config["link"]["ct_interval_days"],
        window_days=config["link"]["ct_window_days"],
        depends_on=digest("derive_pfs1_definitions"),
    script:
        "../scripts/derive_pfs1_definitions.py"


rule derive_heterogeneity:
    """FES status of each lesion, the patient's heterogeneity groups, and the quality of the scans behind them."""
    input:
        patients="results/3_link/patients.csv",
        scans="results/3_link/scans.csv",
        lesions="results/3_link/lesions.csv",
        uptake="results/3_link/uptake.csv",
        pet_baselines="results/3_link/pet_baselines.csv",
        lesion_links="results/3_link/lesion_links.csv",
    output:
        fes_status="results/4_derive/fes_status.csv",
        heterogeneity="results/4_derive/heterogeneity.csv",
        scan_quality="results/4_derive/scan_quality.csv",
        scan_listing="results/4_derive/scan_listing.csv",
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
        depends_on=digest("derive_heterogeneity"),
    script:
        "../scripts/derive_heterogeneity.py"


rule derive_group_definitions:
    """The patient's group under every definition of the config, each a named entry there."""
    input:
        patients="results/3_link/patients.csv",
        fes_status="results/4_derive/fes_status.csv",
    output:
        group_definitions="results/4_derive/group_definitions.csv",
    log:
        "logs/derive_group_definitions.log",
    conda:
        "../../environment.yml"
    params:
        definitions=config["group_definitions"],
        status_rules=STATUS_RULES,
        depends_on=digest("derive_group_definitions"),
    script:
        "../scripts/derive_group_definitions.py"


rule derive_analysis_set:
    """Eligibility by each criterion of the record, populations, and one row per patient for the models."""
    input:
        patients="results/3_link/patients.csv",
        pet_baselines="results/3_link/pet_baselines.csv",
        heterogeneity="results/4_derive/heterogeneity.csv",
        scan_quality="results/4_derive/scan_quality.csv",
        best_response="results/4_derive/best_response.csv",
        pfs1="results/4_derive/pfs1.csv",
    output:
        eligibility="results/4_derive/eligibility.csv",
        analysis_set="results/4_derive/analysis_set.csv",
    log:
        "logs/derive_analysis_set.log",
    conda:
        "../../environment.yml"
    params:
        eligibility=config["eligibility"],
        sets=config["analysis_sets"],
        depends_on=digest("derive_analysis_set"),
    script:
        "../scripts/derive_analysis_set.py"
