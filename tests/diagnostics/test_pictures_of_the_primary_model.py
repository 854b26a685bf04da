"""Pictures of the primary Cox model: effects that change, bent variables and calibration, where the truth is known."""

import numpy as np
import pandas as pd
import pytest
from breast_cancer import CURVES, PRIMARY, gbsg
from patsy import dmatrix
from r_values import ARM, REFERENCE, load
from sonimage import tables
from sonimage.cox import hazard_ratios, partial_likelihood
from sonimage.diagnostics import (
    calibration,
    functional_form,
    influence,
    internal_validation,
    martingales,
    proportional_hazards,
    replicates,
    smoothing,
    varying_effects,
)
from sonimage.report.figures import assumptions
from sonimage.survival import group_curves
from statsmodels.nonparametric.smoothers_lowess import lowess

VARIABLES = ["log_fes_suvmax", "log_n_lesions"]


def study(n: int, hazard, seed: int, until: float = 60) -> pd.DataFrame:
    """Patients whose events come at `hazard(month, patients)` per month, drawn month by month, censored between 24 and `until`."""
    generator = np.random.default_rng(seed)
    patients = pd.DataFrame(
        {
            "patient_id": [f"P{number:05d}" for number in range(n)],
            "het3": generator.choice(["all_pos", "mixed", "all_neg"], n, p=[0.5, 0.3, 0.2]),
            "allocation": generator.choice(["B", "A"], n),
            "fes_suvmax_gmean": np.exp(generator.normal(0.5, 0.7, n)),
            "n_lesions": generator.integers(1, 30, n),
            "fes_eval_n": 3,
            "in_imaging_set": True,
        }
    )
    left, months, waiting = generator.exponential(size=n), np.full(n, np.inf), np.ones(n, dtype=bool)
    for month in range(int(until)):
        rate = hazard(month, patients)
        ends = waiting & (left <= rate)
        months[ends], waiting = month + left[ends] / rate[ends], waiting & ~ends
        left = left - rate
    censored = generator.uniform(24, until, n)
    patients = patients.assign(pfs1_months=np.minimum(months, censored), pfs1_event=months <= censored)
    return tables.conform(patients, "analysis_set")


def proportional(month: int, patients: pd.DataFrame) -> np.ndarray:
    group = patients["het3"].map({"all_pos": 0, "mixed": 0.5, "all_neg": 1.0})
    return 0.03 * np.exp(group - 0.5 * (patients["allocation"] == "A")).to_numpy()


def fading(month: float, patients: pd.DataFrame) -> np.ndarray:
    """The log hazard ratio of the negative group begins at 1.2 and falls by 0.04 each month; events are few."""
    return 0.008 * np.exp((patients["het3"] == "all_neg") * (1.2 - 0.04 * (month + 0.5))).to_numpy()


def analysed(patients: pd.DataFrame) -> internal_validation.Analysed:
    return hazard_ratios.analyse(patients, PRIMARY)


def calibrated(patients: pd.DataFrame, months: float = 24, **changes) -> pd.DataFrame:
    settings = {"calibration_months": months, "n_groups": 3, "n_bootstrap": 300, "seed": 1} | changes
    return calibration.assess_calibration(analysed(patients), **settings)


def gbsg100() -> pd.DataFrame:
    return gbsg()[lambda patients: patients["patient_id"].isin(load("gbsg100")["pid"].map("{:05d}".format))]


def test_a_spline_spans_the_curves_of_another_library():
    values = np.random.default_rng(1).gamma(2, size=80)
    knots = smoothing.place_knots(values, 4)
    inner, ends = list(knots[1:-1]), {"lower_bound": knots[0], "upper_bound": knots[-1]}
    peer = np.asarray(
        dmatrix(
            "cr(x, knots=inner, lower_bound=low, upper_bound=high) - 1",
            {"x": values, "inner": inner, "low": ends["lower_bound"], "high": ends["upper_bound"]},
        )
    )
    ours = smoothing.spline_basis(values, knots)
    np.testing.assert_allclose(ours.sum(axis=1), 1)
    np.testing.assert_allclose(ours @ np.linalg.pinv(ours), peer @ np.linalg.pinv(peer), atol=1e-8)
    assert smoothing.place_knots(np.zeros(9), 4) is None and smoothing.place_knots(np.array([]), 4) is None


