"""Logistic models of response: odds ratios that follow from a table of counts, and tables without a finite answer."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from breast_cancer import gbsg
from r_values import EXPECTED
from scipy import stats
from scipy.optimize import minimize_scalar
from sonimage import tables
from sonimage.models.logistic import FIRTH, LIKELIHOOD, NOT_FITTED, fit_response_models
from sonimage.report.presentation import other_models
from worked_tables import table

MODEL = {
    "id": "orr",
    "outcome": "objective_response",
    "population": "in_measurable_set",
    "grouping": "het3",
    "covariates": ["allocation"],
}
GROUPS = MODEL | {"covariates": []}

# patients with and without a response
COUNTS = """
    het3    | allocation | with | without
    all_pos | B          | 10   | 12
    all_pos | A          | 18   | 9
    mixed   | B          | 7    | 15
    mixed   | A          | 11   | 14
    all_neg | B          | 5    | 12
    all_neg | A          | 6    | 9
"""


def study(counts: str = COUNTS) -> pd.DataFrame:
    """One row per patient of a table of counts."""
    rows = [
        {"het3": row["het3"], "allocation": row["allocation"], "objective_response": response}
        for _, row in table(counts).iterrows()
        for response, n in ((True, row["with"]), (False, row["without"]))
        for _ in range(int(n))
    ]
    frame = pd.DataFrame(rows, columns=["het3", "allocation", "objective_response"])
    numbered = frame.assign(patient_id=[f"P{number:03d}" for number in range(len(frame))], in_measurable_set=True)
    return tables.conform(numbered, "analysis_set")


def fit(patients: pd.DataFrame, model: dict = MODEL) -> pd.DataFrame:
    fitted = fit_response_models(patients, [model])
    tables.check(fitted, "response_models")
    return fitted


def counts_of(patients: pd.DataFrame, level: str) -> tuple[int, int]:
    responses = patients.loc[patients["het3"] == level, "objective_response"]
    return responses.sum(), (~responses).sum()


@pytest.mark.parametrize("level", ["mixed", "all_neg"])
def test_of_one_term_the_odds_ratio_is_that_of_the_counts_with_woolfs_error(level):
    patients = study()
    (a, b), (c, d) = counts_of(patients, level), counts_of(patients, "all_pos")
    row = fit(patients, GROUPS).set_index("term").loc[level]
    assert row["odds_ratio"] == pytest.approx(a * d / (b * c), rel=1e-9)
    se = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    assert row["se"] == pytest.approx(se, rel=1e-6)
    assert row["ci_upper"] == pytest.approx(a * d / (b * c) * np.exp(1.959963984540054 * se), rel=1e-6)
    assert (row["n"], row["n_responding"], row["reference"], row["method"]) == (128, 57, "all_pos", LIKELIHOOD)


@pytest.mark.parametrize(
    ("term", "name"), [("mixed", "factor(grade)2"), ("all_neg", "factor(grade)3"), ("A", "hormon")]
)
def test_likelihood_is_that_of_r(term, name):
    """R: glm(status ~ factor(grade) + hormon, binomial, gbsg)"""
    patients = gbsg().assign(objective_response=lambda frame: frame["pfs1_event"], in_measurable_set=True)
    row = fit(patients).set_index("term").loc[term]
    for column, quantity in (("coef", "coef"), ("se", "se"), ("p_value", "p")):
        assert row[column] == pytest.approx(EXPECTED["glm_gbsg_grade_hormon", quantity, name], rel=1e-8)


def test_with_both_terms_it_is_the_generalised_linear_model_of_the_counts():
    counts = table(COUNTS)
    design = pd.DataFrame({term: counts["het3"] == term for term in ("mixed", "all_neg")})
    design = sm.add_constant(design.assign(A=counts["allocation"] == "A").astype(float))
    by_counts = sm.GLM(counts[["with", "without"]].astype(int), design, family=sm.families.Binomial()).fit(tol=1e-14)
    fitted = fit(study()).set_index("term")
    for term in ("mixed", "all_neg", "A"):
        assert fitted.loc[term, "coef"] == pytest.approx(by_counts.params[term], rel=1e-6)
        assert fitted.loc[term, "se"] == pytest.approx(by_counts.bse[term], rel=1e-6)
        assert fitted.loc[term, "p_value"] == pytest.approx(by_counts.pvalues[term], rel=1e-6)


def without_response_in(level: str) -> pd.DataFrame:
    patients = study()
    patients.loc[patients["het3"] == level, "objective_response"] = False
    return patients


@pytest.mark.parametrize("level", ["all_pos", "mixed", "all_neg"])
def test_a_level_without_a_response_is_answered_by_firth_which_adds_one_half_to_each_count(level):
    """Firth's penalty on a table of counts is Haldane's and Anscombe's half (Heinze and Schemper, Stat Med 2002)."""
    patients = without_response_in(level)
    fitted = fit(patients, GROUPS)
    likelihood, firth = (
        fitted[fitted["method"].str.startswith(name)] for name in ("logistic, maximum", "logistic, Firth")
    )
    assert likelihood["odds_ratio"].isna().all() and likelihood["method"].eq(f"{LIKELIHOOD}: {NOT_FITTED}").all()
    assert likelihood["note"].eq(f"no patient with a response in {level}").all() and firth["method"].eq(FIRTH).all()
    c, d = counts_of(patients, "all_pos")
    for row in firth.itertuples():
        a, b = counts_of(patients, row.term)
        assert row.odds_ratio == pytest.approx((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)), rel=1e-6)
        at_one, at_lower, at_upper = (penalised_drop((a, b), (c, d), end) for end in (1, row.ci_lower, row.ci_upper))
        assert row.p_value == pytest.approx(stats.chi2.sf(at_one, 1), rel=1e-5)
        assert [at_lower, at_upper] == pytest.approx([stats.chi2.isf(0.05, 1)] * 2, rel=1e-3)


