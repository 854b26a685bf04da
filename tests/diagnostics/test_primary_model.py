"""Diagnostics of the primary Cox model: cox.zph of R, influence and internal validation, and data too few for either."""

import numpy as np
import pandas as pd
import pytest
from breast_cancer import PRIMARY, TERMS, gbsg
from r_values import EXPECTED
from sonimage.cox import hazard_ratios
from sonimage.diagnostics import influence, internal_validation, proportional_hazards


def diagnosed(patients: pd.DataFrame):
    one = hazard_ratios.analyse(patients, PRIMARY)
    residuals = influence.list_residuals(one)
    return (
        proportional_hazards.check_proportional_hazards([one]),
        residuals,
        influence.summarise_influence(one, residuals),
        internal_validation.validate(one, n_bootstrap=50, n_permutation=100, seed=1),
    )


def test_proportional_hazards_are_tested_as_r_does():
    """R: cox.zph(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg), terms = FALSE), and terms = TRUE"""
    hazards = diagnosed(gbsg())[0].set_index(["level", "name"])["statistic"]
    for term, name in TERMS.items():
        expected = EXPECTED["gbsg_grade_hormon", "zph_km_coefs_chisq", name]
        assert hazards["coefficient", term] == pytest.approx(expected, rel=1e-6)
    expected = EXPECTED["gbsg_grade_hormon", "zph_km_terms_chisq"]
    assert hazards["term", "het3"] == pytest.approx(expected["factor(grade)"], rel=1e-6)
    assert hazards["global", "global"] == pytest.approx(expected["GLOBAL"], rel=1e-6)


def test_influence_and_validation_of_the_primary_model():
    _, residuals, influence, validation = diagnosed(gbsg())
    assert len(residuals) == 3 * 686 and residuals.groupby("patient_id")["martingale"].nunique().eq(1).all()
    assert residuals.drop_duplicates("patient_id")["martingale"].sum() == pytest.approx(0, abs=1e-8)
    np.testing.assert_allclose(residuals["change_when_left_out"], -residuals["dfbeta"], atol=0.02)
    assert (
        "patient_id" not in influence
        and influence["hazard_ratio"].between(influence["hazard_ratio_lowest"], influence["hazard_ratio_highest"]).all()
    )
    numbers = validation.set_index("statistic")
    assert numbers.loc["Harrell's C, apparent", "estimate"] == pytest.approx(
        EXPECTED["gbsg_grade_hormon", "concordance", "concordance"], rel=1e-10
    )
    assert abs(numbers.loc["optimism of C", "estimate"]) < 0.02
    assert numbers.loc["score test of the group", "p_value"] == pytest.approx(1 / 101)
    ratios = numbers.loc["hazard ratio"]
    assert ratios["ci_lower"].lt(ratios["estimate"]).all() and ratios["ci_upper"].gt(ratios["estimate"]).all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_diagnostics_of_too_few_patients_are_named_and_empty(n):
    hazards, residuals, influence, validation = diagnosed(gbsg().iloc[:n])
    assert hazards["note"].notna().all() and hazards["statistic"].isna().all()
    assert residuals.empty and influence["hazard_ratio"].isna().all() and validation["estimate"].isna().all()


def test_diagnostics_of_a_level_without_events_say_so():
    patients = gbsg()
    patients.loc[patients["het3"] == "all_neg", "pfs1_event"] = False
    hazards, _, _, validation = diagnosed(patients)
    assert (hazards["note"] == "no event in all_neg").all() and (validation["note"] == "no event in all_neg").all()
