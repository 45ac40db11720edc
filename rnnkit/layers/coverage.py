"""A loss against looking at the same source words again and again."""

from typing import Any

import keras
from keras import ops

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class CoverageLoss(keras.layers.Layer):
    """Passes its first input on, and adds to the loss what attention looks at a second time.

    Equations:
        C_t = sum_{t' < t} a_t'
        loss = rate * mean_t sum_s min(a_ts, C_ts)             over the target steps that are not padding

    Args:
        rate: How much it counts beside the loss of the words.

    Call arguments:
        inputs: Any tensor; it is returned.
        weights: Attention weights a, `[batch, time, source]`.
        target: Target ids, `[batch, time]`, 0 for padding.

    Example:

    >>> import numpy as np
    >>> layer = CoverageLoss(1.0)
    >>> _ = layer(np.zeros(1), np.array([[[1.0, 0.0], [1.0, 0.0]]], "float32"), np.array([[5, 6]]), training=True)
    >>> float(layer.losses[0])
    0.5

    Reference:
        See, Liu & Manning, Get To The Point, ACL 2017 (arXiv:1704.04368), section 2.3.
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)  # what is passed on stays as it is
        self.rate = rate

    def call(self, inputs: Tensor, weights: Tensor, target: Tensor, training: bool = False) -> Tensor:
        if training:
            weights = ops.cast(weights, "float32")
            seen_before = ops.cumsum(weights, axis=1) - weights
            again = ops.sum(ops.minimum(weights, seen_before), axis=-1)
            counted = ops.cast(ops.not_equal(target, 0), "float32")
            self.add_loss(self.rate * ops.sum(again * counted) / ops.maximum(ops.sum(counted), 1.0))
        return inputs

    def compute_output_spec(
        self, inputs: Any, weights: Any, target: Any, training: bool = False
    ) -> keras.KerasTensor:  # fmt: skip
        return keras.KerasTensor(inputs.shape, inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}