@pytest.mark.parametrize("ties", [False, True])
def test_lowess_is_that_of_statsmodels(ties):
    generator = np.random.default_rng(2)
    values = generator.integers(0, 11, 90).astype(float) if ties else generator.normal(size=90)
    outcome, grid = generator.normal(size=90), np.linspace(values.min(), values.max(), 30)
    expected = lowess(outcome, values, frac=2 / 3, it=0, xvals=grid)
    np.testing.assert_allclose(smoothing.lowess_weights(values, grid, 2 / 3) @ outcome, expected, atol=1e-8)


def test_schoenfeld_residuals_are_those_of_r_with_their_patients():
    """R: residuals(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg100), "scaledsch"), which adds the coefficients"""
    expected = pd.read_csv(REFERENCE / "schoenfeld.csv").query("quantity == 'scaledsch'")["value"].to_numpy()
    patients = gbsg100()
    rows = varying_effects.list_schoenfeld(analysed(patients))
    tables.check(rows, "schoenfeld_residuals")
    by_term = [rows.loc[rows["term"] == term, "coef_at_event"] for term in ("mixed", "all_neg", "A")]
    place = np.tile(by_term[0].index // 3, 3)  # events of one day may stand in another order
    moment = np.unique(rows["months"], return_inverse=True)[1][::3][place] + 1000 * np.repeat(
        [0, 1, 2], len(by_term[0])
    )
    found = np.concatenate(by_term)
    in_order = [values[np.lexsort([values, moment])] for values in (found, expected)]
    np.testing.assert_allclose(*in_order, atol=1e-9)
    months = rows["patient_id"].map(patients.set_index("patient_id")["pfs1_months"])
    assert (months == rows["months"]).all() and rows["patient_id"].map(
        patients.set_index("patient_id")["pfs1_event"]
    ).all()


def test_the_smooth_and_its_band_follow_the_formulas_of_plot_cox_zph():
    """R: plot(cox.zph(fit, terms = FALSE)): ns(c(grid, x), df = 4), least squares, 2 sqrt(var(coef) d p' (X'X)^-1 p)"""
    one = analysed(gbsg100())
    residuals = varying_effects.list_schoenfeld(one)
    smooth = varying_effects.smooth_schoenfeld(one, residuals)
    tables.check(smooth, "schoenfeld_smooth")
    events, curve = (rows[rows["term"] == "mixed"] for rows in (residuals, smooth))
    x, grid = events["transformed_time"].to_numpy(), np.linspace(0, events["transformed_time"].max(), 40)
    assert curve["transformed_time"].to_numpy() == pytest.approx(grid) and x.min() == 0
    together = np.concatenate([grid, x])
    inner = list(np.quantile(together, [1 / 3, 2 / 3]))
    basis = np.asarray(dmatrix("cr(together, knots=inner) - 1", {"together": together, "inner": inner}))
    p, design = basis[:40], basis[40:]
    fitted = p @ np.linalg.lstsq(design, events["coef_at_event"], rcond=None)[0]
    half = 2 * one.fitted.fit.se[0] * np.sqrt(len(x) * np.einsum("ij,jk,ik->i", p, np.linalg.inv(design.T @ design), p))
    np.testing.assert_allclose(curve["coef"], fitted, atol=1e-7)
    np.testing.assert_allclose(curve["ci_upper"] - curve["coef"], half, atol=1e-7)


def test_an_effect_that_fades_is_seen_to_fade_as_it_does():
    one = analysed(study(3000, fading, seed=3))
    smooth = varying_effects.smooth_schoenfeld(one, varying_effects.list_schoenfeld(one))
    curve, level = (smooth[smooth["term"] == term] for term in ("all_neg", "A"))
    inside = curve[curve["months"].between(2, 45)]
    truth = 1.2 - 0.04 * inside["months"]
    # one step of Newton: a departure is stretched or shrunk as the group's variance differs from its mean over time
    assert (inside["coef"] - truth).abs().max() < 0.5 and (inside["coef"].diff().dropna() < 0).all()
    assert (inside["coef"] - truth).abs().mean() < 0.25 and np.corrcoef(inside["coef"], truth)[0, 1] > 0.97
    assert curve["coef_constant"].between(curve["ci_lower"], curve["ci_upper"]).mean() < 0.5
    assert level["coef_constant"].between(level["ci_lower"], level["ci_upper"]).mean() > 0.8
    hazards = proportional_hazards.check_proportional_hazards([one]).set_index(["level", "name"])["p_value"]
    assert hazards["coefficient", "all_neg"] < 1e-8 < 0.01 < hazards["coefficient", "A"]


@pytest.mark.parametrize("is_bent", [True, False])
def test_a_bent_variable_bends_the_smooth_and_a_straight_one_does_not(is_bent):
    def hazard(month: int, patients: pd.DataFrame) -> np.ndarray:
        x = np.log(patients["fes_suvmax_gmean"].to_numpy()) - 0.5
        return 0.03 * np.exp(1.2 * x**2 - 0.5 if is_bent else -0.8 * x)

    patients, tests = functional_form.list_functional_form(study(800, hazard, seed=4), PRIMARY, VARIABLES)
    curves = functional_form.smooth_functional_form(patients)
    for rows, name in (
        (patients, "functional_form"),
        (tests, "functional_form_tests"),
        (curves, "functional_form_curves"),
    ):
        tables.check(rows, name)
    p_values, curve = tests.set_index("variable")["p_value"], curves[curves["variable"] == "log_fes_suvmax"]
    low, middle, high = np.interp((-1, 0.5, 2), curve["value"], curve["smooth"])
    if is_bent:
        assert p_values["log_fes_suvmax"] < 1e-8 and min(low, high) > middle + 0.3
    else:
        assert p_values["log_fes_suvmax"] > 0.01 and low > middle + 0.2 > high + 0.4
    assert p_values["log_n_lesions"] > 0.01
    other = curves[curves["variable"] == "log_n_lesions"]
    assert ((other["ci_lower"] < 0) & (other["ci_upper"] > 0)).mean() > 0.7


@pytest.mark.slow
def test_a_well_specified_model_of_many_patients_is_calibrated():
    patients = study(1500, proportional, seed=5)
    rows = calibrated(patients)
    tables.check(rows, "cox_calibration")
    groups, line = (rows[rows["kind"] == kind] for kind in (calibration.GROUP, calibration.LINE))
    assert groups["n"].sum() == 1500 and groups["predicted"].is_monotonic_increasing
    assert (groups["observed"] - groups["predicted"]).abs().max() < 0.05
    assert groups["predicted"].between(groups["ci_lower"], groups["ci_upper"]).sum() >= 2
    np.testing.assert_allclose(line["observed"], line["predicted"], atol=0.01)
    assert rows["mean_absolute_error"].dropna().item() < 0.01
    one = analysed(patients)
    validation = internal_validation.validate(one, n_bootstrap=300, n_permutation=1, seed=1).set_index("statistic")
    assert validation.loc["calibration slope, corrected", "estimate"] == pytest.approx(1, abs=0.03)


def test_optimism_draws_the_line_of_few_patients_to_the_middle():
    line = calibrated(study(60, proportional, seed=6)).query("kind == @calibration.LINE")
    assert (
        line["observed"].iloc[0] > line["predicted"].iloc[0] and line["observed"].iloc[-1] < line["predicted"].iloc[-1]
    )


def test_in_its_own_sample_every_model_predicts_what_it_was_fitted_to():
    """The line less optimism starts from the identity: with each patient once in the replicate, nothing moves."""
    one = analysed(gbsg100())
    grid = np.linspace(0.2, 0.9, 8)
    curves = calibration._recalibrated(one, np.ones((1, len(one.patients)), dtype=int), grid, 1000)
    np.testing.assert_allclose(curves, grid[None], atol=1e-8)


def test_the_baseline_hazard_of_replicates_is_that_of_the_sample_written_out():
    frame = load("gbsg100")
    data = partial_likelihood.prepare(frame[ARM], frame["months"], frame["status"])
    counts = replicates.draw_bootstrap(len(frame), 5, seed=1)
    coef = np.array([0.5, 1.0, -0.3])
    found = calibration.cumulative_hazard(data, np.tile(data.x @ coef, (5, 1)), counts[:, data.order].astype(float), 36)
    for hazard, row in zip(found, counts, strict=True):
        sample = frame.loc[np.repeat(frame.index, row)]
        alone = partial_likelihood.prepare(sample[ARM], sample["months"], sample["status"])
        fit = partial_likelihood.fit_cox(alone)._replace(coef=coef)
        baseline = martingales.baseline_hazard(alone, fit).query("time <= 36")["hazard"].iloc[-1]
        assert hazard == pytest.approx(baseline * np.exp(data.centre @ coef), rel=1e-10)


def test_calibration_beyond_the_follow_up_is_not_guessed():
    rows = calibrated(study(60, proportional, seed=6), months=61)
    assert len(rows) == 1 and rows["observed"].isna().all() and rows["note"].str.contains("followed for").all()


def everything(patients: pd.DataFrame) -> dict[str, pd.DataFrame]:
    one = analysed(patients)
    schoenfeld, residuals = varying_effects.list_schoenfeld(one), influence.list_residuals(one)
    form, tests = functional_form.list_functional_form(patients, PRIMARY, VARIABLES)
    return {
        "schoenfeld_residuals": schoenfeld,
        "schoenfeld_smooth": varying_effects.smooth_schoenfeld(one, schoenfeld),
        "functional_form": form,
        "functional_form_tests": tests,
        "functional_form_curves": functional_form.smooth_functional_form(form),
        "cox_calibration": calibrated(patients, n_bootstrap=20),
        "cox_residuals": residuals,
        "cox_influence": influence.summarise_influence(one, residuals),
        "proportional_hazards": proportional_hazards.check_proportional_hazards([one]),
        "survival_curves": group_curves.summarise_survival([(CURVES[0][0], patients)], [24])[0],
    }


def figures(found: dict[str, pd.DataFrame]) -> list:
    plots = assumptions
    return [
        plots.effects_over_time(
            *(found[name] for name in ("schoenfeld_residuals", "schoenfeld_smooth", "proportional_hazards")), "-"
        ),
        plots.functional_form(
            *(found[name] for name in ("functional_form", "functional_form_curves", "functional_form_tests"))
        ),
        plots.log_minus_log(found["survival_curves"], "het3", "-"),
        plots.calibration(found["cox_calibration"], "-"),
        plots.single_patients(found["cox_residuals"], found["cox_influence"], "-"),
    ]


def test_the_order_of_patients_changes_nothing():
    patients = study(80, proportional, seed=7)
    first, second = everything(patients), everything(patients.sample(frac=1, random_state=1))
    for name in first:
        pd.testing.assert_frame_equal(first[name], second[name])


@pytest.mark.parametrize("n", [0, 1, 2, 5, 80])
def test_figures_of_any_number_of_patients_are_drawn_without_their_numbers(n):
    found = everything(study(80, proportional, seed=7).iloc[:n])
    for name, rows in found.items():
        tables.check(rows, name)
    for figure, numbers in figures(found):
        assert not [column for column in numbers if "patient" in column or "date" in column]
        figure.canvas.draw()
        assumptions.plt.close(figure)
    if n < 3:
        assert found["schoenfeld_smooth"]["note"].notna().all() and found["cox_calibration"]["note"].notna().all()
        assert found["functional_form_tests"]["note"].notna().all()
