"""Multiple imputation: the chain, Rubin's rules against R's mice, and models that complete cases get wrong."""

import numpy as np
import pandas as pd
import pytest
from breast_cancer import PRIMARY, gbsg
from lifelines import NelsonAalenFitter
from models.simulated_covariates import TRUTH, fit_model, impute_and_pool, simulate
from sonimage import tables
from sonimage.cox import hazard_ratios
from sonimage.models import complete_and_imputed, imputation, pooling
from sonimage.report.presentation import other_models
from worked_tables import table

CHAINS = {"n_imputations": 5, "n_cycles": 3, "seed": 1}

# From a printed mice::pool(fit), m = 5, of lm(sws ~ log10(bw) + odi) on mice's mammalsleep (mice's vignettes), and its summary()
MAMMALS = table("""
    estimate    | ubar       | b          | t         | df        | riv       | fmi       | p
    10.0739157  | 0.71206627 | 0.83964136 | 1.7196359 | 7.805051  | 1.4149942 | 0.6625659 | 6.666925e-05
    -1.4513424  | 0.10052200 | 0.30175131 | 0.4626236 | 4.277824  | 3.6022121 | 0.8424252 | 9.530451e-02
    -0.5504494  | 0.08902854 | 0.01146902 | 0.1027914 | 40.480414 | 0.1545889 | 0.1737299 | 9.364526e-02
""").astype(float)


def pooled_from(within: np.ndarray, between: np.ndarray, estimate: np.ndarray, dfcom: float) -> pooling.Pooled:
    """Five imputations with these means and variances."""
    steps = np.array([-2, -1, 0, 1, 2])[:, None] / np.sqrt(2.5)
    return pooling.pool(estimate + steps * np.sqrt(between), np.tile(within, (5, 1)), dfcom)


def test_rubins_rules_are_those_of_mice():
    """R: pool(with(mice(mammalsleep, maxit = 10), lm(sws ~ log10(bw) + odi))), degrees of freedom of complete data 59"""
    pooled = pooled_from(MAMMALS["ubar"].to_numpy(), MAMMALS["b"].to_numpy(), MAMMALS["estimate"].to_numpy(), 59)
    assert pooled.estimate == pytest.approx(MAMMALS["estimate"], rel=1e-9)
    assert pooled.se**2 == pytest.approx(MAMMALS["t"], rel=1e-6)
    assert pooled.degrees_of_freedom == pytest.approx(MAMMALS["df"], rel=1e-6)
    assert pooled.relative_increase == pytest.approx(MAMMALS["riv"], rel=1e-6)
    assert pooled.fraction_missing_information == pytest.approx(MAMMALS["fmi"], rel=1e-6)
    assert pooled.p_value == pytest.approx(MAMMALS["p"], rel=1e-5)


def test_degrees_of_freedom_are_barnard_and_rubins_as_they_wrote_them():
    """1 / (1 / v_m + 1 / v_obs), by another way than the module's; nothing missing and complete data without end as limits."""
    rng = np.random.default_rng(2)
    estimates, variances = rng.normal(size=(20, 4)) * [0.1, 0.5, 1, 2], rng.uniform(0.5, 1, size=(20, 4))
    pooled = pooling.pool(estimates, variances, 80)
    gamma = 1.05 * estimates.var(axis=0, ddof=1) / (variances.mean(axis=0) + 1.05 * estimates.var(axis=0, ddof=1))
    of_draws, of_data = 19 / gamma**2, (1 - gamma) * 80 * 81 / 83
    assert pooled.degrees_of_freedom == pytest.approx(1 / (1 / of_draws + 1 / of_data), rel=1e-12)
    assert pooling.pool(estimates, variances, 1e12).degrees_of_freedom == pytest.approx(of_draws, rel=1e-6)
    same = pooling.pool(np.ones((5, 1)), np.ones((5, 1)), 80)
    assert (same.se[0], same.fraction_missing_information[0]) == pytest.approx((1, 2 / (80 * 81 / 83 + 3)))
    assert same.degrees_of_freedom[0] == pytest.approx(80 * 81 / 83)


def test_the_cumulative_hazard_is_nelson_and_aalens():
    data = gbsg()
    time, event = np.ceil(data["pfs1_months"].to_numpy(dtype=float) / 90), data["pfs1_event"].to_numpy(dtype=bool)
    steps = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(time, event).cumulative_hazard_.iloc[:, 0]
    assert imputation.nelson_aalen(time, event) == pytest.approx(steps.loc[time].to_numpy())


