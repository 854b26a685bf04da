"""Stage 5: statistics, no patient rows.

Reads   results/3_link/, results/4_derive/
Writes  results/5_analyse/
"""


rule list_analyses:
    """The plan: every analysis with the table of its results, and how the plan changed."""
    input:
        plan=config["analysis_plan"],
    output:
        analysis_plan="results/5_analyse/analysis_plan.csv",
        plan_changes="results/5_analyse/plan_changes.csv",
    log:
        "logs/list_analyses.log",
    conda:
        "../../environment.yml"
    params:
        plan=PLAN,
        depends_on=digest("list_analyses"),
    script:
        "../scripts/list_analyses.py"


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
        rates=analysis_plan.of_method(PLAN, "response_rate"),
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


rule summarise_survival:
    """Outcome 1: Kaplan-Meier curves of PFS1, medians, rates, log-rank tests, restricted means."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
        pfs1_definitions="results/4_derive/pfs1_definitions.csv",
    output:
        survival_curves="results/5_analyse/survival_curves.csv",
        survival_summary="results/5_analyse/survival_summary.csv",
        rmst="results/5_analyse/rmst.csv",
    log:
        "logs/summarise_survival.log",
    conda:
        "../../environment.yml"
    params:
        curves=analysis_plan.of_method(PLAN, "kaplan_meier"),
        restricted=analysis_plan.of_method(PLAN, "restricted_mean"),
        landmark_months=config["survival"]["landmark_months"],
        depends_on=digest("summarise_survival"),
    script:
        "../scripts/summarise_survival.py"


rule fit_cox:
    """Outcome 5: hazard ratios for PFS1 between heterogeneity groups, adjusted for allocation."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
        pfs1_definitions="results/4_derive/pfs1_definitions.csv",
    output:
        cox="results/5_analyse/cox.csv",
        cox_tests="results/5_analyse/cox_tests.csv",
        cox_contrasts="results/5_analyse/cox_contrasts.csv",
        spline_curves="results/5_analyse/spline_curves.csv",
    log:
        "logs/fit_cox.log",
    conda:
        "../../environment.yml"
    params:
        analyses=analysis_plan.of_method(PLAN, "cox"),
        enough={name: config["group_stability"][name] for name in ("minimum_patients", "minimum_events")},
        depends_on=digest("fit_cox"),
    script:
        "../scripts/fit_cox.py"


rule fit_cox_diagnostics:
    """Proportional hazards of every Cox model; of the primary one residuals, influence of patients, form of variables, validation."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
        pfs1_definitions="results/4_derive/pfs1_definitions.csv",
    output:
        cox_residuals="results/4_derive/cox_residuals.csv",
        schoenfeld_residuals="results/4_derive/schoenfeld_residuals.csv",
        functional_form="results/4_derive/functional_form.csv",
        proportional_hazards="results/5_analyse/proportional_hazards.csv",
        cox_influence="results/5_analyse/cox_influence.csv",
        cox_validation="results/5_analyse/cox_validation.csv",
        schoenfeld_smooth="results/5_analyse/schoenfeld_smooth.csv",
        functional_form_curves="results/5_analyse/functional_form_curves.csv",
        functional_form_tests="results/5_analyse/functional_form_tests.csv",
        cox_calibration="results/5_analyse/cox_calibration.csv",
    log:
        "logs/fit_cox_diagnostics.log",
    conda:
        "../../environment.yml"
    params:
        analyses=analysis_plan.of_method(PLAN, "cox"),
        enough={name: config["group_stability"][name] for name in ("minimum_patients", "minimum_events")},
        replicates=config["replicates"],
        diagnostics=config["diagnostics"],
        depends_on=digest("fit_cox_diagnostics"),
    script:
        "../scripts/fit_cox_diagnostics.py"


rule fit_sensitivity:
    """The primary model under other definitions of PFS1 and of the groups, and in other populations."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
        pfs1_definitions="results/4_derive/pfs1_definitions.csv",
        group_definitions="results/4_derive/group_definitions.csv",
    output:
        sensitivity="results/5_analyse/sensitivity.csv",
        imputed_models="results/5_analyse/imputed_models.csv",
    log:
        "logs/fit_sensitivity.log",
    conda:
        "../../environment.yml"
    params:
        models=analysis_plan.of_method(PLAN, "cox"),
        grids=analysis_plan.of_method(PLAN, "grid"),
        groupings=config["group_definitions"],
        imputed=analysis_plan.of_method(PLAN, "imputed_cox"),
        imputation=config["imputation"],
        depends_on=digest("fit_sensitivity"),
    script:
        "../scripts/fit_sensitivity.py"


rule fit_response_models:
    """Outcome 2: odds ratios of response between heterogeneity groups, adjusted for allocation; duration of response."""
    input:
        analysis_set="results/4_derive/analysis_set.csv",
        response_duration="results/4_derive/response_duration.csv",
    output:
        response_models="results/5_analyse/response_models.csv",
        duration_summary="results/5_analyse/duration_summary.csv",
    log:
        "logs/fit_response_models.log",
    conda:
        "../../environment.yml"
    params:
        models=analysis_plan.of_method(PLAN, "logistic"),
        durations=analysis_plan.of_method(PLAN, "response_duration"),
        depends_on=digest("fit_response_models"),
    script:
        "../scripts/fit_response_models.py"


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
        analyses=analysis_plan.of_method(PLAN, "lesion_model"),
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
        analyses=analysis_plan.of_method(PLAN, "weibull") + analysis_plan.of_method(PLAN, "turnbull"),
        summary={
            "landmark_months": config["survival"]["landmark_months"],
            **{name: config["replicates"][name] for name in ("n_bootstrap", "seed")},
        },
        depends_on=digest("fit_interval_models"),
    script:
        "../scripts/fit_interval_models.py"
