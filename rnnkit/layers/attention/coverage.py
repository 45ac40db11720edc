"""A coverage loss against attending to the same source words repeatedly."""

from typing import Any

import keras
from keras import ops

from rnnkit.layers.attention.attention_loss import AttentionLoss

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class CoverageLoss(AttentionLoss):
    """Passes its first input on, and adds the repeated attention to the loss.

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

    def penalty(self, weights: Tensor, counted: Tensor) -> Tensor:
        seen_before = ops.cumsum(weights, axis=1) - weights
        again = ops.sum(ops.minimum(weights, seen_before), axis=-1)
        return ops.sum(again * counted) / ops.maximum(ops.sum(counted), 1.0)
