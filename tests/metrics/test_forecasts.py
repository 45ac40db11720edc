"""Figures of forecasts against their formulas, written out."""

import numpy as np

from rnnkit.metrics.bootstrap import confidence_intervals
from rnnkit.metrics.forecasts import differs, forecast_statistics, mean_scores, window_scores

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)


def made(seed=0):
    random = np.random.default_rng(seed)
    truth = random.normal(10, 2, (7, 5))
    quantiles = np.sort(random.normal(10, 2, (7, 5, 5)), axis=-1)
    truth[0, 2:] = np.nan
    return truth, quantiles, random.uniform(1, 3, 7)


def test_the_figures_are_their_formulas():
    truth, quantiles, naive = made()
    found = mean_scores(window_scores(truth, quantiles, LEVELS, naive))
    errors, squares, relative, scaled, losses, inside = [], [], [], [], [], []
    for window in range(7):
        for step in range(5):
            true, row = truth[window, step], quantiles[window, step]
            if true != true:
                continue
            error = abs(true - row[2])
            errors.append(error)
            squares.append(error**2)
            relative.append(200 * error / (abs(true) + abs(row[2])))
            scaled.append(error / naive[window])
            pairs = zip(row, LEVELS, strict=True)
            losses.append(2 * np.mean([(true - q) * p if true >= q else (q - true) * (1 - p) for q, p in pairs]))
            inside.append((row[1] <= true <= row[3], row[0] <= true <= row[4]))
    expected = {"mae": errors, "mse": squares, "smape": relative, "mase": scaled, "crps": losses}
    expected |= {"coverage_80": [each[0] for each in inside], "coverage_95": [each[1] for each in inside]}
    assert set(found) == set(expected)
    for name, values in expected.items():
        assert np.isclose(found[name], np.mean(values)), name


def test_series_without_a_naive_error_do_not_count_in_mase():
    truth, quantiles, naive = made()
    naive[3] = np.nan
    scores = window_scores(truth, quantiles, LEVELS, naive)
    others = mean_scores({name: np.delete(values, 3) for name, values in scores.items()})
    assert np.isclose(mean_scores(scores)["mase"], others["mase"])
    assert "mase" not in mean_scores(window_scores(truth, quantiles, LEVELS, np.full(7, np.nan)))


def test_intervals_hold_the_figures():
    truth, quantiles, naive = made()
    scores = window_scores(truth, quantiles, LEVELS, naive)
    means, intervals = mean_scores(scores), confidence_intervals(forecast_statistics(scores))
    assert all(low < means[name] < high for name, (low, high) in intervals.items()) and "mase" in intervals


def test_two_alike_are_not_told_apart():
    random = np.random.default_rng(1)
    one = random.uniform(1, 2, 200)
    assert differs(one, one + 0.2, np.ones(200)) == 1.0
    assert 0.02 < differs(one, random.permutation(one), np.ones(200)) < 0.98
