"""The network of `SpeechRecognizer`: whole recordings at once, or a step of some frames at a time with its states."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from rnnkit.layers.convolution import TimeConvolution
from rnnkit.layers.ctc import CTC, CTCLoss
from rnnkit.layers.padding import NaNMasking
from rnnkit.layers.stack import step_stack
from rnnkit.layers.subsampling import TimeSubsampling
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.recurrent_part import recurrent, recurrent_model

Tensor = Any


def speech_network(
    options: Any, features: int, classes: int, how: Build = INFERENCE, name: str = "speech_recognizer"
) -> keras.Model:
    """The network from frames `[batch, time, features]`, NaN where they are padding, to log-probabilities `[batch, time
    // stride, classes]`, class 0 the blank.

    Args:
        options: `SpeechRecognizerOptions`.
        features: Those of a frame.
        classes: Units and the blank.
        how: What it is built for.
        name: The name of the Keras model.

    Reference:
        Amodei et al., Deep Speech 2, ICML 2016 (arXiv:1512.02595), section 3.
    """
    policy = how.policy(options)
    values = keras.Input((None, features), dtype="float32", name="values")
    steps = NaNMasking(dtype=policy, name="mask")(values) if how.masked else values
    for number in range(options.convolutions):
        causal = not options.bidirectional
        steps = TimeConvolution(
            options.filters, options.convolution, causal=causal, dtype=policy, name=f"convolution_{number}"
        )(steps)
    steps = TimeSubsampling(options.stride, dtype=policy, name="subsampling")(steps)
    steps = layers.Dense(options.units, dtype=policy, name="projection")(steps)
    steps = recurrent(options, policy, unroll=how.unroll, return_sequences=True)(steps)
    steps = layers.Dropout(options.dropout, seed=options.seed + 2, dtype=policy, name="dropout")(steps)
    logits = layers.Dense(classes, dtype="float32", name="logits")(steps)
    return recurrent_model(values, CTC(name="ctc", dtype="float32")(logits), options, how, name)


def loss() -> keras.losses.Loss:
    """-log p of the transcript, over all its alignments."""
    return CTCLoss()


def is_streamable(options: Any, front: Any) -> bool:
    """Whether the network of these options can run step by step over samples as they come.

    Args:
        options: The task's.
        front: Its front end: one of sounds, which needs neither the frames to come nor the whole.
    """
    return not options.bidirectional and hasattr(front, "rate") and not front.deltas and front.normalise != "utterance"


class Stepping:
    """A trained network a step at a time: `stride` frames in, the log-probabilities of one step out.

    Args:
        network: A network of `speech_network` of one direction.
        options: Its options.
    """

    def __init__(self, network: keras.Model, options: Any) -> None:
        self.convolutions = [network.get_layer(f"convolution_{number}") for number in range(options.convolutions)]
        self.projection, self.recurrent = network.get_layer("projection"), network.get_layer("recurrent")
        self.head, self.stride = network.get_layer("logits"), options.stride

    @property
    def sizes(self) -> list[int]:
        """Widths of the states: the frames before each convolution, and the cells'."""
        before = [(layer.width - 1) * int(layer.kernel.shape[1]) for layer in self.convolutions]
        return [*before, *(size for cell in self.recurrent.cells for size in cell.state_size)]

    def start(self, rows: int = 1) -> list[Tensor]:
        """The states before the first step."""
        before = [ops.zeros((rows, size)) for size in self.sizes[: len(self.convolutions)]]
        return [*before, *self.recurrent.start_states(rows)]

    def step(self, frames: Sequence[Tensor], states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Take a step.

        Args:
            frames: `stride` of them, `[rows, features]` each.
            states: What `start` or the step before gave.

        Returns:
            Log-probabilities `[rows, classes]`, and the states then.
        """
        before, seen = list(states[: len(self.convolutions)]), list[Tensor]()
        for x in frames:
            for place, layer in enumerate(self.convolutions):
                x, before[place] = layer.step(x, before[place])
            seen.append(x)
        x = self.projection(ops.concatenate(seen, axis=-1))
        output, after = step_stack(self.recurrent, x, states[len(self.convolutions) :])
        return ops.log_softmax(self.head(output), axis=-1), [*before, *after]


def copy_fitting(old: keras.Model, new: keras.Model, places: Sequence[int]) -> None:
    """Copy a trained network to one of more units.

    Args:
        old: The trained network.
        new: The new one, of the same options.
        places: For each class of the new one that of the old one, -1 for a new unit, whose weights start anew.
    """
    known = [place for place, was in enumerate(places) if was >= 0]
    for layer in new.layers:
        for source, target in zip(old.get_layer(layer.name).weights, layer.weights, strict=True):
            if layer.name != "logits":
                target.assign(ops.copy(source.value))
                continue
            made = ops.convert_to_numpy(target.value).copy()
            made[..., known] = ops.convert_to_numpy(source.value)[..., [places[place] for place in known]]
            target.assign(made)
