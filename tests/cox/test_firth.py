"""Firth's Cox models against R's coxphf, and his logistic models against R's logistf."""

import numpy as np
import pandas as pd
import pytest
from r_models import ROSSI
from r_values import EXPECTED, G2, G3, load
from sonimage.cox.firth import fit_firth
from sonimage.models.logistic import fit_firth_logistic, fit_likelihood

# R: coxphf(Surv(<time>, status) ~ <columns>, pl = TRUE); Breslow ties
CASES = {
    "firth_gbsg100": ("gbsg100", "time", [G2, G3, "hormon"]),
    "firth_gbsg100_months": ("gbsg100", "months", [G2, G3, "hormon"]),
    "firth_ovarian": ("ovarian", "time", ["age", "resid", "rx"]),
    "firth_rossi": ("rossi", "time", ROSSI),
    "firth_sep60": ("sep60", "time", ["all_pos", "mixed", "trt"]),
}
QUANTITIES = {
    "coef": "coef",
    "se": "se",
    "ci_lower": "hr_lower95_pl",
    "ci_upper": "hr_upper95_pl",
    "p_value": "p_pl",
}
TOLERANCE = {"rtol": 1e-6, "atol": 2e-7}  # both programs stop at about 1e-7

# Endometrial cancer (Heinze and Schemper, Stat Med 2002;21:2409, by courtesy of E. Asseryanis): histology high grade or not,
# neovasculisation, pulsatility index, endometrium height. No patient with neovasculisation has low grade.
ENDOMETRIAL = {
    False: """
        0 13 1.64  0 16 2.26  0  8 3.14  0 34 2.68  0 20 1.28  0  5 2.31  0 17 1.80  0 10 1.68  0 26 1.56  0 17 2.31
        0  8 2.01  0  7 1.89  0 20 3.15  0 10 1.23  0 18 1.27  0 16 1.76  0 18 2.00  0 28 1.50  0 11 1.33  0 19 2.37
        0 10 1.82  0 10 3.13  0 18 1.31  0 14 1.92  0 21 1.64  0 11 2.01  0 17 1.88  0 25 1.93  0 16 2.11  0 19 1.29
        0 15 1.72  0 33 0.75  0 24 1.92  0 29 2.02  0 15 2.29  0 12 2.33  0  3 2.90  0 20 1.70  0 23 1.41  0 12 2.25
        0 22 1.54  0 42 1.97  0 15 1.75  0 13 2.16  0 14 2.57  0 19 1.37  0 12 3.61  0 13 2.04  0 10 2.17
    """,
    True: """
        0  8 2.64  0 29 0.88  0 12 1.27  0 20 1.37  1 38 0.97  1 22 1.14  1  7 0.88  1 25 0.91  1 15 0.58  0  7 0.97
        0 48 1.84  0 12 1.11  0 19 1.61  0  2 1.18  1 22 1.44  1 40 1.18  1  5 0.93  1  0 1.17  0 21 1.19  0 15 1.06
        0 12 1.69  1 49 0.27  0  6 1.84  0  5 1.30  0 17 0.96  1 11 1.01  1 21 0.98  0  5 0.35  1 19 1.02  0 33 0.85
    """,
}
# coefficient, lower and upper 95 % limit of the penalised profile likelihood, as printed by logistf
LOGISTF = {
    "NV": (2.92927330, 0.6097244, 7.85463171),
    "PI": (-0.03475175, -0.1244587, 0.04045547),
    "EH": (-2.60416387, -4.3651832, -1.23272106),
}
# veterans with and without symptoms of AIDS, by AZT at once or later, and race (Agresti, Categorical Data Analysis, 2002,
# table 5.6)
AZT = {
    ("AZT", "white"): (14, 93),
    ("later", "white"): (32, 81),
    ("AZT", "black"): (11, 52),
    ("later", "black"): (12, 43),
}


@pytest.mark.parametrize("case", CASES)
def test_coefficients_profile_limits_and_tests_are_those_of_coxphf(case):
    name, time, columns = CASES[case]
    frame = load(name)
    if name == "sep60":
        frame = frame.assign(all_pos=frame["group"] == "all_pos", mixed=frame["group"] == "mixed")
    rows = fit_firth(frame[columns].astype(float), frame[time], frame["status"]).set_index("term")
    for column, quantity in QUANTITIES.items():
        named = [{G2: "g2", G3: "g3"}.get(term, term) for term in columns]
        expected = [EXPECTED[case, quantity, term] for term in named]
        np.testing.assert_allclose(rows.loc[columns, column], expected, **TOLERANCE, err_msg=f"{case} {column}")


def test_logistic_coefficients_and_profile_limits_are_those_of_logistf():
    """R: logistf(HG ~ NV + PI + EH, endometrial, pl = TRUE)"""
    parts = [np.array(text.split(), dtype=float).reshape(-1, 3) for text in ENDOMETRIAL.values()]
    assert [len(part) for part in parts] == [49, 30]
    outcome = pd.Series(np.repeat(list(ENDOMETRIAL), [49, 30]).astype(float))
    columns = pd.DataFrame(np.vstack(parts), columns=list(LOGISTF))
    assert fit_likelihood(outcome, columns) == (None, "separation or no convergence")
    rows, problem = fit_firth_logistic(outcome, columns)
    assert problem is None
    found = np.column_stack([rows["coef"], np.log(rows["ci_lower"]), np.log(rows["ci_upper"])])
    np.testing.assert_allclose(found, list(LOGISTF.values()), rtol=1e-5)


def test_logistic_estimates_are_those_printed_for_the_trial_of_azt():
    """Printed: prediction -1.074 - 0.720 AZT + 0.056 white, standard error of AZT 0.279; rounded from rounded figures"""
    rows = [
        (azt == "AZT", race == "white", yes)
        for (azt, race), n in AZT.items()
        for yes in (True, False)
        for _ in range(n[not yes])
    ]
    frame = pd.DataFrame(rows, columns=["azt", "white", "symptoms"]).astype(float)
    assert len(frame) == 338
    found, _ = fit_likelihood(frame["symptoms"], frame[["azt", "white"]])
    assert [*found["coef"], found.loc["azt", "se"]] == pytest.approx([-0.720, 0.056, 0.279], abs=6e-4)
