"""Stage 5: statistics, no patient rows.

Reads   results/3_link/, results/4_derive/
Writes  results/5_analyse/
"""


rule summarise_cohort:
    """Who was studied: attrition, baseline characteristics, uptake and scan quality, response of patients and lesions."""
    input:
        patients="results/3_link/patients.csv",
        pet_baselines="results/3_link/pet_baselines.csv",
        lesion_links="results/3_link/lesion_links.csv",
        link_review="results/3_link/link_review.csv",
        analysis_set="results/4_derive/analysis_set.csv",
        heterogeneity="results/4_derive/heterogeneity.csv",
        fes_status="results/4_derive/fes_status.csv",
        scan_quality="results/4_derive/scan_quality.csv",
        scan_listing="results/4_derive/scan_listing.csv",
        lesion_change="results/4_derive/lesion_change.csv",
        pfs1="results/4_derive/pfs1.csv",
    output:
        attrition="results/5_analyse/attrition.csv",
        cohort="results/5_analyse/cohort.csv",
        imaging_summary="results/5_analyse/imaging_summary.csv",
        response_summary="results/5_analyse/response_summary.csv",
        lesion_response_summary="results/5_analyse/lesion_response_summary.csv",
        pfs1_summary="results/5_analyse/pfs1_summary.csv",
    log:
        "logs/summarise_cohort.log",
    conda:
        "../../environment.yml"
    params:
        bootstrap=config["lesion_response"],
        depends_on=digest("summarise_cohort"),
    script:
        "../scripts/summarise_cohort.py"


rule summarise_endpoints:
    """How derived and investigator response agree, and what other definitions of PFS1 change."""
    input:
        response_concordance="results/4_derive/response_concordance.csv",
        pfs1_definitions="results/4_derive/pfs1_definitions.csv",
    output:
        response_agreement="results/5_analyse/response_agreement.csv",
        pfs1_definition_summary="results/5_analyse/pfs1_definition_summary.csv",
    log:
        "logs/summarise_endpoints.log",
    conda:
        "../../environment.yml"
    params:
        definitions=config["pfs1"]["definitions"],
        depends_on=digest("summarise_endpoints"),
    script:
        "../scripts/summarise_endpoints.py"


rule fit_cox:
    """Outcome 5: hazard ratios for PFS1 between heterogeneity groups, adjusted for allocation; Kaplan-Meier beside them."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
    output:
        cox="results/5_analyse/cox.csv",
        cox_tests="results/5_analyse/cox_tests.csv",
        survival_curves="results/5_analyse/survival_curves.csv",
        survival_summary="results/5_analyse/survival_summary.csv",
    log:
        "logs/fit_cox.log",
    conda:
        "../../environment.yml"
    params:
        analyses=config["analyses"],
        enough={name: config["group_stability"][name] for name in ("minimum_patients", "minimum_events")},
        survival={name: config["survival"][name] for name in ("groupings", "landmark_months")},
        depends_on=digest("fit_cox"),
    script:
        "../scripts/fit_cox.py"


rule fit_cox_diagnostics:
    """Proportional hazards of every Cox model; residuals, influence of patients and internal validation of the primary one."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
    output:
        cox_residuals="results/4_derive/cox_residuals.csv",
        proportional_hazards="results/5_analyse/proportional_hazards.csv",
        cox_influence="results/5_analyse/cox_influence.csv",
        cox_validation="results/5_analyse/cox_validation.csv",
    log:
        "logs/fit_cox_diagnostics.log",
    conda:
        "../../environment.yml"
    params:
        analyses=config["analyses"],
        enough={name: config["group_stability"][name] for name in ("minimum_patients", "minimum_events")},
        replicates=config["replicates"],
        depends_on=digest("fit_cox_diagnostics"),
    script:
        "../scripts/fit_cox_diagnostics.py"


