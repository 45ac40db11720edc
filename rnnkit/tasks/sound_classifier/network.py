"""The network of `SoundClassifier`: frames of whole sounds at once, or samples as they come, with its states."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from rnnkit.codec.spectrogram_settings import SpectrogramSettings
from rnnkit.layers.convolution import TimeConvolution
from rnnkit.layers.every_nth import EveryNth
from rnnkit.layers.padding import NaNMasking
from rnnkit.layers.pooling import AttentionPooling, RunningPool
from rnnkit.layers.spectrogram import SpectrogramLayer
from rnnkit.layers.stack import step_stack
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.recurrent_part import recurrent, recurrent_model
from rnnkit.tasks.sound_classifier.steps import waits_for_the_end

Tensor = Any
_SOUND = "sound_"  # the states of the front end begin with it


def sound_network(
    options: Any, settings: SpectrogramSettings, labels: int, how: Build = INFERENCE, name: str = "sound_classifier"
) -> keras.Model:
    """The network from frames `[batch, time, features]`, NaN where one is padding, to logits `[batch, labels]`.

    Args:
        options: `SoundClassifierOptions`.
        settings: Those of the front end.
        labels: How many labels there are.
        how: What it is built for.
        name: The name of the Keras model.
    """
    policy = how.policy(options)
    values = keras.Input((None, settings.features), dtype="float32", name="frames")
    steps = NaNMasking(dtype=policy, name="mask")(values) if how.masked else values
    first = EveryNth(options.stride, settings.first_frame(options.stride), dtype=policy, name="stride")
    for number in range(options.convolutions if options.convolution else 0):
        steps = TimeConvolution(
            options.filters,
            options.convolution,
            causal=not options.bidirectional,
            dtype=policy,
            name=f"convolution_{number}",
        )(steps)
        steps = first(steps) if not number else steps
    steps = steps if options.convolution else first(steps)
    attentive = options.pooling == "attention"
    pooled = recurrent(
        options,
        policy,
        unroll=how.unroll,
        return_sequences=attentive,
        pooling="last" if attentive else options.pooling,
    )(steps)
    if attentive:
        pooled = AttentionPooling(options.units, dtype=policy, name="attention")(pooled)
    pooled = layers.Dropout(options.dropout, seed=options.seed + 2, dtype=policy, name="dropout")(pooled)
    logits = layers.Dense(labels, dtype="float32", name="logits")(pooled)
    return recurrent_model(values, logits, options, how, name)


def loss() -> keras.losses.Loss:
    """Cross-entropy of the label."""
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight")


def is_streamable(options: Any, settings: SpectrogramSettings) -> bool:
    """Whether the network of these options and this front end can run as the samples come."""
    return not waits_for_the_end(options) and settings.normalise != "utterance"


class Stepping:
    """A trained network from samples as they come, with explicit states; after each step it says what the whole up to
    there would.

    A step takes `stride` hops of samples. Until the first frame that is kept is whole, its answer means nothing.

    Args:
        network: A network of `sound_network`.
        options: Its options; `is_streamable`.
        settings: Those of the front end.
        products: As for `SpectrogramLayer`.
    """

    def __init__(
        self, network: keras.Model, options: Any, settings: SpectrogramSettings, products: bool = False
    ) -> None:
        count = options.convolutions if options.convolution else 0
        self.front, self.stride = SpectrogramLayer(settings, products, name="front_end"), options.stride
        self.convolutions = [network.get_layer(f"convolution_{number}") for number in range(count)]
        self.recurrent, self.head = network.get_layer("recurrent"), network.get_layer("logits")
        self.pool = None if options.pooling == "last" else RunningPool(options.pooling)

    @property
    def samples(self) -> int:
        """Samples of a step."""
        return self.stride * self.front.settings.hop_size

    @property
    def sizes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the states without the batch, by name: those of the front end, the steps before each
        convolution, the cells', the pools and the number of steps."""
        before = [(layer.width - 1) * int(layer.kernel.shape[1]) for layer in self.convolutions]
        cells = [size for cell in self.recurrent.cells for size in cell.state_size]
        pools = [self.recurrent.sequence_size] * self.pool.width + [1] if self.pool else []
        wide = [each for each in (*before, *cells, *pools)]
        return {**self.front.state_shapes(), **{_named(place): (size,) for place, size in enumerate(wide)}}

    def start(self, rows: int = 1) -> dict[str, Tensor]:
        """The states before the first sample."""
        count = len(self.convolutions)
        before = [ops.zeros((rows, size)) for size in self._widths(count)]
        own = [*before, *self.recurrent.start_states(rows)]
        if self.pool is not None:
            own += [*self.pool.start(ops.zeros((rows, self.recurrent.sequence_size))), ops.zeros((rows, 1))]
        return {**self.front.initial_states(rows), **{_named(place): each for place, each in enumerate(own)}}

    def step(self, samples: Tensor, states: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """From samples `[rows, stride * hop]` and states to logits `[rows, labels]` and the new states."""
        hop, sound = self.front.settings.hop_size, {name: states[name] for name in self.front.state_shapes()}
        left = [states[_named(place)] for place in range(len(states) - len(sound))]
        new, x, valid = list[Tensor](), None, None
        before = left[:1] if self.convolutions else []
        for number in range(self.stride):
            frame, valid, sound = self.front.step(samples[:, number * hop : (number + 1) * hop], sound)
            x = frame
            if before:
                x, after = self.convolutions[0].step(frame, before[0])
                before = [_where(valid, after, before[0])]
        new += before
        for place, layer in enumerate(self.convolutions[1:], 1):
            x, after = layer.step(x, left[place])
            new.append(_where(valid, after, left[place]))
        old = left[len(self.convolutions) :]
        cells = sum(len(cell.state_names) for cell in self.recurrent.cells)
        output, moved = step_stack(self.recurrent, x, old[:cells])
        if self.pool is not None:
            *pools, count = old[cells:]
            pools, count = list(self.pool.update(pools, output, None)), count + 1
            moved = [*moved, *pools, count]
            output = self.pool.finish(pools, None, count, "float32")
        new += [_where(valid, now, then) for now, then in zip(moved, old, strict=True)]
        return self.head(output), {**sound, **{_named(place): each for place, each in enumerate(new)}}

    def _widths(self, count: int) -> Sequence[int]:
        own = [shape[0] for name, shape in self.sizes.items() if not name.startswith(_SOUND)]
        return own[:count]


def _named(place: int) -> str:
    return f"state_{place}"


def _where(valid: Tensor, now: Tensor, then: Tensor) -> Tensor:
    return ops.where(ops.expand_dims(valid, -1), now, then)
