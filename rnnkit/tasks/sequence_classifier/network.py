"""The network of `SequenceClassifier`: whole sequences at once, or a step at a time with its states."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from rnnkit import cells
from rnnkit.codec.channels import Channels
from rnnkit.layers.convolution import TimeConvolution
from rnnkit.layers.elapsed import ElapsedBehind
from rnnkit.layers.padding import NaNMasking
from rnnkit.layers.pooling import AttentionPooling, RunningPool
from rnnkit.layers.stack import step_stack
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.recurrent_part import recurrent, recurrent_model

Tensor = Any
_NAMED = 8  # channels in a line


def sequence_network(
    options: Any,
    features: int,
    labels: int,
    length: int,
    how: Build = INFERENCE,
    name: str = "sequence_classifier",
    *,
    irregular: bool = False,
) -> keras.Model:
    """The network from features `[batch, time, features]`, NaN where a step is padding, to logits: `[batch, labels]`,
    or `[batch, time, labels]` with `options.per_step`.

    Args:
        options: `SequenceClassifierOptions`.
        features: Those of a step.
        labels: How many labels there are.
        length: Steps of the unrolled network.
        how: What it is built for.
        name: The name of the Keras model.
        irregular: Whether the last feature is log(1 + time since the step before). A cell that reads time gets that
            time, too.
    """
    policy, timed = how.policy(options), irregular and reads_time(options)
    values = keras.Input((length if how.unroll is True else None, features), dtype="float32", name="values")
    steps = known = NaNMasking(dtype=policy, name="mask")(values) if how.masked else values
    for number in range(options.convolutions if options.convolution else 0):
        steps = TimeConvolution(
            options.filters,
            options.convolution,
            causal=not options.bidirectional,
            dtype=policy,
            name=f"convolution_{number}",
        )(steps)
    if timed:
        steps = ElapsedBehind(dtype=policy, name="elapsed")([steps, known])
    attentive = options.pooling == "attention"
    each = options.per_step or attentive
    pooled = recurrent(
        options,
        policy,
        timed=timed,
        unroll=how.unroll,
        return_sequences=each,
        pooling="last" if each else options.pooling,
    )(steps)
    if attentive and not options.per_step:
        pooled = AttentionPooling(options.units, dtype=policy, name="attention")(pooled)
    pooled = layers.Dropout(options.dropout, seed=options.seed + 2, dtype=policy, name="dropout")(pooled)
    logits = layers.Dense(labels, dtype="float32", name="logits")(pooled)
    return recurrent_model(values, logits, options, how, name)


def loss() -> keras.losses.Loss:
    """Cross-entropy of the label, over the steps or sequences that count."""
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight")


def reads_time(options: Any) -> bool:
    """Whether the cell of these options reads the time between steps."""
    return cells.get_cell(options.cell).reads_time


def is_streamable(options: Any) -> bool:
    """Whether the network of these options can run step by step: in one direction, with a pool that grows by steps."""
    return not options.bidirectional and (options.per_step or options.pooling != "attention")


class Stepping:
    """A trained network one step at a time, with explicit states; after each step it says what the whole up to there
    would.

    Args:
        network: A network of `sequence_network`.
        options: Its options; `is_streamable`.
    """

    def __init__(self, network: keras.Model, options: Any) -> None:
        count = options.convolutions if options.convolution else 0
        self.convolutions = [network.get_layer(f"convolution_{number}") for number in range(count)]
        self.recurrent, self.head = network.get_layer("recurrent"), network.get_layer("logits")
        self.elapsed = network.get_layer("elapsed") if self.recurrent.cell.time_columns else None
        self.pool = None if options.per_step or options.pooling == "last" else RunningPool(options.pooling)

    @property
    def sizes(self) -> list[int]:
        """Widths of the states: the steps before each convolution, the cells', the pools and the number of steps."""
        before = [(layer.width - 1) * int(layer.kernel.shape[1]) for layer in self.convolutions]
        cells = [size for cell in self.recurrent.cells for size in cell.state_size]
        pools = [self.recurrent.sequence_size] * self.pool.width + [1] if self.pool else []
        return [*before, *cells, *pools]

    def start(self, rows: int = 1) -> list[Tensor]:
        """The states before the first step."""
        before = [ops.zeros((rows, size)) for size in self.sizes[: len(self.convolutions)]]
        cells = list(self.recurrent.start_states(rows))
        if self.pool is None:
            return [*before, *cells]
        pools = self.pool.start(ops.zeros((rows, self.recurrent.sequence_size)))
        return [*before, *cells, *pools, ops.zeros((rows, 1))]

    def step(self, x: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """From features `[rows, features]` and states to logits `[rows, labels]` and the new states."""
        left, new, known = list(states), list[Tensor](), x
        for layer in self.convolutions:
            x, before = layer.step(x, left.pop(0))
            new.append(before)
        x = x if self.elapsed is None else self.elapsed([x, known])
        cells = sum(len(cell.state_names) for cell in self.recurrent.cells)
        output, after = step_stack(self.recurrent, x, left[:cells])
        new += after
        if self.pool is not None:
            *pools, count = left[cells:]
            pools, count = list(self.pool.update(pools, output, None)), count + 1
            new += [*pools, count]
            output = self.pool.finish(pools, None, count, "float32")
        return self.head(output), new


def copy_fitting(old: keras.Model, new: keras.Model, channels: tuple[Channels, Channels], *, head: bool) -> str:
    """Copy the weights that fit to a network for other channels or labels; the others start anew.

    Args:
        old: The trained network.
        new: The new one, of the same options.
        channels: Those of both.
        head: Whether the labels are the same.

    Returns:
        A line about what reads the channels.
    """
    anew = 0
    for layer in new.layers:
        if not layer.weights or (layer.name == "logits" and not head):
            continue
        pairs = list(zip(old.get_layer(layer.name).weights, layer.weights, strict=True))
        for before, after in pairs:
            if before.shape == after.shape:
                after.assign(ops.copy(before.value))
            else:
                anew += 1
    return copied_line(*channels, bool(anew))


def copied_line(old: Channels, new: Channels, anew: bool) -> str:
    """What becomes of the weights that read the channels.

    Args:
        old: The channels of the trained network.
        new: Those of the new one.
        anew: Whether the weights start anew.

    Example:

    >>> copied_line(Channels(("x",), (0.0,), (1.0,)), Channels(("y",), (0.0,), (1.0,)), False)
    'other channels (y): the weights that read x go on with them'
    >>> copied_line(Channels(("x",), (0.0,), (1.0,)), Channels(("x",), (0.0,), (1.0,), missing=True), True)
    'same channels, of which values are missing now: the weights that read them are new, all behind are kept'
    """
    if old.names != new.names:
        said, kept = f"other channels ({_some(new.names)})", f"the weights that read {_some(old.names)} go on with them"
    else:
        said, kept = "same channels", "the weights that read them are kept"
        said += ", of which values are missing now" if new.missing > old.missing else ""
        said += ", at irregular times now" if new.interval and not old.interval else ""
        said += ", without times now" if old.interval and not new.interval else ""
    return f"{said}: {'the weights that read them are new, all behind are kept' if anew else kept}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(f"{name:.30}" for name in names[:_NAMED]) + ", ..." * (len(names) > _NAMED)
