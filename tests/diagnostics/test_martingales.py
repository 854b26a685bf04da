"""Residuals, baseline hazard and robust errors of Cox models against R's survival."""

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_stanford_heart_transplants
from r_models import CASES, ROSSI, fitted, prepared
from r_values import ARM, EXPECTED, REFERENCE, load, values
from sonimage.cox import partial_likelihood
from sonimage.diagnostics import martingales, proportional_hazards


def of_patients(quantity: str, terms: list[str] | None = None) -> np.ndarray:
    """Expected residuals of gbsg100 in the order of its patients."""
    pid = pd.read_csv(REFERENCE / "gbsg100.csv")["pid"]
    if terms is None:
        return np.array([EXPECTED["gbsg100_resid", quantity, str(p)] for p in pid])
    return np.array([[EXPECTED["gbsg100_resid", quantity, f"{p}|{term}"] for term in terms] for p in pid])


def test_residuals_are_those_of_r():
    """R: residuals(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg100), type =)"""
    data, fit = fitted("gbsg100_grade_hormon")
    np.testing.assert_allclose(martingales.martingale(data, fit), of_patients("martingale"), atol=1e-10)
    np.testing.assert_allclose(martingales.deviance(data, fit), of_patients("deviance"), atol=1e-10)
    np.testing.assert_allclose(martingales.dfbeta(data, fit), of_patients("dfbeta", ARM), atol=1e-10)


@pytest.mark.parametrize("quantity, is_scaled", [("schoenfeld", False), ("scaledsch", True)])
def test_schoenfeld_residuals_are_those_of_r(quantity, is_scaled):
    """R: residuals(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg100), "schoenfeld"), and "scaledsch"; by time"""
    expected = pd.read_csv(REFERENCE / "schoenfeld.csv").query("quantity == @quantity")["value"].to_numpy()
    data, fit = fitted("gbsg100_grade_hormon")
    _, found = martingales.schoenfeld(data, fit, is_scaled=is_scaled)
    np.testing.assert_allclose(found.T.ravel(), expected, atol=1e-9)


@pytest.mark.parametrize("ties, quantity", [("efron", "efron_H0"), ("breslow", "breslow_H0_at_breslow_fit")])
def test_baseline_hazard_is_that_of_r(ties, quantity):
    """R: basehaz(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg100, ties = ties), centered = FALSE)"""
    data = prepared(CASES["gbsg100_grade_hormon"])
    hazard = martingales.baseline_hazard(data, partial_likelihood.fit_cox(data, ties=ties))
    expected = EXPECTED["gbsg100_basehaz", quantity]
    at = np.searchsorted(hazard["time"], expected.index.astype(float), side="right")
    np.testing.assert_allclose(np.append(0, hazard["hazard"])[at], expected, atol=1e-10)


def test_robust_errors_are_those_of_r():
    """R: coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio, robust = TRUE)"""
    data, fit = fitted("rossi_full")
    np.testing.assert_allclose(
        np.sqrt(np.diag(martingales.sandwich(data, fit))), values("rossi_robust", "se", ROSSI), rtol=1e-8
    )
    np.testing.assert_allclose(fit.se, values("rossi_robust", "se_naive", ROSSI), rtol=1e-8)


def test_rows_cut_in_two_by_entry_times_are_the_rows_uncut():
    """Start-stop: each patient as two rows, at risk in (0, half] and (half, time]; robust errors cluster by patient."""
    frame, (data, fit) = load("gbsg100"), fitted("gbsg100_grade_hormon")
    half, none = frame["time"] / 2, np.zeros(len(frame))
    twice = partial_likelihood.prepare(
        pd.concat([frame[ARM]] * 2),
        np.append(half, frame["time"]),
        np.append(none, frame["status"]),
        entry=np.append(none, half),
    )
    cut = partial_likelihood.fit_cox(twice)
    np.testing.assert_allclose(cut.coef, fit.coef, rtol=1e-10)
    np.testing.assert_allclose(cut.se, fit.se, rtol=1e-10)
    clustered = martingales.sandwich(twice, cut, np.tile(np.arange(len(frame)), 2))
    np.testing.assert_allclose(clustered, martingales.sandwich(data, fit), rtol=1e-8)
    tests = [
        proportional_hazards.score_proportional_hazards(*pair, ARM)["statistic"] for pair in ((twice, cut), (data, fit))
    ]
    np.testing.assert_allclose(*tests, rtol=1e-8)


def test_start_and_stop_with_patients_as_clusters_are_those_of_r():
    """R: coxph(Surv(start, stop, event) ~ age + year + surgery + transplant, heart, cluster = id), and its cox.zph"""
    frame, names = load_stanford_heart_transplants(), ["age", "year", "surgery", "transplant"]
    data = partial_likelihood.prepare(frame[names], frame["stop"], frame["event"], entry=frame["start"])
    fit = partial_likelihood.fit_cox(data)
    np.testing.assert_allclose(fit.coef, values("heart", "coef", names), rtol=1e-8)
    np.testing.assert_allclose(fit.se, values("heart", "se", names), rtol=1e-8)
    robust = np.sqrt(np.diag(martingales.sandwich(data, fit, frame["id"])))
    np.testing.assert_allclose(robust, values("heart", "robust_se", names), rtol=1e-8)
    zph = proportional_hazards.score_proportional_hazards(data, fit, names).query("level != 'term'")
    np.testing.assert_allclose(zph["statistic"], values("heart", "zph_km_coefs_chisq", [*names, "GLOBAL"]), rtol=1e-6)
