"""How far forecasts are from what came: errors, scaled errors, quantiles and the coverage of intervals."""

from collections.abc import Mapping, Sequence

import numpy as np

from rnnkit.metrics.bootstrap import Statistics, ratio, sums

_LEAST = 1e-12


def window_scores(
    truth: np.ndarray, quantiles: np.ndarray, levels: Sequence[float], naive: np.ndarray
) -> dict[str, np.ndarray]:
    """The figures of each window, `[windows]` each, as means over its steps; steps without a true value do not count.

    Args:
        truth: What came, `[windows, steps]`, NaN where it is not known.
        quantiles: What was forecast, `[windows, steps, levels]`; its median is the forecast.
        levels: Those of the quantiles, 0.5 among them.
        naive: The mean absolute seasonal step of each one's history, by which MASE divides; NaN where there is none.

    Returns:
        "mae", "mse", "smape" (0 to 200), "mase", and with several levels "crps" and "coverage_80", "coverage_95" as far
        as the levels have such intervals; and "known", the number of steps that count.

    Example:

    >>> found = window_scores(np.array([[1.0, 3.0]]), np.array([[[2.0], [2.0]]]), (0.5,), np.array([2.0]))
    >>> {name: values.round(2).tolist() for name, values in found.items()}
    {'known': [2], 'mae': [1.0], 'mse': [1.0], 'smape': [53.33], 'mase': [0.5]}

    Reference:
        Hyndman & Koehler, Another look at measures of forecast accuracy, IJF 22(4), 2006; Gneiting & Raftery, Strictly
        Proper Scoring Rules, JASA 102(477), 2007 (CRPS as twice the mean pinball loss over the levels).
    """
    known = ~np.isnan(truth)
    count = known.sum(axis=1)
    true = np.where(known, truth, 0.0)
    median = quantiles[..., list(levels).index(0.5)]
    error = np.where(known, true - median, 0.0)

    def mean(values: np.ndarray) -> np.ndarray:
        return ratio(np.where(known, values, 0.0).sum(axis=1), count)

    size = np.abs(true) + np.abs(median)
    relative = 200 * np.abs(error) / np.where(size > _LEAST, size, 1.0)
    found = {"known": count, "mae": mean(np.abs(error)), "mse": mean(error**2), "smape": mean(relative)}
    found["mase"] = np.where(naive > _LEAST, found["mae"] / np.where(naive > _LEAST, naive, 1.0), np.nan)
    if len(levels) > 1:
        beyond = true[..., None] - quantiles
        pinball = np.maximum(np.array(levels) * beyond, (np.array(levels) - 1) * beyond)
        found["crps"] = mean(2 * pinball.mean(axis=-1))
        for percent in (80, 95):
            low, high = (0.5 - percent / 200, 0.5 + percent / 200)
            ends = [place for place, level in enumerate(levels) if min(abs(level - low), abs(level - high)) < 1e-9]
            if len(ends) == 2:
                inside = (quantiles[..., ends[0]] <= true) & (true <= quantiles[..., ends[1]])
                found[f"coverage_{percent}"] = mean(inside.astype(np.float64))
    return found


def mean_scores(scores: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The means over the windows that have a true value, each step counting as much.

    Example:

    >>> mean_scores({"known": np.array([2, 1]), "mae": np.array([1.0, 4.0]), "mase": np.array([0.5, np.nan])})
    {'mase': 0.5, 'mae': 2.0}
    """
    names = sorted(set(scores) - {"known"}, key=_ORDER.index)
    weights = scores["known"].astype(np.float64)
    found = {}
    for name in names:
        there = ~np.isnan(scores[name]) & (weights > 0)
        if there.any():
            found[name] = float(np.average(scores[name][there], weights=weights[there]))
    return found


#: The figures in their order.
_ORDER = ("mase", "smape", "mae", "mse", "crps", "coverage_80", "coverage_95")


def forecast_statistics(scores: Mapping[str, np.ndarray]) -> Statistics:
    """What each window adds to the figures, for confidence intervals.

    Args:
        scores: What `window_scores` gave.
    """
    names = sorted(set(scores) - {"known"}, key=_ORDER.index)
    columns = {}
    for name in names:
        there = ~np.isnan(scores[name])
        columns[name] = np.where(there, scores[name], 0.0) * scores["known"]
        columns[f"known_{name}"] = there * scores["known"]
    return sums(lambda sum: {name: ratio(sum[name], sum[f"known_{name}"]) for name in names}, (), **columns)


def differs(one: np.ndarray, other: np.ndarray, known: np.ndarray, seed: int = 0, resamples: int = 1000) -> float:
    """The share of resamples of the windows in which one's error is below the other's; above 0.975 it is better.

    Args:
        one: The errors of one forecast, `[windows]`, NaN where there is none.
        other: Those of another of the same windows.
        known: What each window counts.
        seed: Of the resamples.
        resamples: Their number.

    Example:

    >>> differs(np.ones(20), np.full(20, 2.0), np.ones(20)), differs(np.ones(20), np.ones(20), np.ones(20))
    (1.0, 0.0)
    """
    there = ~np.isnan(one) & ~np.isnan(other) & (known > 0)
    gain = ((other - one) * known)[there]
    if not len(gain):
        return 0.0
    random = np.random.default_rng(seed)
    drawn = [float(gain[random.integers(len(gain), size=len(gain))].sum()) for _ in range(resamples)]
    return float(np.mean(np.array(drawn) > 0))
