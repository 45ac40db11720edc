"""The base of losses on attention weights."""

from typing import Any

import keras
from keras import ops

Tensor = Any


class AttentionLoss(keras.layers.Layer):
    """Passes its first input on, and in training adds `rate * penalty(weights, counted)` to the loss.

    Args:
        rate: How much it counts beside the loss of the words.

    Call arguments:
        inputs: Any tensor; it is returned.
        weights: Attention weights a, `[batch, time, source]`.
        target: Target ids, `[batch, time]`, 0 for padding.
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)  # what is passed on stays as it is
        self.rate = rate

    def penalty(self, weights: Tensor, counted: Tensor) -> Tensor:
        """A scalar.

        Args:
            weights: a, in float32.
            counted: 1 at the target steps that are not padding, `[batch, time]`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no penalty(weights, counted).")

    def call(self, inputs: Tensor, weights: Tensor, target: Tensor, training: bool = False) -> Tensor:
        if training:
            counted = ops.cast(ops.not_equal(target, 0), "float32")
            self.add_loss(self.rate * self.penalty(ops.cast(weights, "float32"), counted))
        return inputs

    def compute_output_spec(self, inputs: Any, weights: Any, target: Any, training: bool = False) -> keras.KerasTensor:
        return keras.KerasTensor(inputs.shape, inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}
