"""Cox models against R, and what happens when maximum likelihood breaks."""

import numpy as np
import pandas as pd
import pytest
from breast_cancer import PRIMARY, TERMS, gbsg
from r_values import EXPECTED
from sonimage.cox import hazard_ratios
from sonimage.diagnostics import proportional_hazards


def fit(patients: pd.DataFrame, **changes) -> tuple[pd.DataFrame, pd.DataFrame]:
    models, tests = hazard_ratios.fit_cox_models(patients, [PRIMARY | changes])
    return models.set_index("term"), tests


@pytest.mark.parametrize("term", TERMS)
def test_primary_model_is_that_of_r(term):
    """R: coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg)"""
    row = fit(gbsg())[0].loc[term]
    columns = {"coef": "coef", "se": "se", "ci_lower": "hr_lower95", "ci_upper": "hr_upper95", "p_value": "p"}
    for column, quantity in columns.items():
        assert row[column] == pytest.approx(EXPECTED["gbsg_grade_hormon", quantity, TERMS[term]], rel=1e-8)
    assert row["hazard_ratio"] == pytest.approx(np.exp(row["coef"]))
    assert (row["n"], row["n_events"]) == (686, 299)


def test_likelihood_ratio_test_of_the_group_is_that_of_r():
    """R: anova(coxph(Surv(time, status) ~ hormon), coxph(Surv(time, status) ~ factor(grade) + hormon))"""
    tests = fit(gbsg())[1].iloc[0]
    assert tests["statistic"] == pytest.approx(EXPECTED["gbsg_lrt_grade", "anova", "chi2"], rel=1e-8)
    assert tests["degrees_of_freedom"] == 2
    assert tests["p_value"] == pytest.approx(EXPECTED["gbsg_lrt_grade", "anova", "p"], rel=1e-8)


def test_interaction_is_that_of_r():
    """R: coxph(Surv(time, status) ~ factor(grade) * hormon), and its anova against the main effects"""
    models, tests = fit(gbsg(), interaction=True)
    expected = EXPECTED["gbsg_grade_x_hormon", "coef"]
    names = {"mixed x A": "factor(grade)2:hormon", "all_neg x A": "factor(grade)3:hormon"} | TERMS
    for term, name in names.items():
        assert models.loc[term, "coef"] == pytest.approx(expected[name], rel=1e-8)
    assert tests["p_value"].iloc[0] == pytest.approx(EXPECTED["gbsg_lrt_inter", "anova", "p"], rel=1e-8)


def test_stratified_model_is_that_of_r():
    """R: coxph(Surv(time, status) ~ factor(grade) + strata(hormon))"""
    models, _ = fit(gbsg(), covariates=[], strata=["allocation"])
    for term in ("mixed", "all_neg"):
        assert models.loc[term, "coef"] == pytest.approx(
            EXPECTED["gbsg_grade_strata_hormon", "coef", TERMS[term]], rel=1e-8
        )


def test_no_event_in_a_level_leaves_maximum_likelihood_empty_and_adds_firth():
    patients = gbsg()
    patients.loc[patients["het3"] == "all_neg", "pfs1_event"] = False
    models, _ = hazard_ratios.fit_cox_models(patients, [PRIMARY])
    primary = models[models["analysis_id"] == "primary"]
    likelihood, firth = (
        primary[primary["method"].str.contains("Efron")],
        primary[primary["method"].str.contains("Firth")],
    )
    assert likelihood["hazard_ratio"].isna().all() and likelihood["note"].str.contains("no event in all_neg").all()
    assert firth["hazard_ratio"].notna().all() and firth["hazard_ratio"].between(1e-4, 1e4).all()


def test_few_events_in_a_level_show_both_methods():
    patients = gbsg()
    spared = patients.index[(patients["het3"] == "all_pos") & patients["pfs1_event"]][4:]
    patients.loc[spared, "pfs1_event"] = False
    models, _ = hazard_ratios.fit_cox_models(patients, [PRIMARY])
    primary = models[models["analysis_id"] == "primary"]
    assert primary["hazard_ratio"].notna().all()
    assert set(primary["method"].str.split(",").str[0]) == {"Cox", "Firth"}


def test_an_absent_level_is_named_and_the_others_are_fitted():
    patients = gbsg()
    patients = patients[patients["het3"] != "all_neg"]
    models = hazard_ratios.fit_cox_models(patients, [PRIMARY])[0]
    primary = models[models["analysis_id"] == "primary"].set_index("term")
    assert (
        np.isnan(primary.loc["all_neg", "hazard_ratio"]) and "no contrast for all_neg" in primary.loc["all_neg", "note"]
    )
    assert primary.loc["mixed", "hazard_ratio"] > 0


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_patients_give_empty_rows_and_no_error(n):
    models, tests = hazard_ratios.fit_cox_models(gbsg().iloc[:n], [PRIMARY])
    assert list(models[models["analysis_id"] == "primary"]["term"]) == ["mixed", "all_neg", "A"]
    assert models["hazard_ratio"].isna().all() and tests["p_value"].isna().all()


