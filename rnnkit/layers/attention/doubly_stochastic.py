"""The doubly stochastic loss: over a sentence, each part of a picture should get its share of attention."""

from typing import Any

import keras
from keras import ops

from rnnkit.layers.attention.attention_loss import AttentionLoss

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class DoublyStochastic(AttentionLoss):
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

    def penalty(self, weights: Tensor, counted: Tensor) -> Tensor:
        looked = ops.sum(weights * ops.expand_dims(counted, -1), axis=1)
        return ops.mean(ops.sum((1.0 - looked) ** 2, axis=-1))
