"""Scheduled sampling: in training, a decoder reads some of its own words."""

from typing import Any

import keras
from keras import ops

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class ScheduledSampling(keras.layers.Layer):
    """A layer that replaces a growing share of input ids by the network's own predictions.

    Why: in training a decoder reads the truth, in use its own words; so it never learns to go on after a mistake.
    All steps are sampled at once, from a first run that has read the truth, which costs a second run and not a loop.

    Equations:
        x_t = w_t                           with probability 1 - e
        x_t ~ softmax(logits_{t-1})         with probability e = rate * min(1, steps seen / steps)

    Args:
        rate: The largest share of ids that are replaced, 0 to 1.
        steps: Training steps until that share is reached.
        seed: Seeds what is replaced, and by what.

    Call arguments:
        inputs: int ids, `[batch, time]`; the first of a row, START, and padding stay.
        logits: What the network says after reading them, `[batch, time, words]`.

    Example:

    >>> import numpy as np
    >>> layer = ScheduledSampling(0.5, steps=10)
    >>> layer(np.array([[1, 5, 6]]), np.zeros((1, 3, 8), "float32")).shape
    TensorShape([1, 3])

    Reference:
        Bengio et al., Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks, NeurIPS 2015
        (arXiv:1506.03099); Duckworth et al., Parallel Scheduled Sampling, 2019 (arXiv:1906.04331).
    """

    def __init__(self, rate: float, steps: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate <= 1 or steps < 1:
            raise ValueError(f"rate is {rate!r} and steps is {steps!r}; expected 0 to 1, and 1 or more.")
        self.rate, self.steps, self.seed = rate, steps, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def spread_over(self, steps: int) -> None:
        """Set the length of the schedule: the largest share is reached halfway through training."""
        self.steps = max(steps // 2, 1)

    def build(self, inputs_shape: Any, logits_shape: Any) -> None:
        # Whole numbers up to many thousands: never in half precision.
        self.seen = self.add_weight(
            name="steps_seen", shape=(), initializer="zeros", trainable=False, dtype="float32", autocast=False
        )
        self.built = True

    def call(self, inputs: Tensor, logits: Tensor, training: bool = False) -> Tensor:
        if not training:
            return inputs
        share = self.rate * ops.minimum(self.seen / self.steps, 1.0)
        self.seen.assign_add(1.0)
        shape = ops.shape(inputs)
        flat = ops.reshape(ops.stop_gradient(ops.cast(logits, "float32")), (-1, logits.shape[-1]))
        guesses = ops.reshape(keras.random.categorical(flat, 1, seed=self.seed_generator), shape)
        before = ops.concatenate([inputs[:, :1], ops.cast(guesses, inputs.dtype)[:, :-1]], axis=1)
        replaced = keras.random.uniform(shape, seed=self.seed_generator) < share
        return ops.where(ops.logical_and(replaced, ops.not_equal(inputs, 0)), before, inputs)

    def compute_output_spec(self, inputs: Any, logits: Any, training: bool = False) -> keras.KerasTensor:
        return keras.KerasTensor(inputs.shape, inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "steps": self.steps, "seed": self.seed}
