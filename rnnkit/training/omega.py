"""The vanishing-gradient penalty Omega: each step should preserve the gradient's norm."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

import keras

from rnnkit.errors import RnnkitError
from rnnkit.layers.probe import Probes, Trace, probing
from rnnkit.training.omega_rules import refuse_with_omega
from rnnkit.training.penalties import Penalty
from rnnkit.training.stepping import recurrent_layers, step_back

Tensor = Any


def omega(traces: Sequence[Trace], reaching: Sequence[Tensor]) -> Tensor:
    """The penalty of some cells' runs, summed over their steps and cells, mean over rows.

    Equations:
        Omega = sum over k of (|dC/dx_{k+1} dx_{k+1}/dx_k| / |dC/dx_{k+1}| - 1)^2

    The states x and the gradients dC/dx that reach them are constants here, as in the paper: its gradient is that of
    the steps' own derivatives dx_{k+1}/dx_k with respect to the weights between the states. What a cell makes of its
    inputs beforehand (`project`) is constant too. Hidden steps and steps that no gradient reaches count nothing.

    Args:
        traces: From `rnnkit.layers.probe.probing`.
        reaching: The gradient of a loss with respect to each trace's `probe`, `[time, batch, all sizes]`.

    Returns:
        A scalar.

    Reference:
        Pascanu, Mikolov & Bengio, On the Difficulty of Training Recurrent Neural Networks, ICML 2013
        (arXiv:1211.5063), equations 9 and 10. The x there are states before the squashing, here those after it.
    """
    import tensorflow as tf

    total = tf.zeros((), tf.float32)
    for trace, gradient in zip(traces, reaching, strict=True):
        # The ratio does not change with the gradient's scale, but squares of small numbers vanish in float32.
        gradient = tf.cast(gradient, trace.cell.variable_dtype)
        largest = tf.reduce_max(tf.abs(gradient), axis=-1, keepdims=True)
        reached = largest > 0
        gradient = tf.stop_gradient(tf.math.divide_no_nan(gradient, largest))
        constant = Trace(
            trace.cell,
            tf.stop_gradient(trace.projected),
            trace.mask,
            trace.reverse,
            tf.stop_gradient(trace.before),
            trace.after,
            trace.probe,
        )
        ratio = _norm(step_back(constant, gradient)) / _norm(gradient)  # [time, batch, 1]
        counted = reached if trace.mask is None else reached & trace.mask
        terms = tf.where(counted, (ratio - 1) ** 2, 0.0)
        total += tf.reduce_mean(tf.reduce_sum(terms, axis=0))
    return total


def _norm(values: Tensor) -> Tensor:
    """The norm over the last axis, in float32; where it is 0 it is 0 with gradient 0, and as a divisor 1."""
    import tensorflow as tf

    squares = tf.reduce_sum(tf.cast(values, tf.float32) ** 2, axis=-1, keepdims=True)
    some = squares > 0
    return tf.where(some, tf.sqrt(tf.where(some, squares, 1.0)), 0.0)


@dataclass(frozen=True)
class Omega(Penalty[Probes]):
    """`omega` as a penalty; what is reported as `omega` is without the weight.

    Args:
        weight: Beside the loss; 1 is a start.

    Raises:
        RnnkitError: For a model without a `Recurrent` layer, or with options of it that leave no derivative between
            steps to speak of: recurrent dropout, zoneout, truncation.

    Reference:
        Pascanu, Mikolov & Bengio, On the Difficulty of Training Recurrent Neural Networks, ICML 2013
        (arXiv:1211.5063), section 3.3.
    """

    noun: ClassVar[str] = "The penalty Omega"
    weight: float = 1.0

    def check(self, model: keras.Model) -> None:
        layers = recurrent_layers(model)
        if not layers:
            raise RnnkitError("The penalty Omega needs a recurrent layer of rnnkit in the model, and there is none.")
        for layer in layers:
            rates = {name: getattr(layer.cell, name) for name in ("recurrent_dropout", "zoneout")}
            refuse_with_omega(self.weight, truncate=layer.truncate, **rates)

    def watching(self, model: keras.Model, watch: Callable[[Tensor], Any]) -> AbstractContextManager[Probes]:
        return probing(watch)

    def sources(self, seen: Probes) -> list[Tensor]:
        return [trace.probe for trace in seen.traces]

    def term(
        self, seen: Probes, gradients: Sequence[Tensor | None], loss_again: Callable[[], Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        reached = [pair for pair in zip(seen.traces, gradients, strict=True) if pair[1] is not None]
        penalty = omega([trace for trace, _ in reached], [gradient for _, gradient in reached])
        return self.weight * penalty, {"omega": penalty}
