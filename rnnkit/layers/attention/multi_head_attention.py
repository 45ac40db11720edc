"""Attention with several heads."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.errors import RnnkitError
from rnnkit.layers.attention.attention import Attention

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class MultiHeadAttention(Attention):
    """Several scaled dot products beside one another, each in a narrow space of its own.

    Equations:
        score_i(q, m) = (W_i^Q q) . (W_i^K m) / sqrt(units / heads)
        c = W^O [sum_s a_1s W_1^V m_s; ...; sum_s a_Hs W_H^V m_s]
    The weights that are returned are the mean over the heads.

    Args:
        units: Width of all heads together.
        heads: How many.

    Raises:
        RnnkitError: `units` cannot be divided by `heads`.

    Example:

    >>> import numpy as np
    >>> MultiHeadAttention(8, heads=2)(np.ones((2, 5, 4), "float32"), np.ones((2, 3, 6), "float32"))[0].shape
    TensorShape([2, 5, 8])

    Reference:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017 (arXiv:1706.03762), section 3.2.2.
    """

    kind = "multi_head"

    def __init__(self, units: int, heads: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if heads < 1 or units % heads:
            raise RnnkitError(f"{units} attention units cannot be divided among {heads} heads; choose a multiple.")
        self.units, self.heads = units, heads

    def build(self, query_shape: Any, memory_shape: Any) -> None:
        for name, features in (
            ("query", query_shape[-1]),
            ("key", memory_shape[-1]),
            ("value", memory_shape[-1]),
            ("output", self.units),
        ):
            kernel = self.add_weight(
                name=f"{name}_kernel", shape=(features, self.units), initializer=keras.initializers.GlorotUniform()
            )
            setattr(self, f"{name}_kernel", kernel)
        self.built = True

    def project(self, memory: Tensor) -> tuple[Tensor, ...]:
        return ops.matmul(memory, self.key_kernel), ops.matmul(memory, self.value_kernel)

    def attend(self, query: Tensor, projected: Sequence[Tensor], mask: Tensor | None) -> tuple[Tensor, Tensor]:
        queries = self._by_head(ops.matmul(query, self.query_kernel))  # [batch, heads, time, width]
        keys, values = (self._by_head(each) for each in projected)
        scores = ops.matmul(queries, ops.transpose(keys, (0, 1, 3, 2))) / math.sqrt(self.units / self.heads)
        weights = self.softmax(scores, mask)
        found = ops.transpose(ops.matmul(weights, values), (0, 2, 1, 3))
        shape = ops.shape(found)
        context = ops.reshape(found, (shape[0], shape[1], self.units))
        return ops.matmul(context, self.output_kernel), ops.mean(weights, axis=1)

    def _by_head(self, x: Tensor) -> Tensor:
        """`[batch, steps, units]` to `[batch, heads, steps, units / heads]`."""
        shape = ops.shape(x)
        return ops.transpose(ops.reshape(x, (shape[0], shape[1], self.heads, -1)), (0, 2, 1, 3))

    def context_size(self, memory_shape: Sequence[int | None]) -> Any:
        return self.units

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "heads": self.heads}
