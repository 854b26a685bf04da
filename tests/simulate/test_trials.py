"""Operating characteristics: trials of a batch, what is true of them, and rates worked by hand."""

from math import log

import numpy as np
import pandas as pd
import pytest
from project import CONFIG, SIMULATION, settings
from sonimage import tables
from sonimage.cox import hazard_ratios
from sonimage.simulate import trials

GRID = settings("operating_characteristics")
PRIMARY = next(analysis for analysis in settings("analyses")["analyses"] if analysis["id"] == "primary")
RULES = {
    "link": {name: CONFIG["link"][name] for name in ("pooling_days", "late_baseline_days")},
    "status_rules": CONFIG["fes_status"],
    "group_rules": CONFIG["heterogeneity"] | {"background_organs": CONFIG["fes_status"]["background_organs"]},
    "keep_partial_response": True,
}


@pytest.fixture(scope="module")
def batch():
    parameters = SIMULATION | {"n_patients": 60, "share_discordant_call": 0}
    study, trial = trials.simulate_trials(parameters, n_trials=4, seed=[1, 2, 3])
    return study, trial, trials.derive_trials(study, **RULES)


def test_a_batch_holds_whole_trials_and_its_seed_decides_everything(batch):
    study, trial, _ = batch
    assert list(trial.value_counts().sort_index()) == [60] * 4
    parameters = SIMULATION | {"n_patients": 60, "share_discordant_call": 0}
    again, same = trials.simulate_trials(parameters, n_trials=4, seed=[1, 2, 3])
    other, _ = trials.simulate_trials(parameters, n_trials=4, seed=[1, 2, 4])
    pd.testing.assert_frame_equal(study["measurements"], again["measurements"])
    assert trial.equals(same) and not study["measurements"].equals(other["measurements"])


def test_the_groups_of_simulated_trials_are_the_true_ones(batch):
    study, _, rows = batch
    truth = study["truth_patients"].set_index("patient_id")["true_het3"]
    known = rows[rows["het3"].notna()].set_index("patient_id")["het3"]
    agree = (known == truth.loc[known.index]).mean()
    assert agree > 0.97 and len(known) > 0.9 * len(truth)  # the rest: small lesions without a size, readers' misses


def test_each_trial_is_fitted_as_it_would_be_alone(batch):
    _, trial, rows = batch
    fitted = trials.fit_trials(rows, trial, PRIMARY)
    assert list(fitted.groupby("trial").size()) == [3] * 4
    alone, tests = hazard_ratios.fit_cox_models(rows[rows["patient_id"].map(trial) == 2], [PRIMARY])
    alone = alone[alone["method"] == hazard_ratios.EFRON].set_index("term")
    mine = fitted[fitted["trial"] == 2].set_index("term")
    for column in ("coef", "se", "p_value"):
        np.testing.assert_allclose(mine[column], alone.loc[mine.index, column], rtol=1e-9)
    assert mine["lr_p_value"].iloc[0] == pytest.approx(tests["p_value"].iloc[0])


def test_true_log_ratios_are_those_of_the_medians():
    truth = trials.true_log_ratios(SIMULATION | {"scenario": "prognostic"})
    assert truth["mixed"] == pytest.approx(log(1.8), abs=0.01) and truth["all_neg"] == pytest.approx(log(2.8), abs=0.01)
    null = trials.true_log_ratios(SIMULATION | {"scenario": "null"})
    assert null["mixed"] == null["all_neg"] == 0 and null["A"] == pytest.approx(-1.2 * log(24.7 / 16.1))
    assert trials.true_log_ratios(SIMULATION | {"scenario": "predictive"}) == {}


def test_rates_worked_by_hand():
    """Four trials: intervals 0.5 +- 0.39 hold 0.5 in the first three; the last has no finite answer and rejects nothing."""
    rows = [
        {
            "trial": number,
            "term": term,
            "n": 100,
            "n_events": 80,
            "coef": coef,
            "se": 0.2,
            "p_value": p,
            "lr_p_value": p,
        }
        for term in trials.TERMS
        for number, (coef, p) in enumerate([(0.5, 0.01), (0.6, 0.03), (0.4, 0.2), (np.nan, np.nan)])
    ]
    estimates = tables.conform(pd.DataFrame(rows), "trial_estimates")
    found = trials.summarise_trials(estimates, {"mixed": 0.5, "all_neg": 0.05, "A": 0.5})
    found = found.set_index("term")
    assert found.loc["mixed", "coverage"] == 1 and found.loc["all_neg", "coverage"] == pytest.approx(1 / 3)
    assert found.loc["mixed", "bias"] == pytest.approx(0) and found.loc["mixed", "n_fitted"] == 3
    assert found.loc["mixed", "rejects"] == 0.5 and found.loc["mixed", "rejects_se"] == 0.25
    assert found.loc["group, likelihood ratio", "rejects"] == 0.5


def test_every_design_changes_keys_that_the_simulation_has():
    for changes in GRID["designs"].values():
        assert set(changes) <= set(SIMULATION) and changes["scenario"] in SIMULATION["median_pfs1_months"]
