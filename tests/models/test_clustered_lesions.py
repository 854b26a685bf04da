"""Models of lesions: the mixed model against R's lme4, the others against what can be worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from r_values import EXPECTED, REFERENCE
from sonimage import tables
from sonimage.models import clustered_lesions
from sonimage.models.clustered_lesions import INTERCEPT, Design
from worked_tables import table


def design(outcome, patient, **columns) -> Design:
    frame = pd.DataFrame({INTERCEPT: np.ones(len(outcome))} | columns).astype(float)
    return Design(np.asarray(outcome, dtype=float), frame, np.asarray(patient), {})


def by_term(rows: list[dict]) -> dict[str, dict]:
    return {row["term"]: row for row in rows}


def test_the_mixed_model_agrees_with_lme4():
    """lmer(change ~ suv + relevel(factor(group), ref = "all_pos") + trt + (1 | pid), REML = TRUE), lme4 1.1-31.

    Measured: coefficients within 3e-7 of their size, standard errors within 1.5e-3 (MixedLM takes them from its Hessian).
    """
    lesions = pd.read_csv(REFERENCE / "lesions.csv")
    columns = {"suv": lesions["suv"], "trt": lesions["trt"]}
    columns |= {group: lesions["group"] == group for group in ("all_neg", "mixed")}
    found = by_term(clustered_lesions.fit_mixed(design(lesions["change"], lesions["pid"], **columns)))
    relevel = 'relevel(factor(group), ref = "all_pos")'
    names = {INTERCEPT: "(Intercept)", "suv": "suv", "trt": "trt"} | {g: relevel + g for g in ("all_neg", "mixed")}
    for term, name in names.items():
        assert found[term]["estimate"] == pytest.approx(EXPECTED[("lmer_lesions", "coef", name)], rel=1e-6, abs=1e-6)
        assert found[term]["se"] == pytest.approx(EXPECTED[("lmer_lesions", "se", name)], rel=2e-3)
        assert found[term]["note"] is None
    between, within = (EXPECTED[("lmer_lesions", "vc", name)] for name in ("pid (Intercept)", "Residual NA"))
    assert found["ICC"]["estimate"] == pytest.approx(between / (between + within), rel=1e-4)


# Shrout and Fleiss, Psychol Bull 1979;86:420, table 2: six targets, four judges; their ICC(1,1) is 0.17
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_icc_of_shrout_and_fleiss():
    values = np.ravel(SHROUT_FLEISS)
    rows = clustered_lesions.estimate_icc(design(values, np.repeat(range(6), 4)), 200, np.random.default_rng(1))
    assert rows[0]["estimate"] == pytest.approx(0.1657, abs=5e-5)
    assert rows[0]["ci_lower"] < rows[0]["estimate"] < rows[0]["ci_upper"]


@pytest.mark.parametrize(("outcome", "close"), [("response", 1e-6), ("change", 1e-3)])
def test_estimating_equations_are_those_of_geepack(outcome, close):
    """R: geeglm(resp ~ relevel(factor(group), ref = "all_pos") + trt, family = binomial, id = pid, corstr = "independence");
    geeglm(change ~ ..., id = pid, corstr = "exchangeable"); geepack 1.3.9. Differences in standard errors; where a
    correlation is estimated the two programs divide its moments by other numbers.
    """
    lesions = pd.read_csv(REFERENCE / "lesions.csv")
    columns = {group: lesions["group"] == group for group in ("all_neg", "mixed")} | {"trt": lesions["trt"]}
    is_binary = outcome == "response"
    built = design(lesions["resp" if is_binary else "change"], lesions["pid"], **columns)
    found = by_term(clustered_lesions.fit_gee(built, is_binary=is_binary))
    for term in columns:
        coef, se = (EXPECTED[(f"gee_lesions_{outcome}", quantity, term)] for quantity in ("coef", "se"))
        assert found[term]["estimate"] == pytest.approx(coef, abs=close * se)
        assert found[term]["se"] == pytest.approx(se, rel=close)


def test_estimating_equations_on_clusters_of_one_size_are_means_of_clusters():
    """A treatment that is the patient's: difference of means of patients' means; robust variance by hand."""
    generator = np.random.default_rng(3)
    patient = np.repeat(np.arange(40), 5)
    treated = (patient % 2).astype(float)
    outcome = 2 * treated + generator.normal(size=40)[patient] + generator.normal(size=200)
    found = by_term(clustered_lesions.fit_gee(design(outcome, patient, treated=treated), is_binary=False))
    means = pd.Series(outcome).groupby(patient).mean()
    one, other = means[1::2], means[::2]
    variance = sum(((group - group.mean()) ** 2).sum() / len(group) ** 2 for group in (one, other))
    assert found["treated"]["estimate"] == pytest.approx(one.mean() - other.mean(), rel=1e-6)
    assert found["treated"]["se"] == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_estimating_equations_for_a_yes_or_no_are_log_odds_with_a_sandwich():
    patient = np.repeat(np.arange(30), 4)
    exposed = np.tile([0.0, 0.0, 1.0, 1.0], 30)
    yes = (np.random.default_rng(5).random(120) < 0.3 + 0.3 * exposed).astype(float)
    found = by_term(clustered_lesions.fit_gee(design(yes, patient, exposed=exposed), is_binary=True))
    p0, p1 = yes[exposed == 0].mean(), yes[exposed == 1].mean()
    assert found["exposed"]["estimate"] == pytest.approx(np.log(p1 / (1 - p1)) - np.log(p0 / (1 - p0)), rel=1e-6)
    x, mean = np.column_stack([np.ones(120), exposed]), np.where(exposed == 1, p1, p0)
    bread = np.linalg.inv((x * (mean * (1 - mean))[:, None]).T @ x)
    scores = pd.DataFrame(x * (yes - mean)[:, None]).groupby(patient).sum().to_numpy()
    assert found["exposed"]["se"] == pytest.approx(np.sqrt((bread @ scores.T @ scores @ bread)[1, 1]), rel=1e-6)


def test_the_patient_weighted_estimate_is_the_mean_of_patients_means_with_limits_over_draws_of_patients():
    patient, outcome = np.array([1, 1, 1, 2, 3, 3]), np.array([1.0, 2.0, 3.0, 10.0, 4.0, 6.0])
    rows = clustered_lesions.fit_patient_weighted(design(outcome, patient), 500, np.random.default_rng(7))
    means = np.array([2.0, 10.0, 5.0])
    times = np.random.default_rng(7).multinomial(3, [1 / 3] * 3, size=500)
    by_hand = [np.repeat(means, draw).mean() for draw in times]
    assert rows[0]["estimate"] == pytest.approx(means.mean())
    assert (rows[0]["ci_lower"], rows[0]["ci_upper"]) == pytest.approx(tuple(np.percentile(by_hand, [2.5, 97.5])))


STATUS = tables.conform(
    table("""
        patient_id | lesion_id | organ      | in_d2 | fes_status | fes_suvmax | fdg_suvmax
        a          | 1         | lymph node | True  | pos        | 4          | 3
        a          | 2         | liver      | True  | ne         | 9          | 3
        a          | 3         | pleura     | True  | neg        | 1          | -
        a          | 4         | bone       | False | pos        | 4          | 3
        b          | 1         | lung       | True  | neg        | 0          | 2
    """),
    "fes_status",
)
CHANGE = tables.conform(
    table("""
        patient_id | lesion_id | best_change_percent | category
        a          | 1         | -40                 | responding
        a          | 2         | -10                 | stable
        b          | 1         | -                   | -
    """),
    "lesion_change",
)


def test_what_a_lesion_brings_to_the_models():
    rows = clustered_lesions.gather_lesions(STATUS, CHANGE, ["bone", "lymph node"]).set_index(
        ["patient_id", "lesion_id"]
    )
    assert rows["site"].tolist() == ["lymph node", "other", "other", "other"]
    assert rows["fes_negative"].tolist()[0] == 0 and pd.isna(rows.loc[("a", "2"), "fes_negative"])
    assert pd.isna(rows.loc[("a", "2"), "log_fes_suvmax"]) and pd.isna(rows.loc[("b", "1"), "log_fes_suvmax"])
    assert rows["is_responding"].tolist()[:2] == [1, 0] and pd.isna(rows.loc[("b", "1"), "is_responding"])


def test_the_reference_site_is_the_first_that_occurs_and_a_constant_term_is_left_out():
    lesions = clustered_lesions.gather_lesions(STATUS, CHANGE, ["bone", "lymph node"])
    model = {"id": "m", "outcome": "best_change_percent", "terms": ["site", "log_fdg_suvmax"]}
    built = clustered_lesions.build_design(lesions, model, ["bone", "lymph node"])
    assert list(built.columns) == [INTERCEPT, "other"] and built.references["other"] == "lymph node"


def test_too_few_patients_give_a_row_that_says_so():
    models = [{"id": "m", "outcome": "best_change_percent", "terms": ["site"]}]
    for status, change in ((STATUS, CHANGE), (tables.empty("fes_status"), tables.empty("lesion_change"))):
        rows = clustered_lesions.fit_lesion_models(status, change, models, sites=["bone"], n_bootstrap=10, seed=1)
        assert rows["method"].tolist() == ["none"] and rows["estimate"].isna().all()


@pytest.mark.slow
def test_simulated_effects_are_recovered_by_every_method():
    """400 patients, 3 lesions each: FES-negative lesions shrink by 15 points less; ICC 0.5."""
    generator = np.random.default_rng(11)
    patient = np.repeat(np.arange(400), 3)
    negative = (generator.random(1200) < 0.4).astype(float)
    change = -30 + 15 * negative + 10 * generator.normal(size=400)[patient] + 10 * generator.normal(size=1200)
    built = design(change, patient, fes_negative=negative)
    for rows in (
        clustered_lesions.fit_mixed(built),
        clustered_lesions.fit_gee(built, is_binary=False),
        clustered_lesions.fit_patient_weighted(built, 300, generator),
    ):
        found = by_term(rows)["fes_negative"]
        assert found["ci_lower"] < 15 < found["ci_upper"] and found["se"] < 1
    assert by_term(clustered_lesions.fit_mixed(built))["ICC"]["estimate"] == pytest.approx(0.5, abs=0.06)
    assert clustered_lesions.estimate_icc(built, 300, generator)[0]["estimate"] == pytest.approx(0.5, abs=0.06)
