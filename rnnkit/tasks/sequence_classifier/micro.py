"""`SequenceClassifier` on a microcontroller: raw values of a step or a sequence in, probabilities out.

The scales of the channels, and what becomes of missing values and times, are in the file.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from keras import ops

from rnnkit.codec.channels import Channels
from rnnkit.data.bucketing import Ragged
from rnnkit.errors import RnnkitError
from rnnkit.export.micro.contract import STEP, Calls, MicroExporter
from rnnkit.export.servable import Input, ServableParts, Signature, named, unroll_of
from rnnkit.lite.micro import raw_rows
from rnnkit.lite.step_file import STATE
from rnnkit.lite.tasks.sequence_classifier import PROBABILITIES, VALUES
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.base.examples import Encoded, EncodedLabels
from rnnkit.tasks.sequence_classifier.network import Stepping, is_streamable, sequence_network
from rnnkit.tasks.sequence_classifier.preprocessing import CHANNELS_FILE

Tensor = Any


class SequenceClassifierMicro(MicroExporter):
    """The files of a `SequenceClassifier` for microcontrollers.

    Args:
        task: The trained task.
        length: Steps of a file for whole sequences, which takes exactly as many; 0: the median of those compared.
    """

    def __init__(self, task: Any, length: int = 0) -> None:
        self.task = task
        self.length = length

    @property
    def strategies(self) -> tuple[str, ...]:
        stepwise = (STEP,) if is_streamable(self.task.options) else ()
        plain = not self.task.channels.missing and not self.task.channels.interval
        return (*stepwise, "unroll", "loop") if plain else stepwise

    def servable(self, strategy: str) -> ServableParts:
        if strategy == STEP:
            return ServableParts(self.task.network, {STEP: self._step()})
        task, how = self.task, Build(unroll=unroll_of(strategy), masked=False)
        network = sequence_network(task.options, task.channels.features, len(task.labels), self.length, how, task.key)
        network.set_weights(self.task.network.get_weights())
        return ServableParts(network, {"serving_default": self._whole(network)}, fixed_length=True)

    def _step(self) -> Signature:
        """The values of a step, with irregular times behind them the time since the step before, and the states."""
        stepping, scaled = Stepping(self.task.network, self.task.options), _ScaledStep(self.task.channels)
        begun = [np.asarray(ops.convert_to_numpy(state)) for state in stepping.start()]
        counted = stepping.pool is not None
        pools = (stepping.pool.width + 1) if stepping.pool is not None else 0

        def step(values: Tensor, *states: Tensor) -> dict[str, Tensor]:
            features, seen = scaled(values, states[: len(scaled.sizes)])
            mine = list(states[len(scaled.sizes) :])
            for place, first in enumerate(begun):
                if not first.any():
                    continue
                if counted and place >= len(begun) - pools:  # an empty pool; zeros stand for it before the first step
                    mine[place] = ops.where(ops.greater(mine[-1], 0.0), mine[place], first)
                else:
                    mine[place] = mine[place] + first
            logits, new = stepping.step(features, mine)
            cells = len(begun) - pools
            new = [state - first if first.any() and place < cells else state
                   for place, (state, first) in enumerate(zip(new, begun, strict=True))]  # fmt: skip
            return {PROBABILITIES: ops.softmax(logits), **named(STATE, [*seen, *new])}

        sizes = [*scaled.sizes, *stepping.sizes]
        carried = [Input(f"{STATE}_{number}", (1, size), "float32") for number, size in enumerate(sizes)]
        return Signature(step, (Input(VALUES, (1, scaled.width), "float32"), *carried))

    def _whole(self, network: Any) -> Signature:
        """The values of all steps."""
        channels = self.task.channels
        mean, factor = _scales(channels)

        def whole(values: Tensor) -> dict[str, Tensor]:
            return {PROBABILITIES: ops.softmax(network((values - mean) * factor, training=False))}

        return Signature(whole, (Input(VALUES, (1, self.length, len(channels.names)), "float32"),))

    def calls(self, examples: Any, strategy: str) -> list[Calls]:
        rows = [raw_rows(*raw_of(self.task.channels, np.asarray(features))) for features in examples.inputs]
        return [[{VALUES: each[None]} for each in row] if strategy == STEP else [{VALUES: row[None]}] for row in rows]

    def outputs(self, answers: Sequence[dict[str, np.ndarray]]) -> np.ndarray:
        found = [each[PROBABILITIES] for each in answers]
        if not self.task.options.per_step:
            return found[-1]
        return np.concatenate(found) if found[0].ndim == 2 else found[0][0]

    def describe(self, strategy: str) -> dict[str, Any]:
        task = self.task
        return {
            "max_length": task.options.max_length if strategy == STEP else self.length,
            "labels": "labels.txt",
            "channels": CHANNELS_FILE,
            "features": task.channels.features,
            "per_step": task.options.per_step,
        }

    def fitting(self, examples: Any, strategy: str) -> Any:
        if strategy == STEP:
            return examples
        self.length = self.length or int(np.median(examples.inputs.lengths))
        fits = np.flatnonzero(examples.inputs.lengths >= self.length)
        if not len(fits):
            raise RnnkitError(
                f"The file would take {self.length:,} steps, and the longest example to compare it on has "
                f"{int(examples.inputs.lengths.max()):,}. Give a --length of as many or fewer."
            )
        return _cut(examples.take(fits), self.length)

    def about(self) -> list[str]:
        channels = self.task.channels
        lines = [f"values: {', '.join(channels.names)}, in the units of the training data, not scaled."]
        if channels.missing:
            lines.append("A value that is missing is NAN.")
        if channels.interval:
            lines.append("Behind them the time since the step before.")
        return lines

    def lists(self) -> list[tuple[str, Sequence[str] | Sequence[bool]]]:
        return [("kLabels", self.task.labels), ("kChannels", self.task.channels.names)]


def raw_of(channels: Channels, features: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The values and times of which `Channels.encode` made features, as far as rounding allows.

    Args:
        channels: Those of the task.
        features: float32 `[time, features]`.

    Returns:
        float32 `[time, channels]`, NaN where missing, and the time since the step before, `[time]`, or None.

    Example:

    >>> channels = Channels(("x",), (1.0,), (2.0,))
    >>> raw_of(channels, channels.encode(np.array([[3.0]], "float32")))[0].tolist()
    [[3.0]]
    """
    count = len(channels.names)
    values = (features[:, :count] * np.asarray(channels.std) + np.asarray(channels.mean)).astype(np.float32)
    if channels.missing:
        values = np.where(features[:, count : 2 * count] > 0, values, np.float32(np.nan))
    return values, np.expm1(features[:, -1].astype(np.float64)) * channels.interval if channels.interval else None


