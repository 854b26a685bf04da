"""Two engines for every Cox model: they agree on real data, a wrong number is found, and what neither can fit is said."""

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_rossi
from sonimage.cox import engines, hazard_ratios
from sonimage.report.presentation import cox_models

ARREST = {"id": "arrest", "method": "cox", "objective": "Rossi", "population": "in_imaging_set", "grouping": "het3"}
ARREST |= {"definition": "S0", "covariates": ["allocation"]}


@pytest.fixture
def rossi() -> pd.DataFrame:
    """Rossi's 432 convicts in the shape of an analysis set: groups by age, financial aid as arm A."""
    rows = load_rossi()
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:03}" for i in range(len(rows))],
            "in_imaging_set": True,
            "fes_eval_n": 3,
            "pfs1_months": rows["week"].astype(float),
            "pfs1_event": rows["arrest"] == 1,
            "het3": pd.cut(rows["age"], [0, 21, 27, 99], labels=["all_pos", "mixed", "all_neg"]).astype(object),
            "allocation": np.where(rows["fin"] == 1, "A", "B"),
            "centre": np.where(rows["race"] == 1, "one", "two"),
        }
    )


def compared(patients: pd.DataFrame, analysis: dict, tolerance: float = 1e-5, **changes) -> pd.DataFrame:
    cox, _ = hazard_ratios.fit_cox_models(patients, [analysis])
    return engines.compare_engines([(analysis, patients)], cox.assign(**changes), tolerance=tolerance)


@pytest.mark.parametrize("strata", [[], ["centre"]])
def test_the_engines_agree_on_every_term(rossi, strata):
    found = compared(rossi, ARREST | {"strata": strata})
    assert found["term"].tolist() == ["mixed", "all_neg", "A"] and (found["verdict"] == "agree").all()
    assert found["difference"].max() < 1e-5 and found["note"].isna().all()
    apart = (found["coef"] - found["coef_lifelines"]).abs() / found["se"]
    assert (apart <= found["difference"]).all()


def test_a_difference_beyond_the_tolerance_is_a_finding(rossi):
    cox, _ = hazard_ratios.fit_cox_models(rossi, [ARREST])
    wrong = cox.assign(coef=cox["coef"].where(cox["term"] != "A", cox["coef"] + 1e-4))
    found = engines.compare_engines([(ARREST, rossi)], wrong, tolerance=1e-5)
    assert found.set_index("term")["verdict"].to_dict() == {"mixed": "agree", "all_neg": "agree", "A": "differ"}
    assert "differ beyond the tolerance: arrest." in cox_models.engines_in_words(found)
    assert (compared(rossi, ARREST, tolerance=1e-18)["verdict"] == "differ").any()


def test_a_level_without_events_is_not_fitted_and_both_say_why(rossi):
    rossi["pfs1_event"] &= rossi["het3"] != "all_neg"
    found = compared(rossi, ARREST)
    assert (found["verdict"] == "not fitted").all() and found["difference"].isna().all()
    assert found["note"].str.contains("no event in all_neg").all() and found["note"].str.contains("lifelines: ").all()
    assert "Not fitted: arrest (no event in all_neg" in cox_models.engines_in_words(found)


def test_a_model_that_lifelines_alone_can_fit_is_a_difference(rossi):
    found = compared(rossi, ARREST, coef=np.nan, se=np.nan)
    assert (found["verdict"] == "differ").all()


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_patients_or_none_end_in_words(rossi, n):
    found = compared(rossi.head(n), ARREST)
    assert len(found) and not (found["verdict"] == "differ").any()
    assert cox_models.engines_in_words(found).startswith("1 models")


def test_no_analysis_gives_an_empty_table_and_a_sentence():
    nothing = hazard_ratios.tables.empty("cox")
    found = engines.compare_engines([], nothing, tolerance=1e-5)
    assert found.empty and cox_models.engines_in_words(found).startswith("0 models")
