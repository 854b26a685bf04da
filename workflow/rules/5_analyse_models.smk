"""Stage 5, second part: models. Statistics, no patient rows.

Reads   results/4_derive/
Writes  results/5_analyse/, and residuals per patient to results/4_derive/
"""


rule fit_cox:
    """Outcome 5: hazard ratios for PFS1 between heterogeneity groups, adjusted for allocation."""
    input:
        **stage("4_derive", "analysis_set", "pfs1_definitions"),
    output:
        **stage("5_analyse", "cox", "cox_tests", "cox_contrasts", "spline_curves"),
    log:
        "logs/fit_cox.log",
    conda:
        "../../environment.yml"
    params:
        analyses=analysis_plan.of_method(PLAN, "cox"),
        enough={name: config["group_stability"][name] for name in ("minimum_patients", "minimum_events")},
        depends_on=digest("cox/fit_cox"),
    script:
        "../scripts/cox/fit_cox.py"


rule compare_cox_engines:
    """Every Cox model a second time by lifelines: two engines, one answer, or the difference is said."""
    input:
        **stage("4_derive", "analysis_set", "pfs1_definitions"),
        **stage("5_analyse", "cox"),
    output:
        **stage("5_analyse", "cox_engines"),
    log:
        "logs/compare_cox_engines.log",
    conda:
        "../../environment.yml"
    params:
        analyses=analysis_plan.of_method(PLAN, "cox"),
        enough={name: config["group_stability"][name] for name in ("minimum_patients", "minimum_events")},
        tolerance=config["audit"]["engine_tolerance"],
        depends_on=digest("cox/compare_cox_engines"),
    script:
        "../scripts/cox/compare_cox_engines.py"


rule fit_cox_diagnostics:
    """Proportional hazards of every Cox model; of the primary one residuals, influence of patients, form of variables, validation."""
    input:
        **stage("4_derive", "analysis_set", "pfs1_definitions"),
    output:
        **stage("4_derive", "cox_residuals", "schoenfeld_residuals", "functional_form"),
        **stage(
            "5_analyse",
            "proportional_hazards",
            "cox_influence",
            "cox_validation",
            "schoenfeld_smooth",
            "functional_form_curves",
            "functional_form_tests",
            "cox_calibration",
        ),
    log:
        "logs/fit_cox_diagnostics.log",
    conda:
        "../../environment.yml"
    params:
        analyses=analysis_plan.of_method(PLAN, "cox"),
        enough={name: config["group_stability"][name] for name in ("minimum_patients", "minimum_events")},
        replicates=config["replicates"],
        diagnostics=config["diagnostics"],
        depends_on=digest("diagnostics/fit_cox_diagnostics"),
    script:
        "../scripts/diagnostics/fit_cox_diagnostics.py"


rule fit_interval_models:
    """Sensitivity S5: PFS1 known to lie between two assessments; Weibull models, Turnbull curves of groups and arms."""
    input:
        **stage("4_derive", "analysis_set", "pfs1_definitions"),
    output:
        **stage("5_analyse", "interval_models", "turnbull_curves", "turnbull_summary"),
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
        depends_on=digest("intervals/fit_interval_models"),
    script:
        "../scripts/intervals/fit_interval_models.py"


rule fit_response_models:
    """Outcome 2: odds ratios of response between heterogeneity groups, adjusted for allocation."""
    input:
        **stage("4_derive", "analysis_set"),
    output:
        **stage("5_analyse", "response_models"),
    log:
        "logs/fit_response_models.log",
    conda:
        "../../environment.yml"
    params:
        models=analysis_plan.of_method(PLAN, "logistic"),
        depends_on=digest("models/fit_response_models"),
    script:
        "../scripts/models/fit_response_models.py"


rule fit_lesion_models:
    """FES uptake and CT response of lesions, patients being clusters: mixed model, estimating equations, patient-weighted."""
    input:
        **stage("4_derive", "fes_status", "lesion_change"),
    output:
        **stage("5_analyse", "lesion_models"),
    log:
        "logs/fit_lesion_models.log",
    conda:
        "../../environment.yml"
    params:
        analyses=analysis_plan.of_method(PLAN, "lesion_model"),
        lesion_models=config["lesion_models"],
        bootstrap=config["lesion_response"],
        depends_on=digest("models/fit_lesion_models"),
    script:
        "../scripts/models/fit_lesion_models.py"


rule fit_sensitivity:
    """The primary model under other definitions of PFS1 and of the groups, and in other populations."""
    input:
        **stage("4_derive", "analysis_set", "pfs1_definitions", "group_definitions"),
    output:
        **stage("5_analyse", "sensitivity", "imputed_models"),
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
        depends_on=digest("models/fit_sensitivity"),
    script:
        "../scripts/models/fit_sensitivity.py"