def holes(n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """A yes or no, a grade from 0 to 3 and a number, a fifth missing of each; and two columns that are known."""
    rng = np.random.default_rng(3)
    known = rng.normal(size=(n, 2))
    columns = np.column_stack(
        [
            known[:, 0] + rng.normal(size=n) > 0,
            np.clip(np.round(1 + known[:, 1]), 0, 3),
            known.sum(axis=1) + rng.normal(size=n),
        ]
    ).astype(float)
    columns[rng.random(columns.shape) < 0.2] = np.nan
    return columns, known


def test_imputed_values_are_values_that_occur_and_observed_ones_stay():
    columns, known = holes()
    completed = imputation.impute(columns, known, **CHAINS)
    assert completed.shape == (5, 80, 3) and not np.isnan(completed).any()
    for values in completed:
        assert np.array_equal(values[~np.isnan(columns)], columns[~np.isnan(columns)])
        assert all(set(values[:, j]) <= set(columns[:, j]) for j in range(3))
    assert not np.array_equal(completed[0], completed[1])


def test_a_seed_gives_the_same_values_and_the_global_generator_is_left_alone():
    columns, known = holes()
    before = np.random.get_state()[1].copy()
    first = imputation.impute(columns, known, **CHAINS)
    assert np.array_equal(first, imputation.impute(columns, known, **CHAINS))
    assert not np.array_equal(first, imputation.impute(columns, known, **CHAINS | {"seed": 2}))
    assert np.array_equal(before, np.random.get_state()[1])
    more = imputation.impute(columns, known, **CHAINS | {"n_imputations": 7})
    assert np.array_equal(more[:5], first)


def test_a_donor_is_one_of_the_nearest_in_prediction(monkeypatch):
    """Brute force, with the draw of coefficients at the estimate; fewer observed than donors and ties included."""
    monkeypatch.setattr(imputation, "draw_coefficients", lambda x, y, rng: (np.array([0.0, 1.0]), np.array([0.0, 1.0])))
    for n, decimals, seed in ((60, 3, 0), (60, 0, 1), (4, 3, 2), (8, 0, 3)):
        rng = np.random.default_rng(seed)
        x = np.column_stack([np.ones(n + 20), np.round(rng.normal(size=n + 20), decimals)])
        y = np.append(np.arange(n, dtype=float), np.full(20, np.nan))
        seen = [set() for _ in range(20)]
        for _ in range(200):
            for place, value in enumerate(imputation.match(x, y, rng)):
                seen[place].add(int(value))
        for place in range(20):
            distance = np.abs(x[:n, 1] - x[n + place, 1])
            farthest = np.sort(distance)[min(n, imputation.DONORS) - 1]
            assert max(distance[list(seen[place])]) <= farthest
            assert len(seen[place]) >= min(n, imputation.DONORS)


def test_draws_of_coefficients_scatter_as_the_posterior_does():
    """Mean and covariance of 4,000 draws: least squares, and the sum of squares over n - k - 2 times the inverse."""
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(40), rng.normal(size=(40, 2))])
    y = x @ [0.2, 1.0, -0.5] + rng.normal(size=40)
    draws = np.array([imputation.draw_coefficients(x, y, rng)[1] for _ in range(4000)])
    estimate, rest = np.linalg.lstsq(x, y, rcond=None)[:2]
    covariance = np.linalg.inv(x.T @ x) * rest / 35
    assert draws.mean(axis=0) == pytest.approx(estimate, abs=0.01)
    assert np.cov(draws.T) == pytest.approx(covariance, abs=0.003)


@pytest.mark.slow
def test_imputation_recovers_what_complete_cases_get_wrong():
    """24 studies of 300 patients, half of them incomplete, missing at random given event, time and allocation."""
    rng, imputed, complete = np.random.default_rng(6), [], []
    for study in range(24):
        columns, time, event = simulate(300, rng)
        whole = ~np.isnan(columns).any(axis=1)
        complete.append(fit_model(columns[whole], time[whole], event[whole])[0])
        imputed.append(impute_and_pool(columns, time, event, n_imputations=10, n_cycles=5, seed=study).estimate)
    complete, imputed = np.array(complete), np.array(imputed)
    error = imputed.std(axis=0, ddof=1) / np.sqrt(24)
    assert (np.abs(imputed.mean(axis=0) - TRUTH) < 3 * error).all()
    assert complete.mean(axis=0)[2] - TRUTH[2] > 0.1
    assert (imputed.std(axis=0) < complete.std(axis=0)).all()


# ---------------------------------------------------------------- models of the study

ADJUSTED = PRIMARY | {
    "id": "adjusted_imputed",
    "method": "imputed_cox",
    "covariates": ["allocation", "visceral_disease", "log_n_lesions"],
    "strata": ["centre"],
}


def study(missing: tuple[str, ...] = ("visceral_disease", "n_lesions")) -> pd.DataFrame:
    """300 patients of the breast cancer data with two covariates made up; every fifth value of `missing` is not known."""
    rng, patients = np.random.default_rng(7), gbsg().iloc[:300]
    visceral = (rng.random(300) < np.where(patients["het3"] == "all_neg", 0.6, 0.3)).astype(object)
    patients = patients.assign(
        centre=np.where(np.arange(300) % 3, "UMCG", "VUMC"),
        visceral_disease=visceral.astype(bool),
        n_lesions=1 + rng.poisson(4, 300),
    )
    patients = tables.conform(patients, "analysis_set")
    for place, name in enumerate(missing):
        patients[name] = patients[name].mask((np.arange(300) + place) % 5 == 0)
    return patients