def test_the_order_of_patients_changes_nothing():
    shuffled = gbsg().sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        hazard_ratios.fit_cox_models(gbsg(), [PRIMARY])[0], hazard_ratios.fit_cox_models(shuffled, [PRIMARY])[0]
    )


def test_profile_limits_stand_beside_walds_and_tests_beside_the_likelihood_ratio():
    models, tests = fit(gbsg())
    assert (models["ci_lower_profile"] < models["hazard_ratio"]).all()
    np.testing.assert_allclose(np.log(models["ci_upper_profile"]), np.log(models["ci_upper"]), atol=0.06)
    test = tests.iloc[0]
    assert (
        0.8 < test["wald_statistic"] / test["statistic"] < 1.2
        and 0.8 < test["score_statistic"] / test["statistic"] < 1.2
    )
    assert pd.isna(test["warning"])
    assert fit(gbsg().iloc[::17])[1]["warning"].iloc[0] == "fewer than 10 events per parameter"


def test_groups_without_any_patient_of_the_reference_are_answered_without_numbers():
    patients = gbsg()
    models, _ = fit(patients[patients["het3"] != "all_pos"])
    assert models.loc[["mixed", "all_neg"], "hazard_ratio"].isna().all() and models["note"].notna().all()


@pytest.mark.parametrize(("kept", "method"), [(0, "not fitted"), (3, "Firth")])
def test_scarce_events_in_level_a_of_het4_are_not_hidden_by_arm_a(kept, method):
    """Both variables have levels A and B; few events in the group's A ask for Firth's fit beside the other."""
    patients = gbsg()
    patients["het4"] = patients["het3"].map({"all_pos": "A", "mixed": "B", "all_neg": "C"})
    spared = patients.index[(patients["het4"] == "A") & patients["pfs1_event"]][kept:]
    patients.loc[spared, "pfs1_event"] = False
    models, _ = hazard_ratios.fit_cox_models(patients, [PRIMARY | {"grouping": "het4"}])
    named = models.loc[models["method"].str.contains(method, na=False), "note"]
    assert len(named) and named.str.contains(r"events? in A\b").all()


@pytest.mark.parametrize("changes", [{}, {"grouping": None}, {"grouping": None, "covariates": ["centre"]}])
def test_one_arm_and_one_centre_leave_no_contrast_and_say_so(changes):
    patients = gbsg().assign(allocation="A", centre="UMCG")
    models, _ = fit(patients, **changes)
    same = models[~models.index.isin(["mixed", "all_neg"])]
    assert same["hazard_ratio"].isna().all() and same["note"].str.contains("no contrast for").all()
    assert models.loc[models.index.isin(["mixed", "all_neg"]), "hazard_ratio"].notna().all()


@pytest.mark.slow
@pytest.mark.parametrize("n", range(3, 12))
def test_few_patients_never_stop_models_or_diagnostics(n):
    rng = np.random.default_rng(n)
    for patients in (gbsg().iloc[:n], gbsg().sample(n, random_state=n), gbsg().sample(n, random_state=9 * n)):
        patients = patients.assign(pfs1_event=rng.random(n) < 0.7)
        models, _ = fit(patients)
        hazards = proportional_hazards.check_proportional_hazards([hazard_ratios.analyse(patients, PRIMARY)])
        assert models["n"].eq(n).all() and (models["hazard_ratio"].notna() | models["note"].notna()).all()
        assert hazards.loc[hazards["statistic"].isna(), "note"].notna().all()


def test_numbers_made_of_columns_are_what_their_names_say():
    rng = np.random.default_rng(3)
    uptake = {name: np.exp(rng.normal(size=686)) for name in ("fes_suvmax_gmean", "fdg_suvmax_gmean")}
    patients = gbsg().assign(**uptake, fes_pos_frac=rng.random(686), n_lesions=rng.integers(1, 9, 686))
    made = {
        "log_fes_fdg": np.log(uptake["fes_suvmax_gmean"] / uptake["fdg_suvmax_gmean"]),
        "log_fes_suvmax": np.log(uptake["fes_suvmax_gmean"]),
        "log_fdg_suvmax": np.log(uptake["fdg_suvmax_gmean"]),
        "fes_pos_frac_10": 10 * patients["fes_pos_frac"],
        "log_n_lesions": np.log(patients["n_lesions"].astype(float)),
    }
    for name, values in made.items():
        by_hand = fit(patients.assign(er_percent=values), grouping=None, covariates=["er_percent"])[0]
        assert fit(patients, grouping=None, covariates=[name])[0]["coef"].iloc[0] == pytest.approx(
            by_hand["coef"].iloc[0], rel=1e-9
        )
