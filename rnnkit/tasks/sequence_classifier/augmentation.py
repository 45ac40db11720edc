"""Random changes of training sequences: noise, strength, speed, cut ends and hidden channels."""

from typing import Any

import numpy as np

_KNOTS = 4  # random speeds over a sequence


def augmented(
    features: np.ndarray, targets: np.ndarray | None, channels: int, options: Any, seed: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray | None]:
    """A sequence as a training step sees it; the same seed changes it in the same way.

    Args:
        features: Those of a sequence, float32 `[time, features]`, the scaled values of its channels first.
        targets: The labels of its steps, `[time]`; None where it has one.
        channels: How many channels it has.
        options: With the strengths of `AugmentationOptions`; 0 leaves a change out.
        seed: Of the training, the epoch and the sequence.

    Returns:
        Features and labels of steps, of another length where the speed changes or an end is cut.

    Reference:
        Um et al., Data Augmentation of Wearable Sensor Data for Parkinson's Disease Monitoring using Convolutional
        Neural Networks, ICMI 2017.
    """
    random = np.random.default_rng(seed)
    places = _places(len(features), options, random)
    if places is not None:
        features, targets = _at(features, channels, places), None if targets is None else targets[_nearest(places)]
    values = features[:, :channels]
    if options.scaling:
        values = values * random.normal(1.0, options.scaling, (1, channels)).astype(np.float32)
    if options.jitter:
        values = values + random.normal(0.0, options.jitter, values.shape).astype(np.float32)
    if options.channel_dropout:
        values = np.where(random.random((1, channels)) < options.channel_dropout, np.float32(0), values)
    return np.concatenate([values, features[:, channels:]], axis=1), targets


def changes(options: Any) -> bool:
    """Whether any change is on."""
    return any(getattr(options, name) for name in ("jitter", "scaling", "time_warp", "crop", "channel_dropout"))


def _places(steps: int, options: Any, random: np.random.Generator) -> np.ndarray | None:
    """The places in a sequence that are read, whole or between two steps; None for all as they are."""
    if steps < 2 or not (options.time_warp or options.crop):
        return None
    cut = random.random() * options.crop
    first = random.random() * cut * (steps - 1)
    last = first + (1 - cut) * (steps - 1)
    wanted = max(round((last - first) + 1), 1)
    if not options.time_warp:
        return np.linspace(first, last, wanted)
    knots = np.exp(random.normal(0.0, options.time_warp, _KNOTS))
    wanted = max(round(wanted / float(knots.mean())), 1)
    speeds = np.interp(np.linspace(0, 1, wanted), np.linspace(0, 1, _KNOTS), knots)
    passed = np.concatenate([[0.0], np.cumsum(speeds)[:-1]])
    return first + passed / max(passed[-1], 1e-9) * (last - first)


def _nearest(places: np.ndarray) -> np.ndarray:
    return np.round(places).astype(np.int64)


def _at(features: np.ndarray, channels: int, places: np.ndarray) -> np.ndarray:
    """A sequence at places between its steps: values by a line between two of them, all else as at the nearest."""
    before = np.minimum(places.astype(np.int64), len(features) - 1)
    after = np.minimum(before + 1, len(features) - 1)
    share = (places - before)[:, None].astype(np.float32)
    values = features[before, :channels] * (1 - share) + features[after, :channels] * share
    return np.concatenate([values, features[_nearest(places), channels:]], axis=1)