def fit_study(patients: pd.DataFrame, **changes) -> dict[str, pd.DataFrame]:
    fitted = complete_and_imputed.fit_imputed_models([(ADJUSTED | changes, patients)], **CHAINS)
    tables.check(fitted, "imputed_models")
    return {method: rows.set_index("term") for method, rows in fitted.groupby("method")}


def test_complete_cases_are_the_cox_model_and_imputation_keeps_every_patient():
    fitted, model = fit_study(study()), hazard_ratios.fit_cox_models(study(), [ADJUSTED])[0].set_index("term")
    complete, imputed = fitted["complete cases"], fitted["multiple imputation"]
    assert (
        complete["coef"].tolist() == model["coef"].tolist()
        and complete["p_value"].tolist() == model["p_value"].tolist()
    )
    assert set(complete["n"]) == {180} and set(imputed["n"]) == {300}
    assert imputed["n_missing"].to_dict() == {
        "mixed": 0,
        "all_neg": 0,
        "A": 0,
        "visceral_disease": 60,
        "log_n_lesions": 60,
    }
    assert (imputed["degrees_of_freedom"] < imputed["n_events"]).all()
    assert (imputed["se"] > 0).all() and (imputed["fraction_missing_information"] > 0).all()
    assert imputed["ci_lower"].lt(imputed["hazard_ratio"]).all() and imputed["note"].iloc[0].startswith(
        "fewer imputations"
    )


def test_imputed_models_do_not_hang_on_the_order_of_rows():
    frames = [
        complete_and_imputed.fit_imputed_models([(ADJUSTED, rows)], **CHAINS)
        for rows in (study(), study().sample(frac=1, random_state=8))
    ]
    pd.testing.assert_frame_equal(*frames)


def test_with_nothing_missing_both_methods_are_one():
    fitted = fit_study(study(missing=()))
    pd.testing.assert_frame_equal(
        *(
            fitted[method][["n", "n_events", *complete_and_imputed.ESTIMATES]]
            for method in ("complete cases", "multiple imputation")
        )
    )
    assert set(fitted["multiple imputation"]["note"]) == {"nothing to impute: as complete cases"}
    assert (fitted["multiple imputation"]["relative_increase"] == 0).all()


@pytest.mark.parametrize(
    "column, lost", [("het3", 60), ("allocation", 60), ("centre", 60), ("pfs1_months", 60), ("fes_suvmax_gmean", 60)]
)
def test_marker_allocation_strata_and_endpoint_are_never_imputed(column, lost):
    patients = study().assign(fes_suvmax_gmean=3.0 + np.arange(300) % 7)
    patients[column] = patients[column].mask(np.arange(300) % 5 == 2)
    imputed = fit_study(patients, covariates=[*ADJUSTED["covariates"], "log_fes_suvmax"])["multiple imputation"]
    assert set(imputed["n"]) == {300 - lost}
    if column != "pfs1_months":
        name = {"fes_suvmax_gmean": "log_fes_suvmax"}.get(column, column)
        assert f"patients without {name} left out: it is never imputed" in imputed["note"].iloc[0]


def test_an_imputation_without_a_fit_empties_the_figures_and_is_named():
    patients = study(missing=("n_lesions",))
    patients["visceral_disease"] = patients["visceral_disease"] & ~patients["pfs1_event"]
    imputed = fit_study(patients)["multiple imputation"]
    assert imputed["coef"].isna().all() and imputed["degrees_of_freedom"].isna().all()
    assert imputed["note"].iloc[0] == "5 of 5 imputations without a fit: no event in visceral_disease"


@pytest.mark.parametrize(
    "change, words",
    [
        (
            lambda rows: rows.assign(visceral_disease=pd.array([None] * 300, "boolean")),
            "no value to impute from: visceral_disease",
        ),
        (lambda rows: rows.assign(visceral_disease=rows["visceral_disease"] & False), "no patient in visceral_disease"),
        (lambda rows: rows.iloc[:0], "nothing to impute"),
        (lambda rows: rows.assign(pfs1_event=False), "no event in"),
        (lambda rows: rows.iloc[:7], "without a fit"),
    ],
)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_poor_data_give_a_reason(change, words):
    assert words in fit_study(change(study()))["multiple imputation"]["note"].iloc[0]


def test_both_methods_stand_under_each_other_on_a_page():
    shown = other_models.present_imputed_models(
        complete_and_imputed.fit_imputed_models([(ADJUSTED, study())], **CHAINS)
    )
    assert shown["Method"].tolist() == ["complete cases", "multiple imputation"] * 5
    assert shown["Term"].tolist()[:2] == ["mixed", "mixed"] and shown["Missing information (%)"].iloc[0] == "–"
    assert other_models.present_imputed_models(tables.empty("imputed_models")).empty
