"""Stage 6: pages for people, each with its figures (SVG, PDF, numbers as CSV) and tables (CSV) beside it.

Reads   results/3_link/ to results/5_analyse/
Writes  results/6_report/
"""

# The table of contents of the report: what each page reads and what it leaves.
PAGES = {
    "plan": {
        "title": "Analysis plan",
        "description": "Every analysis of an outcome, where its results are, and how the plan changed.",
        "inputs": ["analysis_plan", "plan_changes"],
        "figures": [],
        "tables": ["plan_changes", "plan_analyses"],
    },
    "cohort": {
        "title": "Cohort",
        "description": "Who was studied, who left and why, and the baseline by heterogeneity group and arm.",
        "inputs": ["attrition", "cohort", "eligibility"],
        "figures": ["cohort_flow"],
        "tables": ["cohort_by_group", "cohort_by_arm", "cohort_eligibility"],
    },
    "imaging": {
        "title": "Imaging and heterogeneity",
        "description": "Scan quality, uptake of lesions, FES status, and how patients got their group.",
        "inputs": [
            "imaging_summary",
            "fes_status",
            "heterogeneity",
            "scan_quality",
            "grouping_decision",
            "group_counts",
            "group_agreement",
            "group_crosstab",
            "group_changes",
            "mixed_probability",
            "reading_agreement",
            "lesion_models",
        ],
        "figures": [
            "imaging_scans",
            "imaging_quality",
            "imaging_uptake",
            "imaging_organs",
            "imaging_lesions",
            "imaging_distributions",
            "imaging_agreement",
            "imaging_mixed",
            "imaging_models",
        ],
        "tables": [
            "imaging_by_organ",
            "imaging_modalities",
            "imaging_links",
            "imaging_groups",
            "imaging_checks",
            "imaging_scanners",
            "imaging_decision",
            "imaging_definitions",
            "imaging_agreements",
            "imaging_crosstab",
            "imaging_readings",
            "imaging_changes",
            "imaging_lesion_models",
        ],
    },
    "patient_response": {
        "title": "Patient response",
        "description": "Outcome 2: response by RECIST 1.1 per patient, and how it compares with the investigator's.",
        "inputs": [
            "response_summary",
            "best_response",
            "analysis_set",
            "pfs1",
            "visit_response",
            "response_agreement",
            "response_models",
            "duration_summary",
        ],
        "figures": ["patient_waterfall", "patient_swimmer"],
        "tables": [
            "patient_rates_by_group",
            "patient_rates_by_arm",
            "patient_models",
            "patient_duration",
            "patient_concordance",
            "patient_agreement",
        ],
    },
    "lesion_response": {
        "title": "Lesion response and trajectories",
        "description": "Outcomes 3 and 4: change in size per lesion, and target lesions until progression.",
        "inputs": ["lesion_response_summary", "lesion_change", "fes_status", "trajectory", "analysis_set"],
        "figures": ["lesion_waterfall", "lesion_spider"],
        "tables": ["lesion_by_status", "lesion_by_organ"],
    },
    "pfs1": {
        "title": "PFS1 and Cox models",
        "description": "Outcomes 1 and 5: PFS1 by group and arm, hazard ratios adjusted for allocation.",
        "inputs": [
            "pfs1_summary",
            "pfs1_definition_summary",
            "survival_curves",
            "survival_summary",
            "cox",
            "cox_tests",
            "cox_contrasts",
            "spline_curves",
            "rmst",
        ],
        "figures": [
            "pfs1_by_group",
            "pfs1_by_arm",
            "pfs1_within_arms",
            "pfs1_primary",
            "pfs1_interaction",
            "pfs1_forest",
            "pfs1_splines",
        ],
        "tables": [
            "pfs1_events",
            "pfs1_definitions",
            "pfs1_medians",
            "pfs1_logrank",
            "pfs1_rmst",
            "pfs1_primary_model",
            "pfs1_interaction",
            "pfs1_alone",
            "pfs1_models",
            "pfs1_continuous",
            "pfs1_tests",
        ],
    },
    "robustness": {
        "title": "Does the answer hold?",
        "description": "Assumptions of the primary model, single patients, internal validation, other choices.",
        "inputs": [
            "proportional_hazards",
            "schoenfeld_residuals",
            "schoenfeld_smooth",
            "survival_curves",
            "functional_form",
            "functional_form_curves",
            "functional_form_tests",
            "cox_residuals",
            "cox_influence",
            "cox_calibration",
            "cox_validation",
            "imputed_models",
            "interval_models",
            "turnbull_curves",
            "turnbull_summary",
            "sensitivity",
        ],
        "figures": [
            "robustness_effects",
            "robustness_log_minus_log",
            "robustness_form",
            "robustness_patients",
            "robustness_calibration",
            "robustness_turnbull",
            "robustness_sensitivity",
        ],
        "tables": [
            "robustness_hazards",
            "robustness_influence",
            "robustness_validation",
            "robustness_imputed",
            "robustness_turnbull",
            "robustness_weibull",
            "robustness_sensitivity",
        ],
    },
}


for name, entry in PAGES.items():

    rule:
        name:
            f"render_{name}"
        input:
            **table_paths(entry["inputs"]),
            notebook=f"notebooks/{name}.ipynb",
        output:
            page=f"results/6_report/{name}.html",
            figures=expand("results/6_report/figures/{stem}.{kind}", stem=entry["figures"], kind=["svg", "pdf", "csv"]),
            tables=expand("results/6_report/tables/{stem}.csv", stem=entry["tables"]),
        log:
            f"logs/render_{name}.log",
        conda:
            "../../environment.yml"
        params:
            title=entry["title"],
            data_label=DATA_LABEL,
            tables={table: str(Path(path).resolve()) for table, path in table_paths(entry["inputs"]).items()},
            figures=str(Path("results/6_report/figures").resolve()),
            shown_tables=str(Path("results/6_report/tables").resolve()),
            settings=(
                {"suvmax_cut": config["fes_status"]["suvmax_cut"], "primary": config["group_stability"]["primary"]}
                if name == "imaging"
                else {}
            ),
            depends_on=digest(
                "render_page",
                f"notebooks/{name}.ipynb",
                *map(str, (PROJECT / "workflow/sonimage").glob("plots*.py")),
                *map(str, (PROJECT / "workflow/sonimage").glob("presentation*.py")),
            ),
        script:
            "../scripts/render_page.py"


rule render_index:
    """The page that leads to all pages, figures and tables."""
    input:
        pages=expand("results/6_report/{page}.html", page=PAGES),
    output:
        index="results/6_report/index.html",
    log:
        "logs/render_index.log",
    conda:
        "../../environment.yml"
    params:
        pages=PAGES,
        data_label=DATA_LABEL,
        facts={
            "Study": "SONImage, NCT04125277",
            "Data": DATA_LABEL,
            "Groups and allocation": "dealt at random (dummy run)" if IS_BLINDED else "as recorded",
            "Analysis plan (digest)": analysis_plan.digest(PLAN),
            "Raw data (digest of all files)": raw_digest(),
            "Response taken from": config["response_source"],
            "Data cut-off": config["data_cut_off"] or "none",
        },
        depends_on=digest("render_index"),
    script:
        "../scripts/render_index.py"
