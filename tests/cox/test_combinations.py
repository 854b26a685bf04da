"""Hazard ratios within an interaction, and splines: against R, other codings of the same model, and known truths."""

import numpy as np
import pandas as pd
import pytest
from breast_cancer import PRIMARY, gbsg
from patsy import cr, dmatrix
from r_values import EXPECTED, REFERENCE
from sonimage import tables
from sonimage.cox import hazard_ratios, partial_likelihood, splines
from sonimage.cox.combinations import combine, contrast_interactions, trace_splines

INTERACTION = PRIMARY | {"id": "interaction", "interaction": True}
SPLINE = PRIMARY | {"id": "spline", "grouping": None, "covariates": ["er_percent", "allocation"]}
BENT = SPLINE | {"splines": {"er_percent": 4}}


def contrasts(patients: pd.DataFrame) -> pd.DataFrame:
    rows = contrast_interactions([hazard_ratios.analyse(patients, INTERACTION)])
    tables.check(rows, "cox_contrasts")
    return rows.set_index(["term", "within"])


def with_number(patients: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    return patients.assign(er_percent=np.random.default_rng(seed).uniform(0, 100, len(patients)))


@pytest.mark.parametrize(("level", "grade"), [("mixed", 2), ("all_neg", 3)])
def test_treatment_within_a_group_is_the_sum_and_its_variance_as_r_has_them(level, grade):
    """R: f <- coxph(Surv(time, status) ~ factor(grade) * hormon); sums of coef(f), and of vcov(f)"""
    row, name = contrasts(gbsg()).loc[("A", level)], f"factor(grade){grade}:hormon"
    coef, vcov = EXPECTED["gbsg_grade_x_hormon", "coef"], EXPECTED["gbsg_grade_x_hormon", "vcov"]
    assert row["coef"] == pytest.approx(coef["hormon"] + coef[name], rel=1e-8)
    pair = vcov.get(f"hormon|{name}", vcov.get(f"{name}|hormon"))
    assert row["se"] ** 2 == pytest.approx(vcov["hormon|hormon"] + vcov[f"{name}|{name}"] + 2 * pair, rel=1e-8)


def test_every_contrast_is_the_coefficient_of_the_model_coded_from_there():
    """Another reference group, or another reference arm, makes each contrast a coefficient of its own."""
    found, data = contrasts(gbsg()), gbsg()
    groups = {name: (data["het3"] == name).astype(float) for name in ("all_pos", "mixed", "all_neg")}
    for within, first in [*((name, name) for name in groups), ("A", "all_pos"), ("B", "all_pos")]:
        arm = (data["allocation"] == ("B" if within == "A" else "A")).astype(float)
        others = [name for name in groups if name != first]
        columns = [groups[name] for name in others] + [arm] + [groups[name] * arm for name in others]
        fit = partial_likelihood.fit_cox(
            partial_likelihood.prepare(np.column_stack(columns), data["pfs1_months"], data["pfs1_event"])
        )
        for term in ["A"] if within in groups else others:
            at = 2 if within in groups else others.index(term)
            row = found.loc[(term, within)]
            np.testing.assert_allclose((row["coef"], row["se"]), (fit.coef[at], fit.se[at]), rtol=1e-7)


def test_contrasts_count_who_is_compared_and_have_no_p_value():
    found, data = contrasts(gbsg()), gbsg()
    members = data[(data["het3"] != "all_neg") & (data["allocation"] == "A")]
    row = found.loc[("mixed", "A")]
    assert (row["n"], row["n_events"]) == (len(members), members["pfs1_event"].sum())
    assert len(found) == 7 and "p_value" not in found and found["note"].str.contains("estimation only").all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_contrasts_of_hardly_any_patient_are_empty_and_say_why(n):
    found = contrasts(gbsg().iloc[:n])
    assert len(found) == 7 and found["hazard_ratio"].isna().all() and found["note"].notna().all()


def test_a_spline_spans_the_natural_splines_of_its_knots():
    """patsy's natural cubic splines (Wood 2006) are built otherwise and span the same curves."""
    patients = with_number(gbsg())
    x = patients["er_percent"].to_numpy()
    knots = splines.place_knots(x, 4)
    np.testing.assert_allclose(knots, np.percentile(x, [5, 35, 65, 95]))
    inside = np.clip(x, knots[0], knots[-1])  # within the knots both are cubic; patsy refuses to go beyond
    theirs = np.asarray(dmatrix("cr(x, knots=k, lower_bound=a, upper_bound=b) - 1",
                                {"x": inside, "k": knots[1:-1], "a": knots[0], "b": knots[-1], "cr": cr}))  # fmt: skip
    ours = np.column_stack([np.ones_like(x), inside, splines.bend(inside, knots)])
    assert np.linalg.matrix_rank(np.column_stack([ours, theirs]), tol=1e-6) == 4


def test_a_spline_model_is_that_of_r():
    """R: k <- quantile(age, c(.1, .5, .9)); coxph(Surv(time, status) ~ ns(age, knots = k[2], Boundary.knots = k[-2]) + hormon)

    Its log likelihood, that of the line, and log hazard ratios with errors against the median age.
    """
    age = pd.read_csv(REFERENCE / "gbsg.csv")["age"].to_numpy()
    patients = gbsg().assign(er_percent=age)
    bent = hazard_ratios.analyse(patients, BENT | {"splines": {"er_percent": 3}})
    expected = EXPECTED["gbsg_age_spline", "loglik"]
    assert bent.fitted.fit.loglik == pytest.approx(expected["ns"], abs=1e-8)
    assert hazard_ratios.analyse(patients, SPLINE).fitted.fit.loglik == pytest.approx(expected["age"], abs=1e-8)
    knots, terms = splines.place_knots(age, 3), ["er_percent", "er_percent, bend 1"]
    for at in (35, 45, 65, 75):
        here, median = (np.append(x, splines.bend(np.array([x]), knots)) for x in (at, np.median(age)))
        row = combine(bent.fitted, [dict(zip(terms, here - median, strict=True))]).iloc[0]
        assert row["coef"] == pytest.approx(EXPECTED["gbsg_age_spline", "log_ratio", str(at)], rel=1e-7)
        assert row["se"] == pytest.approx(EXPECTED["gbsg_age_spline", "se", str(at)], rel=1e-7)


def test_a_spline_is_linear_beyond_its_knots():
    knots = np.array([1.0, 2.0, 4.0, 7.0])
    beyond = splines.bend(np.array([7.0, 8.0, 9.0, 30.0, 31.0, 32.0]), knots)
    np.testing.assert_allclose(np.diff(beyond[:3], 2, axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(beyond[2] - beyond[1], beyond[5] - beyond[4])
    assert (splines.bend(np.array([-5.0, 1.0]), knots) == 0).all()


def test_the_tests_of_a_spline_are_differences_of_likelihoods():
    patients = with_number(gbsg())
    straight, bent = (hazard_ratios.analyse(patients, one).fitted.fit.loglik for one in (SPLINE, BENT))
    tests = hazard_ratios.fit_cox_models(patients, [BENT])[1].set_index("hypothesis")
    linear, whole = tests.loc["er_percent is linear"], tests.loc["er_percent has no effect"]
    assert linear["statistic"] == pytest.approx(2 * (bent - straight), abs=1e-8)
    assert (linear["degrees_of_freedom"], whole["degrees_of_freedom"]) == (2, 3)


def test_the_curve_follows_a_bend_that_is_there_and_is_1_at_the_median():
    patients = with_number(pd.concat([gbsg()] * 3, ignore_index=True), seed=3)
    patients["patient_id"] = [f"{number:05d}" for number in range(len(patients))]
    risk = np.abs(patients["er_percent"] - 50) / 25  # lowest in the middle
    patients["pfs1_months"] = np.random.default_rng(4).exponential(1 / np.exp(risk))
    curve = trace_splines([hazard_ratios.analyse(patients.assign(pfs1_event=True), BENT)])
    tables.check(curve, "spline_curves")
    by_value = curve.set_index("value")["coef"]
    assert by_value.iloc[0] > 1 and by_value.iloc[-1] > 1 and 35 < by_value.idxmin() < 65
    nearest = curve.iloc[(curve["value"] - curve["reference_value"]).abs().argmin()]
    assert abs(nearest["coef"]) < 0.05 and nearest["se"] < 0.05


def test_knots_that_coincide_are_named_and_the_line_is_fitted():
    patients = gbsg().assign(er_percent=np.where(np.arange(686) % 10 > 0, 90.0, 50.0))
    models, tests = hazard_ratios.fit_cox_models(patients, [BENT])
    models = models.set_index("term")
    assert (
        models.loc["er_percent", "hazard_ratio"] > 0
        and models.loc[models.index.str.contains("bend"), "coef"].isna().all()
    )
    assert tests.set_index("hypothesis").loc["er_percent is linear", "statistic"] != 0
    curve = trace_splines([hazard_ratios.analyse(patients, BENT)])
    assert len(curve) == 1 and curve["note"].str.contains("knots coincide").all()


def test_a_variable_with_words_enters_with_a_term_per_word():
    patients = gbsg().assign(centre=np.where(np.arange(686) % 3 > 0, "UMCG", "VUMC"))
    patients.loc[:9, "centre"] = None
    models, tests = hazard_ratios.fit_cox_models(patients, [PRIMARY | {"grouping": None, "covariates": ["centre"]}])
    assert list(models["term"]) == ["centre: VUMC"] and list(models["reference"]) == ["UMCG"]
    assert (tests["n"].iloc[0], tests["n_left_out"].iloc[0]) == (676, 10)
    empty = hazard_ratios.fit_cox_models(
        patients.assign(centre=None), [PRIMARY | {"grouping": None, "covariates": ["centre"]}]
    )[0]
    assert empty["hazard_ratio"].isna().all() and empty["note"].notna().all()
