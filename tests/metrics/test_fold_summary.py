"""Mean, deviation and interval of folds, against scipy."""

import numpy as np
import pytest
from scipy import stats

from rnnkit.metrics.fold_summary import fold_summary, t_quantile


@pytest.mark.parametrize("degrees", [1, 2, 4, 14, 99])
@pytest.mark.parametrize("probability", [0.6, 0.95, 0.975])
def test_quantiles_of_t_are_those_of_scipy(degrees, probability):
    assert t_quantile(probability, degrees) == pytest.approx(stats.t.ppf(probability, degrees), rel=1e-6)


def test_the_interval_is_the_corrected_one_of_nadeau_and_bengio():
    values = [0.71, 0.68, 0.75, 0.70, 0.66]
    found = fold_summary([{"f1": value} for value in values], 1 / 4)["f1"]
    assert found["mean"] == pytest.approx(np.mean(values)) and found["standard_deviation"] == pytest.approx(
        np.std(values, ddof=1), rel=1e-5
    )
    plain = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    wider = np.sqrt(1 / 5 + 1 / 4) / np.sqrt(1 / 5)
    assert np.ptp(found["interval"]) == pytest.approx(wider * (plain[1] - plain[0]), rel=1e-4)
    assert np.mean(found["interval"]) == pytest.approx(np.mean(values), rel=1e-5)


def test_a_share_stays_between_0_and_1_and_a_loss_may_exceed_it():
    found = fold_summary([{"accuracy": value, "nats": value, "change": -value} for value in (0.99, 0.5, 1.0)], 0.5)
    assert found["accuracy"]["interval"][1] == 1.0 < found["nats"]["interval"][1]
    assert found["accuracy"]["interval"][0] >= 0 > found["change"]["interval"][0]


def test_counts_and_what_a_fold_lacks_are_left_out():
    found = fold_summary([{"f1": 0.5, "rows": 9, "novelty": 0.1}, {"f1": 0.7, "rows": 8}], 1.0)
    assert list(found) == ["f1"] and found["f1"]["mean"] == 0.6
    assert fold_summary([{"f1": 0.5}], 1.0) == {"f1": {"mean": 0.5}} and fold_summary([], 1.0) == {}
    assert fold_summary([{"f1": float("nan")}, {"f1": 0.1}], 1.0) == {}
