"""Tests of proportional hazards against R's cox.zph, case by case."""

import numpy as np
import pytest
from r_models import CASES, fitted
from r_values import EXPECTED, GRADE, values
from sonimage.diagnostics import proportional_hazards

ZPH = [name for name in CASES if (name, "zph_km_coefs_chisq") in EXPECTED.index.droplevel("term")]


@pytest.mark.parametrize("transform", proportional_hazards.TRANSFORMS)
@pytest.mark.parametrize("name", ZPH)
def test_proportional_hazards_are_tested_as_r_does(name, transform):
    """R: cox.zph(fit, transform = transform, terms = FALSE), and terms = TRUE"""
    data, fit = fitted(name)
    columns = CASES[name].columns
    variables = ["factor(grade):hormon" if ":" in c else "factor(grade)" if c in GRADE else c for c in columns]
    found = proportional_hazards.score_proportional_hazards(data, fit, variables, transform)
    for level, quantity, names in (
        ("coefficient", "coefs", columns),
        ("term", "terms", list(dict.fromkeys(variables))),
    ):
        statistics = found.loc[found["level"].isin([level, "global"]), "statistic"]
        expected = values(name, f"zph_{transform}_{quantity}_chisq", [*names, "GLOBAL"])
        np.testing.assert_allclose(statistics, expected, rtol=1e-6)


def test_there_are_enough_cases_of_proportional_hazards():
    assert len(ZPH) >= 8
