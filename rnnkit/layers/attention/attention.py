"""Attention: a query reads a weighted mean of a memory of many steps."""

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from rnnkit.errors import RnnkitError

Tensor = Any
_HIDDEN = -1e9


class Attention(keras.layers.Layer):
    """The base of all attention types; each defines how a query scores the steps of the memory.

    Equations:
        e_ts = score(q_t, m_s)
        a_t = softmax_s(e_t)                over the steps that the mask shows
        c_t = sum_s a_ts m_s

    Call arguments:
        query: `[batch, time, features]`, such as a decoder's states.
        memory: `[batch, source, features]`, such as an encoder's outputs.
        memory_mask: `[batch, source]`, true where a step of the memory counts; a row without any attends to all alike.

    Returns:
        The context c, `[batch, time, context_size]`, and the weights a, `[batch, time, source]`.
    """

    kind: ClassVar[str]

    def call(self, query: Tensor, memory: Tensor, memory_mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        return self.attend(query, self.project(memory), memory_mask)

    def project(self, memory: Tensor) -> tuple[Tensor, ...]:
        """The part that depends on the memory alone: tensors `[batch, source, ...]`, keys and values."""
        return memory, memory

    def attend(self, query: Tensor, projected: Sequence[Tensor], mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """`call` with an already projected memory, as a decoder uses it step by step."""
        keys, values = projected
        weights = self.softmax(self.score(query, keys), mask)
        return ops.matmul(weights, values), weights

    def score(self, query: Tensor, keys: Tensor) -> Tensor:
        """`[batch, time, features]` and the projected memory to `[batch, time, source]`."""
        raise NotImplementedError(f"{type(self).__name__} has no score(query, keys).")

    def softmax(self, scores: Tensor, mask: Tensor | None) -> Tensor:
        """Of scores `[batch, ..., source]` over the last axis, with the mask `[batch, source]`."""
        wide = ops.cast(scores, "float32")  # float16 holds no number as low as _HIDDEN
        if mask is not None:
            between = (1,) * (len(scores.shape) - 2)
            shape = ops.shape(mask)
            shown = ops.reshape(ops.cast(mask, "bool"), (shape[0], *between, shape[1]))
            wide = ops.where(shown, wide, _HIDDEN)
        return ops.cast(ops.softmax(wide), scores.dtype)

    def compute_output_shape(self, query_shape: Any, memory_shape: Any) -> Any:
        weights = (*query_shape[:-1], memory_shape[1])
        return (*query_shape[:-1], self.context_size(memory_shape)), weights

    def compute_mask(self, query: Tensor, previous_mask: Tensor | None) -> list[Tensor | None]:
        return [previous_mask, None]  # the context is the query's steps again

    def context_size(self, memory_shape: Sequence[int | None]) -> Any:
        """Width of the context."""
        return memory_shape[-1]


@keras.saving.register_keras_serializable(package="rnnkit")
class DotAttention(Attention):
    """Luong's simplest score, without weights.

    Equations:
        score(q, m) = q . m                 q and m of the same width

    Raises:
        RnnkitError: The widths differ.

    Example:

    >>> import numpy as np
    >>> context, weights = DotAttention()(np.ones((2, 5, 4), "float32"), np.ones((2, 3, 4), "float32"))
    >>> context.shape, weights.shape
    (TensorShape([2, 5, 4]), TensorShape([2, 5, 3]))

    Reference:
        Luong, Pham & Manning, Effective Approaches to Attention-based Neural Machine Translation, EMNLP 2015
        (arXiv:1508.04025), equation 8.
    """

    kind = "dot"

    def build(self, query_shape: Any, memory_shape: Any) -> None:
        if query_shape[-1] != memory_shape[-1]:
            raise RnnkitError(
                f"dot attention multiplies a query of {query_shape[-1]} numbers with a memory of {memory_shape[-1]}; "
                "they must be the same. Use general attention, or make the two alike."
            )
        self.built = True

    def score(self, query: Tensor, keys: Tensor) -> Tensor:
        return ops.matmul(query, ops.transpose(keys, (0, 2, 1)))


@keras.saving.register_keras_serializable(package="rnnkit")
class GeneralAttention(DotAttention):
    """Luong's multiplicative score.

    Equations:
        score(q, m) = q . W m

    Example:

    >>> import numpy as np
    >>> GeneralAttention()(np.ones((2, 5, 4), "float32"), np.ones((2, 3, 6), "float32"))[0].shape
    TensorShape([2, 5, 6])

    Reference:
        Luong, Pham & Manning, EMNLP 2015 (arXiv:1508.04025), equation 8.
    """

    kind = "general"

    def build(self, query_shape: Any, memory_shape: Any) -> None:
        self.kernel = self.add_weight(
            name="kernel", shape=(memory_shape[-1], query_shape[-1]), initializer="glorot_uniform"
        )
        self.built = True

    def project(self, memory: Tensor) -> tuple[Tensor, ...]:
        return ops.matmul(memory, self.kernel), memory


@keras.saving.register_keras_serializable(package="rnnkit")
class AdditiveAttention(Attention):
    """Bahdanau's score: a network with one hidden layer.

    Equations:
        score(q, m) = v . tanh(W q + U m + b)

    Args:
        units: Width of the hidden layer.

    Example:

    >>> import numpy as np
    >>> AdditiveAttention(8)(np.ones((2, 5, 4), "float32"), np.ones((2, 3, 6), "float32"))[0].shape
    TensorShape([2, 5, 6])

    Reference:
        Bahdanau, Cho & Bengio, Neural Machine Translation by Jointly Learning to Align and Translate, ICLR 2015
        (arXiv:1409.0473), appendix A.1.2.
    """

    kind = "additive"

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, query_shape: Any, memory_shape: Any) -> None:
        glorot = keras.initializers.GlorotUniform
        self.query_kernel = self.add_weight(
            name="query_kernel", shape=(query_shape[-1], self.units), initializer=glorot()
        )
        self.memory_kernel = self.add_weight(
            name="memory_kernel", shape=(memory_shape[-1], self.units), initializer=glorot()
        )
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        self.v = self.add_weight(name="v", shape=(self.units, 1), initializer=glorot())
        self.built = True

    def project(self, memory: Tensor) -> tuple[Tensor, ...]:
        return ops.matmul(memory, self.memory_kernel) + self.bias, memory

    def score(self, query: Tensor, keys: Tensor) -> Tensor:
        hidden = ops.expand_dims(ops.matmul(query, self.query_kernel), 2) + ops.expand_dims(keys, 1)
        return ops.squeeze(ops.matmul(ops.tanh(hidden), self.v), -1)  # of [batch, time, source, units]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
