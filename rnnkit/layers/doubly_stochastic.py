"""A loss against leaving parts of a picture unlooked at: over a whole sentence each part should get its share."""

from typing import Any

import keras
from keras import ops

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class DoublyStochastic(keras.layers.Layer):
    """Passes its first input on, and adds to the loss how far the attention of a sentence is from even.

    Equations:
        loss = rate * mean_rows sum_i (1 - sum_t a_ti)^2             over the steps that are not padding

    Args:
        rate: lambda, how much it counts beside the loss of the words.

    Call arguments:
        inputs: Any tensor; it is returned.
        weights: Attention weights a, `[batch, time, regions]`.
        target: Target ids, `[batch, time]`, 0 for padding.

    Example:

    >>> import numpy as np
    >>> layer = DoublyStochastic(1.0)
    >>> _ = layer(np.zeros(1), np.array([[[1.0, 0.0], [1.0, 0.0]]], "float32"), np.array([[5, 6]]), training=True)
    >>> float(layer.losses[0])
    2.0

    Reference:
        Xu et al., Show, Attend and Tell, ICML 2015 (arXiv:1502.03044), section 4.2.1, equation 14.
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)  # what is passed on stays as it is
        self.rate = rate

    def call(self, inputs: Tensor, weights: Tensor, target: Tensor, training: bool = False) -> Tensor:
        if training:
            counted = ops.expand_dims(ops.cast(ops.not_equal(target, 0), "float32"), -1)
            looked = ops.sum(ops.cast(weights, "float32") * counted, axis=1)
            self.add_loss(self.rate * ops.mean(ops.sum((1.0 - looked) ** 2, axis=-1)))
        return inputs

    def compute_output_spec(
        self, inputs: Any, weights: Any, target: Any, training: bool = False
    ) -> keras.KerasTensor:  # fmt: skip
        return keras.KerasTensor(inputs.shape, inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}
