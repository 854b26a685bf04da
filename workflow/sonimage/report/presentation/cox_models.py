"""Presentation of Cox models: hazard ratios, tests, assumptions, influence, validation."""

import pandas as pd

from sonimage.report.presentation.cells import NO_VALUE, estimate, number, p_value


def present_cox(cox: pd.DataFrame) -> pd.DataFrame:
    """Hazard ratios as readers expect them: one row per analysis and term."""
    ratios = [estimate(*row) for row in cox[["hazard_ratio", "ci_lower", "ci_upper"]].itertuples(index=False)]
    return pd.DataFrame(
        {
            "Analysis": cox["analysis_id"],
            "Term": cox["term"],
            "Reference": cox["reference"],
            "Patients": cox["n"],
            "Events": cox["n_events"],
            "Hazard ratio (95 % CI)": ratios,
            "P": cox["p_value"].map(p_value),
            "Method": cox["method"],
            "Note": cox["note"],
        }
    )


def present_contrasts(rows: pd.DataFrame) -> pd.DataFrame:
    """Hazard ratios within an interaction: one row per comparison; no p-values."""
    ratios = [estimate(*row) for row in rows[["hazard_ratio", "ci_lower", "ci_upper"]].itertuples(index=False)]
    return pd.DataFrame(
        {
            "Compared": rows["term"] + " against " + rows["reference"],
            "Within": rows["variable"] + " " + rows["within"],
            "Patients": rows["n"],
            "Events": rows["n_events"],
            "Hazard ratio (95 % CI)": ratios,
            "Note": rows["note"],
        }
    )


def present_tests(tests: pd.DataFrame) -> pd.DataFrame:
    """Likelihood-ratio tests, events per parameter and concordance of each model."""
    return pd.DataFrame(
        {
            "Analysis": tests["analysis_id"],
            "Hypothesis tested": tests["hypothesis"],
            "Chi-squared": tests["statistic"].map(lambda value: number(value, 2)),
            "df": tests["degrees_of_freedom"].map(str, na_action="ignore"),
            "P": tests["p_value"].map(p_value),
            "P (Wald)": tests["wald_p_value"].map(p_value),
            "Patients": tests["n"],
            "Events": tests["n_events"],
            "Events per parameter": tests["events_per_parameter"].map(number),
            "Harrell's C": tests["concordance"].map(lambda value: number(value, 3)),
            "Note": tests["note"],
        }
    )


def present_hazards(tests: pd.DataFrame) -> pd.DataFrame:
    """Tests of proportional hazards by variable and model."""
    rows = tests[tests["level"] != "coefficient"]
    return pd.DataFrame(
        {
            "Analysis": rows["analysis_id"],
            "Variable": rows["name"],
            "Events": rows["n_events"],
            "Chi-squared": rows["statistic"].map(lambda value: number(value, 2)),
            "df": rows["degrees_of_freedom"].map(str, na_action="ignore"),
            "P": rows["p_value"].map(p_value),
            "Note": rows["note"],
        }
    )


def present_influence(influence: pd.DataFrame) -> pd.DataFrame:
    """How far single patients move the hazard ratios of the primary model."""
    extremes = ["hazard_ratio", "hazard_ratio_lowest", "hazard_ratio_highest"]
    ratios = influence[extremes].map(lambda value: number(value, 2))
    names = ["Hazard ratio", "Lowest, one left out", "Highest, one left out"]
    return pd.DataFrame(
        {
            "Term": influence["term"],
            "Reference": influence["reference"],
            "Patients": influence["n"],
            **{name: ratios[column] for name, column in zip(names, extremes, strict=True)},
            "Largest |dfbeta|, standard errors": influence["largest_dfbetas"].map(lambda value: number(value, 2)),
            "Influential patients": influence["n_influential"].astype("string").fillna(NO_VALUE),
            "Note": influence["note"],
        }
    )


def present_validation(validation: pd.DataFrame) -> pd.DataFrame:
    """Bootstrap limits, permutation test and corrected performance of the primary model."""
    limits = validation[["estimate", "ci_lower", "ci_upper"]]
    return pd.DataFrame(
        {
            "Statistic": validation["statistic"],
            "Term": validation["term"],
            "Value (95 % CI)": [estimate(*row, digits=3) for row in limits.itertuples(index=False)],
            "P": validation["p_value"].map(p_value),
            "Replicates used": validation["n_used"].astype("string").fillna(NO_VALUE),
            "Method": validation["method"],
            "Note": validation["note"],
        }
    )


def engines_in_words(engines: pd.DataFrame) -> str:
    """Models fitted by two engines (schema cox_engines), their largest difference, and which differ or were not fitted."""
    n_models, largest = engines["analysis_id"].nunique(), engines["difference"].max()
    words = [f"{n_models} models, two engines (our own and lifelines)"]
    words += [] if pd.isna(largest) else [f"largest difference {largest:.0e} standard errors"]
    said = [", ".join(words) + "."]
    for verdict, heading in (("differ", "The engines differ beyond the tolerance"), ("not fitted", "Not fitted")):
        rows = engines[engines["verdict"] == verdict].drop_duplicates(["analysis_id", "note"])
        named = [row.analysis_id + ("" if pd.isna(row.note) else f" ({row.note})") for row in rows.itertuples()]
        said += [f"{heading}: {'; '.join(named)}."] if named else []
    return " ".join(said)
