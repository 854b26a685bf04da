"""Replicates of a Cox model against samples written out."""

import numpy as np
import pytest
from r_models import fitted
from r_values import ARM, GRADE, load
from sonimage.cox import inference, partial_likelihood
from sonimage.diagnostics import replicates


@pytest.mark.parametrize("time", ["time", "months"])
def test_a_bootstrap_fit_is_that_of_the_sample_written_out(time):
    frame = load("gbsg100")
    data = partial_likelihood.prepare(frame[ARM], frame[time], frame["status"])
    fit = partial_likelihood.fit_cox(data)
    counts = replicates.draw_bootstrap(len(frame), 50, seed=1)
    found = replicates.fit_replicates(data, fit, counts)
    # two patients of grade 1 have an event: one replicate in eight has none of them, and no maximum
    assert found.is_converged.mean() > 0.7 and (counts.sum(axis=1) == len(frame)).all()
    for coef, is_converged, row in zip(*found, counts, strict=True):
        sample = frame.loc[np.repeat(frame.index, row)]
        alone = partial_likelihood.fit_cox(partial_likelihood.prepare(sample[ARM], sample[time], sample["status"]))
        assert is_converged == alone.is_converged
        if is_converged and np.abs(alone.coef).max() < 10:  # not a replicate without events in a level
            np.testing.assert_allclose(coef, alone.coef, rtol=1e-8, atol=1e-10)


def test_leaving_one_out_is_fitting_without():
    frame, (data, fit) = load("gbsg100"), fitted("gbsg100_grade_hormon")
    found = replicates.fit_replicates(data, fit, replicates.leave_one_out(len(frame)))
    rest = frame.drop(index=7)
    alone = partial_likelihood.fit_cox(partial_likelihood.prepare(rest[ARM], rest["time"], rest["status"]))
    np.testing.assert_allclose(found.coef[7], alone.coef, rtol=1e-8)


def test_permuted_score_statistics_are_those_of_permuted_groups():
    frame, (data, fit) = load("gbsg100"), fitted("gbsg100_grade_hormon")
    restricted = inference.restricted_fit(data, fit, [0, 1])
    observed = inference.score_test(data, restricted, 2).statistic
    orders = np.vstack([np.arange(100), replicates.draw_permutations(100, 3, seed=1)])
    found = replicates.permute_marker(data, restricted, [0, 1], orders)
    assert found[0] == pytest.approx(observed, rel=1e-12)
    dealt = frame.iloc[data.order].reset_index(drop=True)
    dealt[GRADE] = dealt[GRADE].to_numpy()[orders[1]]
    again = partial_likelihood.prepare(dealt[ARM], dealt["time"], dealt["status"])
    by_hand = inference.score_test(again, inference.restricted_fit(again, fit, [0, 1]), 2).statistic
    assert found[1] == pytest.approx(by_hand, rel=1e-10)
    assert replicates.permutation_p_value(observed, np.full(99, -1.0)) == 0.01