rule summarise_rmst:
    """Restricted mean PFS1 by heterogeneity group and arm, and differences: no proportional hazards assumed."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
    output:
        rmst="results/5_analyse/rmst.csv",
    log:
        "logs/summarise_rmst.log",
    conda:
        "../../environment.yml"
    params:
        restricted={name: config["survival"][name] for name in ("groupings", "rmst_months")},
        depends_on=digest("summarise_rmst"),
    script:
        "../scripts/summarise_rmst.py"


rule fit_sensitivity:
    """The primary model under other definitions of PFS1 and of the groups, and in other populations."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
        pfs1_definitions="results/4_derive/pfs1_definitions.csv",
        group_definitions="results/4_derive/group_definitions.csv",
    output:
        sensitivity="results/5_analyse/sensitivity.csv",
    log:
        "logs/fit_sensitivity.log",
    conda:
        "../../environment.yml"
    params:
        analyses=config["analyses"],
        definitions=config["pfs1"]["definitions"],
        groupings=config["group_definitions"],
        populations=config["sensitivity"]["populations"],
        depends_on=digest("fit_sensitivity"),
    script:
        "../scripts/fit_sensitivity.py"


rule fit_response_models:
    """Outcome 2: odds ratios of objective response and clinical benefit between heterogeneity groups, adjusted for allocation."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
    output:
        response_models="results/5_analyse/response_models.csv",
    log:
        "logs/fit_response_models.log",
    conda:
        "../../environment.yml"
    params:
        models=config["response_models"],
        depends_on=digest("fit_response_models"),
    script:
        "../scripts/fit_response_models.py"


rule summarise_response_duration:
    """Outcome 2: median duration of response by group."""
    input:
        response_duration="results/4_derive/response_duration.csv",
        analysis_set="results/4_derive/analysis_set.csv",
    output:
        duration_summary="results/5_analyse/duration_summary.csv",
    log:
        "logs/summarise_response_duration.log",
    conda:
        "../../environment.yml"
    params:
        groupings=config["survival"]["groupings"],
        depends_on=digest("summarise_response_duration"),
    script:
        "../scripts/summarise_response_duration.py"


rule summarise_groups:
    """How far definitions of a group agree, what hangs on single lesions, and three groups or two: counts, no outcome model."""
    input:
        group_definitions="results/4_derive/group_definitions.csv",
        fes_status="results/4_derive/fes_status.csv",
        analysis_set="results/4_derive/analysis_set.csv",
    output:
        grouping_decision="results/5_analyse/grouping_decision.csv",
        group_counts="results/5_analyse/group_counts.csv",
        group_agreement="results/5_analyse/group_agreement.csv",
        group_crosstab="results/5_analyse/group_crosstab.csv",
        group_changes="results/5_analyse/group_changes.csv",
        mixed_probability="results/5_analyse/mixed_probability.csv",
        reading_agreement="results/5_analyse/reading_agreement.csv",
    log:
        "logs/summarise_groups.log",
    conda:
        "../../environment.yml"
    params:
        definitions=config["group_definitions"],
        stability=config["group_stability"],
        bootstrap=config["lesion_response"],
        depends_on=digest("summarise_groups"),
    script:
        "../scripts/summarise_groups.py"


rule fit_lesion_models:
    """FES uptake and CT response of lesions, patients being clusters: mixed model, estimating equations, patient-weighted."""
    input:
        fes_status="results/4_derive/fes_status.csv",
        lesion_change="results/4_derive/lesion_change.csv",
    output:
        lesion_models="results/5_analyse/lesion_models.csv",
    log:
        "logs/fit_lesion_models.log",
    conda:
        "../../environment.yml"
    params:
        lesion_models=config["lesion_models"],
        bootstrap=config["lesion_response"],
        depends_on=digest("fit_lesion_models"),
    script:
        "../scripts/fit_lesion_models.py"


rule fit_interval_models:
    """Sensitivity S5: PFS1 known to lie between two assessments; Weibull models, Turnbull curves of groups and arms."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
        pfs1_definitions="results/4_derive/pfs1_definitions.csv",
    output:
        interval_models="results/5_analyse/interval_models.csv",
        turnbull_curves="results/5_analyse/turnbull_curves.csv",
        turnbull_summary="results/5_analyse/turnbull_summary.csv",
    log:
        "logs/fit_interval_models.log",
    conda:
        "../../environment.yml"
    params:
        analyses=config["interval_analyses"],
        summary={
            "landmark_months": config["survival"]["landmark_months"],
            **{name: config["replicates"][name] for name in ("n_bootstrap", "seed")},
        },
        depends_on=digest("fit_interval_models"),
    script:
        "../scripts/fit_interval_models.py"
