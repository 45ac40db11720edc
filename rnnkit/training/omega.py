"""The vanishing-gradient penalty Omega: each step should preserve the gradient's norm."""

from collections.abc import Sequence
from typing import Any

import keras

from rnnkit.errors import RnnkitError
from rnnkit.layers.probe import Trace, probing
from rnnkit.training.omega_rules import refuse_with_omega
from rnnkit.training.stepping import recurrent_layers, require_tensorflow, step_back

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


class OmegaModel(keras.Model):
    """A functional Keras model trained with the penalty Omega added to its loss.

    Made as `keras.Model(inputs, outputs)` is; the layers may be those of another model. What `fit` and
    `train_on_batch` report as `loss` is without the penalty, which is reported as `omega`. A training step takes about
    twice as long.

    Args:
        omega: Weight of the penalty beside the loss; 1 is a start.

    Raises:
        RnnkitError: Without TensorFlow, without a `Recurrent` layer, or with options of it that leave no derivative
            between steps to speak of: recurrent dropout, zoneout, truncation.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import SimpleRNN
    >>> inputs = keras.Input((None, 3))
    >>> model = OmegaModel(inputs, keras.layers.Dense(1)(SimpleRNN(4)(inputs)), omega=1.0)
    >>> model.compile("sgd", "mse")
    >>> sorted(model.train_on_batch(np.ones((2, 5, 3)), np.ones((2, 1)), return_dict=True))
    ['loss', 'omega']

    Reference:
        Pascanu, Mikolov & Bengio, On the Difficulty of Training Recurrent Neural Networks, ICML 2013
        (arXiv:1211.5063), section 3.3.
    """

    def __init__(self, *arguments: Any, omega: float = 1.0, **more: Any) -> None:
        require_tensorflow("The penalty Omega")
        super().__init__(*arguments, **more)
        self.omega = omega
        layers = recurrent_layers(self)
        if not layers:
            raise RnnkitError("The penalty Omega needs a recurrent layer of rnnkit in the model, and there is none.")
        for layer in layers:
            rates = {name: getattr(layer.cell, name) for name in ("recurrent_dropout", "zoneout")}
            refuse_with_omega(omega, truncate=layer.truncate, **rates)

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of the optimizer on a batch."""
        import tensorflow as tf

        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        variables = [variable.value for variable in self.trainable_variables]
        with tf.GradientTape() as tape, probing(tape.watch) as probes:
            answers = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=answers, sample_weight=weights, training=True)
            scaled = self.optimizer.scale_loss(loss)
        sources = [*variables, *(trace.probe for trace in probes.traces)]
        gradients = tape.gradient(scaled, sources)
        of_loss, reaching = gradients[: len(variables)], gradients[len(variables) :]
        reached = [pair for pair in zip(probes.traces, reaching, strict=True) if pair[1] is not None]
        with tf.GradientTape() as tape:
            penalty = omega([trace for trace, _ in reached], [gradient for _, gradient in reached])
            scaled = self.optimizer.scale_loss(self.omega * penalty)
        of_penalty = tape.gradient(scaled, variables)
        self.optimizer.apply(list(map(_sum, of_loss, of_penalty)), self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
        return {**self.compute_metrics(x, y, answers, sample_weight=weights), "omega": penalty}


def _sum(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