def _scales(channels: Channels) -> tuple[np.ndarray, np.ndarray]:
    """What is taken from each channel's values, and what they are multiplied with."""
    return np.asarray(channels.mean, np.float32), (1 / np.asarray(channels.std)).astype(np.float32)


def _cut(examples: Encoded, length: int) -> Encoded:
    """The first steps of examples, and their labels, where each step has one."""
    inputs = Ragged.from_iterable(row[:length] for row in examples.inputs)
    if not isinstance(examples, EncodedLabels):
        return replace(examples, inputs=inputs)
    return replace(examples, inputs=inputs, targets=Ragged.from_iterable(row[:length] for row in examples.targets))


class _ScaledStep:
    """The features of a step from its raw values and what was seen before, as `Channels.step` has them.

    Args:
        channels: Those of the task.
    """

    def __init__(self, channels: Channels) -> None:
        self.channels = channels
        count = len(channels.names)
        self.width = count + bool(channels.interval)
        #: Of each channel the scaled value that was seen last, and how long ago that was.
        self.sizes = [count, count] if channels.missing else []

    def __call__(self, values: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        channels, count = self.channels, len(self.channels.names)
        mean, factor = _scales(channels)
        raw = values[:, :count]
        scaled = (raw - mean) * factor
        gap = values[:, count:] * np.float32(1 / channels.interval) if channels.interval else ops.ones((1, 1))
        seen, parts = list[Tensor](), [scaled]
        if channels.missing:
            before, since = states
            here = ops.equal(raw, raw)  # NaN alone differs from itself
            scaled = ops.where(here, scaled, before)
            since = ops.where(here, ops.zeros_like(since), since + gap)
            seen = [scaled, since]
            parts = [scaled, ops.where(here, ops.ones_like(scaled), ops.zeros_like(scaled)), ops.log(1.0 + since)]
        if channels.interval:
            parts.append(ops.log(1.0 + gap))
        return (ops.concatenate(parts, axis=-1) if len(parts) > 1 else scaled), seen
