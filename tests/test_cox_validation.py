"""Internal validation of a Cox model: R's cox.zph, likelihood theory and a loop over lifelines can prove it wrong."""

import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from sonimage import cox_validation
from test_cox import EXPECTED, PRIMARY, TERMS, fit, gbsg

DRAWS = {"n_bootstrap": 400, "n_permutation": 400, "seed": 1}


@pytest.fixture(scope="module")
def validated() -> pd.DataFrame:
    return cox_validation.validate_model(gbsg(), PRIMARY, **DRAWS).set_index(["statistic", "term"])


def test_score_tests_bear_the_names_of_terms_and_the_numbers_of_r():
    """R: cox.zph(coxph(Surv(time, status) ~ factor(grade) + hormon, gbsg), transform = "km")"""
    rows = cox_validation.check_proportional_hazards(gbsg(), [PRIMARY], transform="km").set_index(["kind", "term"])
    chi2 = EXPECTED["gbsg_grade_hormon"]
    for term, name in TERMS.items():
        assert rows.loc[("coefficient", term), "statistic"] == pytest.approx(chi2["zph_km_coefs_chisq", name], rel=1e-6)
    named = {("term", "het3"): "factor(grade)", ("term", "allocation"): "hormon", ("global", "all"): "GLOBAL"}
    for row, name in named.items():
        assert rows.loc[row, "statistic"] == pytest.approx(chi2["zph_km_terms_chisq", name], rel=1e-6)


def test_bootstrap_limits_are_near_those_of_wald(validated):
    model = fit(gbsg())[0]
    for term in ("mixed", "all_neg", "A"):
        row = validated.loc[("hazard ratio, bootstrap percentiles", term)]
        assert row["value"] == pytest.approx(model.loc[term, "hazard_ratio"], rel=1e-12)
        width = np.log(row["ci_upper"] / row["ci_lower"]) / (2 * 1.959964)
        assert width == pytest.approx(model.loc[term, "se"], rel=0.15)


def test_permutation_finds_a_marker_and_none_where_it_was_dealt_out(validated):
    assert validated.loc[("likelihood ratio of the group, permutation p", "het3"), "value"] == 1 / 401
    dealt = gbsg()
    dealt["het3"] = dealt["het3"].sample(frac=1, random_state=3).to_numpy()
    rows = cox_validation.validate_model(dealt, PRIMARY, **DRAWS).set_index("statistic")
    expected = fit(dealt)[1]["p_value"].iloc[0]
    assert rows.loc["likelihood ratio of the group, permutation p", "value"] == pytest.approx(expected, abs=0.08)


def concordance(model: CoxPHFitter, rows: pd.DataFrame) -> float:
    return model.score(rows, scoring_method="concordance_index")


def test_corrected_index_is_that_of_a_loop_over_lifelines(validated):
    """Harrell 1996: refit on draws of patients; optimism is the index there less the index in all patients."""
    frame = gbsg().sort_values("patient_id", ignore_index=True)
    data = pd.DataFrame(
        {
            "mixed": frame["het3"].eq("mixed"),
            "all_neg": frame["het3"].eq("all_neg"),
            "A": frame["allocation"].eq("A"),
            "time": frame["pfs1_months"],
            "event": frame["pfs1_event"],
        }
    ).astype(float)
    counts = np.random.default_rng(DRAWS["seed"]).multinomial(686, np.full(686, 1 / 686), size=400)[:300]
    optimism = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        apparent = concordance(CoxPHFitter().fit(data, "time", "event"), data)
        for times in counts[:30]:
            # lifelines' own concordance_index_ is wrong where an index repeats
            drawn = data.loc[np.repeat(data.index, times)].reset_index(drop=True)
            model = CoxPHFitter().fit(drawn, "time", "event")
            optimism.append(concordance(model, drawn) - concordance(model, data))
    row = validated.xs("Harrell's C, corrected for optimism").iloc[0]
    error = np.std(optimism, ddof=1) / np.sqrt(30)
    assert row["apparent"] == pytest.approx(apparent, abs=1e-12)
    assert row["n_used"] == 300
    assert apparent - row["value"] == pytest.approx(np.mean(optimism), abs=4 * error)


def test_order_of_patients_changes_nothing():
    shuffled = gbsg().sample(frac=1, random_state=2)
    few = DRAWS | {"n_bootstrap": 20, "n_permutation": 20}
    pd.testing.assert_frame_equal(
        cox_validation.validate_model(shuffled, PRIMARY, **few), cox_validation.validate_model(gbsg(), PRIMARY, **few)
    )


def test_without_a_fit_there_is_nothing_to_validate():
    no_event = gbsg().assign(pfs1_event=False)
    assert cox_validation.validate_model(no_event, PRIMARY, **DRAWS).empty
    assert cox_validation.check_proportional_hazards(no_event, [PRIMARY], transform="km").empty
