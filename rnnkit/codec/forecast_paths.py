"""Forecasts step by step: possible futures, each of whose steps is drawn and goes into the next."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from rnnkit.codec.forecast_heads import LEVELS, levels_of, quantiles_of
from rnnkit.codec.forecast_plan import FUTURE, NUMBER, PAST, ForecastPlan

#: From the value before `[rows, 1]`, the features of a step, the numbers of the series and states to the parameters of
#: the step `[rows, parameters]` and the new states.
Step = Callable[[np.ndarray, np.ndarray, np.ndarray, Sequence[np.ndarray]], tuple[np.ndarray, Sequence[np.ndarray]]]
_FINE = (0.005, *LEVELS, 0.995)


def chances_of(paths: int, horizon: int, seed: int = 0) -> np.ndarray:
    """Which quantile each path has at each step, `[paths, horizon]`: at each step all of them are evenly spread.

    Args:
        paths: How many.
        horizon: Steps.
        seed: Of the order.

    Example:

    >>> np.sort(chances_of(4, 2), axis=0)[:, 0].round(1).tolist()
    [0.1, 0.4, 0.6, 0.9]
    """
    random = np.random.default_rng([seed, paths])
    even = (np.arange(paths) + 0.5) / paths
    return np.stack([random.permutation(even) for _ in range(horizon)], axis=1)


def median_path(horizon: int) -> np.ndarray:
    """The chances of one path, that of the medians, `[1, horizon]`."""
    return np.full((1, horizon), 0.5)


def walked(
    plan: ForecastPlan,
    step: Step,
    states: Sequence[np.ndarray],
    inputs: Mapping[str, np.ndarray],
    scale: np.ndarray,
    chances: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Walk into the future, on several paths from each window.

    Args:
        plan: The forecaster's.
        step: The network's step.
        states: Those after the history, `[windows, size]` each.
        inputs: What the plan made of the windows, by name.
        scale: What values were divided by, `[windows, 1]`.
        chances: As `chances_of` gives them, `[paths, horizon]`.

    Returns:
        The parameters of the steps, `[windows, paths, horizon, parameters]`, and the scaled values drawn from them,
        `[windows, paths, horizon]`.
    """
    windows, paths = len(scale), len(chances)
    value = np.repeat(inputs[PAST][:, -1, :1], paths, axis=0)
    future = np.repeat(inputs[FUTURE], paths, axis=0)
    numbers = np.repeat(inputs.get(NUMBER, np.zeros(windows, np.int32)), paths)
    now: Sequence[np.ndarray] = [np.repeat(state, paths, axis=0) for state in states]
    scales = np.repeat(scale, paths, axis=0)
    parameters, values = list[np.ndarray](), list[np.ndarray]()
    for place in range(plan.horizon):
        given, now = step(value.astype(np.float32), future[:, place], numbers, list(now))
        value = drawn(plan.head, np.asarray(given), np.tile(chances[:, place], windows), scales)
        parameters.append(np.asarray(given))
        values.append(value[:, 0])
    shape = (windows, paths, plan.horizon)
    return np.stack(parameters, axis=1).reshape(*shape, -1), np.stack(values, axis=1).reshape(shape)


def drawn(head: str, parameters: np.ndarray, chance: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The values at quantiles of a head's distributions, `[rows, 1]`: straight lines between those that are known.

    Args:
        head: One of `HEADS`.
        parameters: `[rows, parameters]`.
        chance: `[rows]`, from 0 to 1.
        scale: `[rows, 1]`.

    Example:

    >>> given = np.array([[0.0, 1, 2, 3, 4, 5, 6]] * 2)
    >>> drawn("quantiles", given, np.array([0.5, 0.95]), np.ones((2, 1))).round(2).tolist()
    [[3.0], [5.67]]
    """
    levels = levels_of(head) if head in ("quantiles", "point") else _FINE
    found = quantiles_of(head, parameters, scale, levels)
    if len(levels) == 1:
        return found
    place = np.clip(np.searchsorted(levels, chance) - 1, 0, len(levels) - 2)
    rows, known = np.arange(len(found)), np.array(levels)
    share = (chance - known[place]) / (known[place + 1] - known[place])
    low, high = found[rows, place], found[rows, place + 1]
    return (low + share * (high - low))[:, None]


def quantiles_of_paths(values: np.ndarray, head: str) -> np.ndarray:
    """The quantiles of drawn values over the paths, `[windows, horizon, levels]`.

    Args:
        values: `[windows, paths, horizon]`.
        head: One of `HEADS`.

    Example:

    >>> quantiles_of_paths(np.arange(5.0).reshape(1, 5, 1), "point").tolist()
    [[[2.0]]]
    """
    return np.moveaxis(np.quantile(values, levels_of(head), axis=1), 0, -1)
