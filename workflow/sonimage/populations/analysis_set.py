"""Analysis sets: one row per patient with populations, groups, covariates and endpoints; and who left at which step."""

import numpy as np
import pandas as pd

from sonimage import tables
from sonimage.populations.eligibility import age_years, is_eligible

FROM_HETEROGENEITY = [
    "n_lesions", "fes_eval_n", "fes_pos_n", "fes_pos_frac", "het3", "het2", "het4", "dual3_kurland", "dual3_fudan",
    "fes_suvmax_gmean", "fdg_suvmax_gmean", "not_evaluable_reason",
]  # fmt: skip
ENDPOINT = ["pfs1_months", "pfs1_event"]
NOT_RANDOMISED, NO_FES, NOT_EVALUABLE = "not randomised", "no usable FES-PET", "no evaluable lesion"


def derive_analysis_set(
    patients: pd.DataFrame,
    eligibility: pd.DataFrame,
    pet_baselines: pd.DataFrame,
    heterogeneity: pd.DataFrame,
    best_response: pd.DataFrame,
    pfs1: pd.DataFrame,
    scan_quality: pd.DataFrame,
    *,
    window_checks: list[str] = (),
) -> pd.DataFrame:
    """Return one row per patient (schema analysis_set).

    Imaging set (primary): randomised, a usable FES-PET, at least one evaluable lesion. Measurable set: also a target
    lesion at baseline. Per-protocol imaging set: also eligible, and no failed check of the baseline FES-PET. Of these, the
    window set: no warning or failure in `window_checks` either (what is not recorded counts as kept).
    """
    rows = patients
    for table, columns in (
        (heterogeneity, FROM_HETEROGENEITY),
        (best_response, ["best_response", "objective_response", "clinical_benefit", "has_target"]),
        (pfs1, ["pfs1_event", "pfs1_months"]),
        (pet_baselines, ["fes_scan_id"]),
    ):
        rows = rows.merge(table[["patient_id", *columns]], on="patient_id", how="left", validate="one_to_one")
    randomised = rows["randomisation_date"].notna() & rows["allocation"].notna()
    has_fes, evaluable = rows["fes_scan_id"].notna(), rows["fes_eval_n"].fillna(0) > 0
    reason = np.select([~randomised, ~has_fes, ~evaluable], [NOT_RANDOMISED, NO_FES, NOT_EVALUABLE], "")
    in_imaging = randomised & has_fes & evaluable
    failed = scan_quality.loc[(scan_quality["status"] == "fail") & (scan_quality["modality"] == "FES-PET"), "scan_id"]
    missed = scan_quality["check_id"].isin(window_checks) & scan_quality["status"].isin(["warn", "fail"])
    out_of_window = scan_quality.loc[missed & (scan_quality["modality"] == "FES-PET"), "scan_id"]
    eligible = rows["patient_id"].map(is_eligible(eligibility)).astype(bool)
    per_protocol = in_imaging & eligible & ~rows["fes_scan_id"].isin(failed)
    return tables.conform(
        rows.assign(
            age_years=age_years(rows),
            is_eligible=eligible,
            has_valid_fes=has_fes,
            is_evaluable=evaluable,
            is_measurable=tables.known_true(rows["has_target"]),
            in_imaging_set=in_imaging,
            in_measurable_set=in_imaging & tables.known_true(rows["has_target"]),
            in_per_protocol_set=per_protocol,
            in_window_set=per_protocol & ~rows["fes_scan_id"].isin(out_of_window),
            exclusion_reason=pd.Series(reason, index=rows.index).mask(reason == ""),
        ).sort_values("patient_id"),
        "analysis_set",
    )


def with_endpoint(analysis_set: pd.DataFrame, pfs1_definitions: pd.DataFrame, definition: str) -> pd.DataFrame:
    """The analysis set with PFS1 of a definition; empty for a patient whom the definition leaves out."""
    endpoint = pfs1_definitions[pfs1_definitions["definition"] == definition].set_index("patient_id")[ENDPOINT]
    endpoint["pfs1_months"] = endpoint["pfs1_months"].where(endpoint["pfs1_event"].notna())
    return _replaced(analysis_set, endpoint)


def with_groups(
    analysis_set: pd.DataFrame, group_definitions: pd.DataFrame, definition_id: str, column: str
) -> pd.DataFrame:
    """The analysis set with the groups of a definition in `column`; empty for a patient whom it gives none."""
    group = group_definitions[group_definitions["definition_id"] == definition_id].set_index("patient_id")["group"]
    return _replaced(analysis_set, group.to_frame(column))


def _replaced(analysis_set: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """The analysis set with `columns` (one row per patient_id; pandas raises ValueError for two) in place of its own."""
    values = columns.reindex(analysis_set["patient_id"]).set_axis(analysis_set.index)
    return analysis_set.assign(**{name: values[name] for name in values})


def planned_sets(
    analysis_set: pd.DataFrame, pfs1_definitions: pd.DataFrame, analyses: list[dict]
) -> list[tuple[dict, pd.DataFrame]]:
    """Each analysis of the plan with the analysis set by its definition of PFS1."""
    by_definition = {
        name: with_endpoint(analysis_set, pfs1_definitions, name)
        for name in dict.fromkeys(analysis["definition"] for analysis in analyses)
    }
    return [(analysis, by_definition[analysis["definition"]]) for analysis in analyses]
