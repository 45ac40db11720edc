"""The loss of tasks that write sentences: cross-entropy of the next token."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.data.batches import Batches

Tensor = Any


def loss_of(label_smoothing: float) -> Callable[[Tensor, Tensor], Tensor]:
    """Mean cross-entropy of `(targets [batch, time], logits)` over the targets that are not padding.

    Equations:
        L = -(1 - e) log p_w - e mean_v(log p_v)

    Reference:
        Szegedy et al., Rethinking the Inception Architecture for Computer Vision, CVPR 2016, section 7.
    """

    def cross_entropy(targets: Tensor, logits: Tensor) -> Tensor:
        targets = ops.cast(targets, "int32")
        logits = ops.cast(logits, "float32")
        true = ops.squeeze(ops.take_along_axis(logits, ops.expand_dims(targets, -1), axis=-1), -1)
        aim = true if not label_smoothing else (1 - label_smoothing) * true + label_smoothing * ops.mean(logits, -1)
        counted = ops.cast(ops.not_equal(targets, 0), "float32")
        losses = (ops.logsumexp(logits, axis=-1) - aim) * counted
        return ops.sum(losses) / ops.maximum(ops.sum(counted), 1.0)

    return cross_entropy


def nats_of_rows(network: keras.Model, batches: Batches, rows: int) -> np.ndarray:
    """-log p of all correct tokens of each row, END included, `[rows]`."""
    found = np.zeros(rows)
    for indices, (inputs, targets) in batches.in_order():
        logits = ops.cast(network(inputs, training=False), "float32")
        true = ops.squeeze(ops.take_along_axis(logits, ops.expand_dims(ops.cast(targets, "int32"), -1), axis=-1), -1)
        losses = ops.convert_to_numpy(ops.logsumexp(logits, axis=-1) - true)
        found[indices] = (losses * (targets != 0)).sum(axis=-1, dtype=np.float64)
    return found