def penalised_drop(counts: tuple[int, int], reference: tuple[int, int], odds_ratio: float) -> float:
    """Twice the fall of the penalised log likelihood of two levels when their odds ratio is held: one half added to each count."""
    (a, b), (c, d) = np.add(counts, 0.5), np.add(reference, 0.5)

    def loss(log_odds: float) -> float:
        first, second = log_odds + np.log(odds_ratio), log_odds
        return -(a * first - (a + b) * np.logaddexp(0, first) + c * second - (c + d) * np.logaddexp(0, second))

    highest = sum(x * np.log(x / (x + y)) + y * np.log(y / (x + y)) for x, y in ((a, b), (c, d)))
    return 2 * (highest + minimize_scalar(loss, bounds=(-15, 15), method="bounded", options={"xatol": 1e-10}).fun)


def test_few_responses_show_both_methods():
    patients = study()
    spared = patients.index[patients["het3"].eq("all_neg") & patients["objective_response"]][4:]
    patients.loc[spared, "objective_response"] = False
    fitted = fit(patients)
    assert list(fitted["method"].unique()) == [LIKELIHOOD, FIRTH] and fitted["odds_ratio"].notna().all()
    assert fitted["note"].dropna().eq("fewer than 5 with or without a response in all_neg").all()


def test_separation_that_no_single_count_shows_is_found():
    patients = study(
        """
        het3    | allocation | with | without
        all_pos | B          | 0    | 9
        all_pos | A          | 5    | 4
        mixed   | B          | 4    | 6
        mixed   | A          | 8    | 0
        """
    )
    fitted = fit(patients)
    firth = fitted[fitted["method"] == FIRTH].set_index("term")
    assert firth.loc[["mixed", "A"], "odds_ratio"].notna().all() and np.isnan(firth.loc["all_neg", "odds_ratio"])
    assert "no contrast for all_neg" in fitted["note"].iloc[0]


def test_patients_without_a_group_an_arm_or_the_population_are_left_out_and_an_unknown_response_is_none():
    patients = study()
    patients.loc[0, "het3"], patients.loc[1, "allocation"], patients.loc[2, "in_measurable_set"] = None, None, pd.NA
    patients.loc[3, "objective_response"] = pd.NA
    row = fit(patients).iloc[0]
    assert (row["n"], row["n_responding"]) == (125, 53)


@pytest.mark.parametrize(
    "change",
    [
        {"het3": "mixed"}, {"het3": None}, {"allocation": "A"}, {"objective_response": True}, {"objective_response": pd.NA},
        {"in_measurable_set": False}, {"het3": "other"},
    ],
    ids=str,
)  # fmt: skip
def test_odd_data_give_rows_and_a_reason_where_there_is_no_estimate(change):
    fitted = fit(study().assign(**change))
    assert set(fitted["term"]) == {"mixed", "all_neg", "A"}
    assert fitted.loc[fitted["odds_ratio"].isna(), "note"].notna().all()


def test_terms_that_cannot_be_told_apart_give_no_estimate():
    patients = study()
    patients = patients.assign(allocation=np.where(patients["het3"] == "all_pos", "B", "A"))
    fitted = fit(patients[patients["het3"] != "all_neg"])
    assert fitted["odds_ratio"].isna().all() and fitted["note"].str.contains("told apart|deficient").all()


@pytest.mark.parametrize("n", [0, 1])
def test_hardly_any_patient_gives_empty_rows(n):
    fitted = fit(study().iloc[:n])
    assert list(fitted["term"]) == ["mixed", "all_neg", "A"] and fitted["odds_ratio"].isna().all()
    assert len(other_models.present_response_models(fitted)) == 3


def test_the_order_of_patients_changes_nothing():
    for patients in (study(), without_response_in("mixed")):
        pd.testing.assert_frame_equal(fit(patients), fit(patients.sample(frac=1, random_state=3)))
