"""Forecasts that need no network: the last value, the same step of the season before, and the line through the ends."""

import numpy as np

from rnnkit.metrics.forecasts import differs, mean_scores, window_scores
from rnnkit.tasks.forecaster.classical import classical_forecasts
from rnnkit.tasks.forecaster.encoded import Windows

LAST, SEASONAL, DRIFT = "last value", "seasonal naive", "drift"
_SURE = 0.975  # the share of resamples from which a forecast is better than another
_FEWEST = 4  # windows of which that can be said; of fewer, one random walk in ten seemed to be forecast


def floors(windows: Windows) -> dict[str, np.ndarray]:
    """What these forecast for windows, float64 `[windows, horizon]` by name.

    Args:
        windows: The windows; what comes after their origins is not looked at.
    """
    horizon, season = windows.plan.horizon, windows.plan.season
    table, rows = windows.table, np.arange(len(windows))
    last_place, first_place = _ends(windows)
    last = table.values[table.base[windows.series] + last_place]
    first = table.values[table.base[windows.series] + first_place]
    steps = np.arange(1, horizon + 1)
    found = {LAST: np.repeat(last[:, None], horizon, axis=1)}
    if season > 1:
        before = windows.values(-season, 0)[:, np.arange(horizon) % season]
        found[SEASONAL] = np.where(np.isnan(before), last[:, None], before)
    slope = (last - first) / np.maximum(last_place - first_place, 1)
    ahead = (windows.origins - 1 - last_place)[rows, None] + steps
    found[DRIFT] = last[:, None] + slope[:, None] * ahead
    return found


def _ends(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """The places of the last and of the first value before each origin, counted from the series' first step."""
    table = windows.table
    known = ~np.isnan(table.values)
    latest = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))
    place = table.base[windows.series] + windows.origins - 1
    first = np.array([int(np.argmax(known[base : base + length])) for base, length in zip(
        table.base, table.lengths, strict=True)], np.int64)  # fmt: skip
    return np.maximum(latest[place] - table.base[windows.series], 0), first[windows.series]


def naive_errors(windows: Windows) -> np.ndarray:
    """The mean absolute seasonal step of each window's series before its origin, `[windows]`, as MASE has it; of the
    steps from one value to the next where there is less than a season; NaN where there are none."""
    season = windows.plan.season
    seasonal = _mean_steps(windows, season)
    return seasonal if season == 1 else np.where(np.isnan(seasonal), _mean_steps(windows, 1), seasonal)


def _mean_steps(windows: Windows, lag: int) -> np.ndarray:
    table = windows.table
    step = np.full(len(table.values), np.nan)
    step[lag:] = np.abs(table.values[lag:] - table.values[:-lag]) if lag < len(step) else np.nan
    for base in table.base:  # none reaches into another series
        step[base : base + lag] = np.nan
    total, count = (np.concatenate([[0.0], np.cumsum(each)]) for each in (np.nan_to_num(step), ~np.isnan(step)))
    first = table.base[windows.series]
    last = first + windows.origins
    counted = count[last] - count[first]
    return np.where(counted > 0, (total[last] - total[first]) / np.maximum(counted, 1), np.nan)


def floor_scores(windows: Windows, classical: bool = False) -> dict[str, dict[str, np.ndarray]]:
    """The figures of each floor for each window; with `classical` those of ETS and Theta too."""
    truth, naive = windows.truth, naive_errors(windows)
    found = {**floors(windows), **(classical_forecasts(windows) if classical else {})}
    return {name: window_scores(truth, forecast[..., None], (0.5,), naive) for name, forecast in found.items()}


def verdict(scores: dict[str, np.ndarray], others: dict[str, dict[str, np.ndarray]]) -> str:
    """A line about a network beside the floors.

    Args:
        scores: Those of the network for some windows.
        others: Those of the floors for the same windows, as `floor_scores` gives them.
    """
    key = "mase" if not np.isnan(scores["mase"]).all() else "mae"
    mine = mean_scores(scores)[key]
    means = {name: mean_scores(each)[key] for name, each in others.items() if key in mean_scores(each)}
    if not means:
        return ""
    best = min(means, key=means.__getitem__)

    def better(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
        return differs(one[key], other[key], one["known"]) >= _SURE

    beaten_last = [name for name in others if name != LAST and better(others[name], others[LAST])]
    said = f"{key.upper()} {mine:.3g}, {best} {means[best]:.3g}"
    if (count := int((scores["known"] > 0).sum())) < _FEWEST:
        windows = "1 window is" if count == 1 else f"{count} windows are"
        return (
            f"{windows} too few to tell which forecast is better; test more by --backtests or a longer table ({said})"
        )
    if not better(scores, others[LAST]) and not beaten_last:
        return f"nothing beats the last value here, as of a random walk ({said})"
    if better(scores, others[best]):
        return f"better than {best}, the best of those that need no network ({said})"
    if better(others[best], scores):
        return f"worse than {best}, which needs no network ({said})"
    return f"not surely better than {best}, which needs no network ({said})"
