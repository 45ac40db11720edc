"""Channels of numbers over time: from raw values to a network's features, the same in training and on a phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.sequences import steps_of, values_of
from rnnkit.errors import RnnkitError

#: Steps of a sequence at most.
MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class Channels:
    """What is known of the channels of some sequences: their order, their scales, and what of them can be missing.

    The features of a step are the scaled values, a missing one as last seen (0, the mean, before that); where training
    data had missing values also whether each channel is seen, and how long ago it was; where steps come at irregular
    times also the logarithm of the time since the step before.

    Args:
        names: The channels, in order.
        mean: The mean of each in the training data.
        std: The standard deviation of each; 1 for a constant one.
        missing: Whether training data had missing values.
        interval: The usual time between two steps, where that is irregular; 0: there is no time.
        longest: Steps of the longest sequence that was known.
        regular: The usual time between two steps, where that is regular; 0: not known.

    Example:

    >>> channels = Channels.learnt(["x", "y"], [np.array([[0, 1], [2, 1]], "float32")])
    >>> channels.encode(np.array([[1, 1], [3, 2]], "float32")).tolist()
    [[0.0, 0.0], [2.0, 1.0]]
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    missing: bool = False
    interval: float = 0.0
    longest: int = 1
    regular: float = 0.0

    @classmethod
    def learnt(
        cls, names: Sequence[str], sequences: Sequence[np.ndarray], elapsed: Sequence[np.ndarray] | None = None
    ) -> "Channels":
        """Learn scales from training sequences.

        Args:
            names: The channels, in order.
            sequences: `[time, channels]` each, NaN where a value is missing; one at least.
            elapsed: The time since the step before at each step, `[time]` each; None where steps are regular.
        """
        values = np.concatenate(sequences).astype(np.float64)
        seen = ~np.isnan(values)
        count = np.maximum(seen.sum(axis=0), 1)
        mean = np.where(seen, values, 0).sum(axis=0) / count
        std = np.sqrt((np.where(seen, values - mean, 0) ** 2).sum(axis=0) / count)
        std = np.where(std > 1e-6 * np.maximum(np.abs(mean), 1e-6), std, 1.0)  # of a constant, rounding is no spread
        gaps = np.concatenate([each[1:] for each in elapsed or ()] or [np.zeros(0)])
        positive = gaps[gaps > 0]
        interval = float(np.median(positive)) if len(positive) else 0.0
        longest = min(max(map(len, sequences)), MOST_STEPS)
        return cls(tuple(names), tuple(mean.tolist()), tuple(std.tolist()), not bool(seen.all()), interval, longest)

    @property
    def features(self) -> int:
        """The number of features of a step."""
        return len(self.names) * (3 if self.missing else 1) + bool(self.interval)

    def encode(self, values: np.ndarray, elapsed: np.ndarray | None = None, place: str = "The sequence") -> np.ndarray:
        """The features of a whole sequence, float32 `[time, features]`.

        Args:
            values: float32 `[time, channels]`, NaN where missing.
            elapsed: The time since the step before, `[time]`; needed where there is an `interval`.
            place: What messages call the sequence.

        Raises:
            RnnkitError: There are other channels or missing values than in training, or there is no time.
        """
        self._require(values, elapsed, place)
        seen = ~np.isnan(values)
        steps = np.arange(len(values))[:, None]
        last = np.maximum.accumulate(np.where(seen, steps, -1), axis=0)  # the step at which each was last seen
        known = np.take_along_axis(values, np.maximum(last, 0), axis=0)
        scaled = self._scaled(np.where(last >= 0, known, np.nan), place)
        if not (self.missing or self.interval):
            return scaled
        time = np.cumsum(self._gaps(elapsed, len(values)))
        since = time[:, None] - np.where(last >= 0, time[np.maximum(last, 0)], 0.0)
        return self._beside(scaled, seen, since, elapsed)

    def start(self) -> "Seen":
        """What was seen before the first step of a stream."""
        return Seen(np.full(len(self.names), np.nan, np.float32), np.zeros(len(self.names)), 0.0)

    def step(self, row: np.ndarray, seen: "Seen", elapsed: float | None = None) -> tuple[np.ndarray, "Seen"]:
        """The features of one step, float32 `[features]`, and what has been seen then; equal to `encode` of the whole.

        Args:
            row: float32 `[channels]`.
            seen: What `start` or the step before gave.
            elapsed: The time since the step before.

        Raises:
            RnnkitError: As `encode`.

        Example:

        >>> channels = Channels(("x",), (0.0,), (1.0,), missing=True)
        >>> features, seen = channels.step(np.array([2.0], "float32"), channels.start())
        >>> channels.step(np.array([np.nan], "float32"), seen)[0].round(2).tolist()
        [2.0, 0.0, 0.69]
        """
        values = np.asarray(row)[None]
        times = None if elapsed is None else np.array([elapsed], np.float64)
        self._require(values, times, "The step")
        here = ~np.isnan(values[0])
        time = seen.time + float(self._gaps(times, 1)[0])
        after = Seen(np.where(here, values[0], seen.values), np.where(here, time, seen.at), time)
        scaled = self._scaled(after.values[None], "The step")
        if self.missing or self.interval:
            scaled = self._beside(scaled, here[None], (time - after.at)[None], times)
        return scaled[0], after

    def values_of(self, given: Any, place: str) -> np.ndarray:
        """What a user gives as a sequence, as float32 `[time, channels]` with NaN where a value is missing.

        Args:
            given: An array or nested lists, `[time, channels]`, or `[time]` of one channel; a data frame with the
                channels among its columns; or text, as for `steps_of`.
            place: What messages call it.

        Raises:
            RnnkitError: It is none of these, or has other channels; the expected ones are named in order.
        """
        if hasattr(given, "columns"):
            if lacking := [name for name in self.names if name not in list(given.columns)]:
                raise RnnkitError(f"{place} has no column {lacking[0]!r:.60}; {self.expected}")
            given = given[list(self.names)].to_numpy()
        values = values_of(steps_of(given, place) if isinstance(given, str) else given, place)
        if values.shape[1] != len(self.names):
            raise RnnkitError(f"{place} has {values.shape[1]} channels; {self.expected}")
        return values

    def given(self, one: Any, place: str) -> tuple[np.ndarray, np.ndarray | None]:
        """The values of a sequence, and the time since the step before where it is given.

        Args:
            one: As for `values_of`; or a dictionary of these as `values` and the times as `elapsed`, `[time]`.
            place: What messages call it.

        Raises:
            RnnkitError: It is none of these.

        Example:

        >>> Channels(("x",), (0.0,), (1.0,)).given({"values": [1, 2], "elapsed": [0, 0.5]}, "It")[1].tolist()
        [0.0, 0.5]
        """
        if not isinstance(one, Mapping):
            return self.values_of(one, place), None
        if set(one) != {"values", "elapsed"}:
            raise RnnkitError(f"{place} has the keys {', '.join(map(str, one))[:60]}; expected values and elapsed.")
        values, elapsed = self.values_of(one["values"], place), values_of(one["elapsed"], f"{place}: elapsed")
        if elapsed.shape != (len(values), 1):
            raise RnnkitError(f"{place} has {len(values)} steps and {len(elapsed)} times; expected as many of each.")
        return values, np.asarray(one["elapsed"], np.float64)

    @property
    def expected(self) -> str:
        """The channels, for messages."""
        shown = ", ".join(f"{name:.30}" for name in self.names[:30])
        more = ", ..." if len(self.names) > 30 else ""
        return f"expected {len(self.names)}, in this order: {shown}{more}."

    # ------------------------------------------------------------------ parts of a step

    def _require(self, values: np.ndarray, elapsed: np.ndarray | None, place: str) -> None:
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise RnnkitError(f"{place} is {list(values.shape)}; {self.expected}")
        if not self.missing and np.isnan(values).any():
            step, channel = np.argwhere(np.isnan(values))[0]
            raise RnnkitError(
                f"{place}: step {step + 1} has no value of {self.names[channel]!r:.60}, and no training sequence "
                "lacked one. Fill it, or train on sequences with missing values."
            )
        if self.interval and (elapsed is None or len(elapsed) != len(values)):
            raise RnnkitError(
                f"{place} has no time of each step, and the training sequences had. Give it: a file's column of times, "
                "or a dictionary of values and elapsed."
            )
        if self.interval and elapsed is not None and not (np.isfinite(elapsed).all() and (elapsed >= 0).all()):
            raise RnnkitError(f"{place}: the time since the step before is negative or no number; expected 0 or more.")

    def _scaled(self, values: np.ndarray, place: str) -> np.ndarray:
        """Values around 0, float32; 0 where nothing is known."""
        with np.errstate(over="ignore"):
            scaled = ((values.astype(np.float64) - self.mean) / self.std).astype(np.float32)
        if np.isinf(scaled).any():
            step, channel = np.argwhere(np.isinf(scaled))[0]
            raise RnnkitError(
                f"{place}: step {step + 1} has {values[step, channel]:g} as {self.names[channel]!r:.60}, which is too "
                f"far from what was trained on (mean {self.mean[channel]:g}, spread {self.std[channel]:g})."
            )
        return np.where(np.isnan(scaled), np.float32(0), scaled)

    def _gaps(self, elapsed: np.ndarray | None, steps: int) -> np.ndarray:
        """The time before each step, in usual intervals, or in steps where there is no time."""
        return np.ones(steps) if not self.interval or elapsed is None else np.asarray(elapsed) / self.interval

    def _beside(
        self, scaled: np.ndarray, seen: np.ndarray, since: np.ndarray, elapsed: np.ndarray | None
    ) -> np.ndarray:
        """The features, of the scaled values and what is known beside them."""
        parts = [scaled]
        if self.missing:
            parts += [seen.astype(np.float32), np.log1p(since).astype(np.float32)]
        if self.interval:
            parts.append(np.log1p(self._gaps(elapsed, len(scaled))).astype(np.float32)[:, None])
        return np.concatenate(parts, axis=1)


@dataclass(frozen=True)
class Seen:
    """What a stream has seen: the last value of each channel, when that was, and the time now.

    Attributes:
        values: float32 `[channels]`, NaN before the first.
        at: float64 `[channels]`.
        time: In usual intervals, or in steps.
    """

    values: np.ndarray
    at: np.ndarray
    time: float
