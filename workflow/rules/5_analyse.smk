"""Stage 5, first part: the plan, counts and curves. Statistics, no patient rows.

Reads   results/3_link/, results/4_derive/
Writes  results/5_analyse/
"""


rule list_analyses:
    """The plan: every analysis with the table of its results, and how the plan changed."""
    input:
        plan=ANALYSIS_PLAN,
    output:
        **stage("5_analyse", "analysis_plan", "plan_changes"),
    log:
        "logs/list_analyses.log",
    conda:
        "../../environment.yml"
    params:
        plan=PLAN,
        depends_on=digest("plan/list_analyses"),
    script:
        "../scripts/plan/list_analyses.py"


rule summarise_cohort:
    """Who was studied: attrition, baseline characteristics, uptake and scan quality, response of patients and lesions."""
    input:
        **stage("3_link", "patients", "pet_baselines", "lesion_links", "link_review"),
        **stage(
            "4_derive",
            "analysis_set",
            "heterogeneity",
            "fes_status",
            "scan_quality",
            "scan_listing",
            "lesion_change",
            "pfs1",
        ),
    output:
        **stage(
            "5_analyse",
            "attrition",
            "cohort",
            "imaging_summary",
            "response_summary",
            "lesion_response_summary",
            "pfs1_summary",
        ),
    log:
        "logs/summarise_cohort.log",
    conda:
        "../../environment.yml"
    params:
        rates=analysis_plan.of_method(PLAN, "response_rate"),
        bootstrap=config["lesion_response"],
        depends_on=digest("summaries/summarise_cohort"),
    script:
        "../scripts/summaries/summarise_cohort.py"


rule summarise_endpoints:
    """How derived and investigator response agree, and what other definitions of PFS1 change."""
    input:
        **stage("4_derive", "response_concordance", "pfs1_definitions"),
    output:
        **stage("5_analyse", "response_agreement", "pfs1_definition_summary"),
    log:
        "logs/summarise_endpoints.log",
    conda:
        "../../environment.yml"
    params:
        definitions=config["pfs1"]["definitions"],
        depends_on=digest("summaries/summarise_endpoints"),
    script:
        "../scripts/summaries/summarise_endpoints.py"


rule summarise_groups:
    """How far definitions of a group agree, what hangs on single lesions, and three groups or two: counts, no outcome model."""
    input:
        **stage("4_derive", "group_definitions", "fes_status", "analysis_set"),
    output:
        **stage(
            "5_analyse",
            "grouping_decision",
            "group_counts",
            "group_agreement",
            "group_crosstab",
            "group_changes",
            "mixed_probability",
            "reading_agreement",
        ),
    log:
        "logs/summarise_groups.log",
    conda:
        "../../environment.yml"
    params:
        definitions=config["group_definitions"],
        stability=config["group_stability"],
        bootstrap=config["lesion_response"],
        depends_on=digest("summaries/summarise_groups"),
    script:
        "../scripts/summaries/summarise_groups.py"


rule summarise_survival:
    """Outcome 1: curves of PFS1, medians, rates, log-rank tests, restricted means; outcome 2: duration of response."""
    input:
        **stage("4_derive", "analysis_set", "pfs1_definitions", "response_duration"),
    output:
        **stage("5_analyse", "survival_curves", "survival_summary", "rmst", "duration_summary"),
    log:
        "logs/summarise_survival.log",
    conda:
        "../../environment.yml"
    params:
        curves=analysis_plan.of_method(PLAN, "kaplan_meier"),
        durations=analysis_plan.of_method(PLAN, "response_duration"),
        restricted=analysis_plan.of_method(PLAN, "restricted_mean"),
        landmark_months=config["survival"]["landmark_months"],
        depends_on=digest("survival/summarise_survival"),
    script:
        "../scripts/survival/summarise_survival.py"
