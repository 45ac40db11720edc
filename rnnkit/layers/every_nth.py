"""Steps left out at regular distances, so that recurrent layers behind have fewer of them."""

from collections.abc import Sequence
from typing import Any

import keras

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class EveryNth(keras.layers.Layer):
    """Keeps the steps `first`, `first + stride`, `first + 2 * stride`, ... of a sequence. Behind a convolution, it is a
    convolution with a stride.

    Args:
        stride: From one step that is kept to the next.
        first: The first step that is kept, from 0 to `stride - 1`.

    Call arguments:
        inputs: `[batch, time, features]`.

    Returns:
        `[batch, ceil((time - first) / stride), features]`; a mask follows.

    Example:

    >>> import numpy as np
    >>> EveryNth(3, first=1)(np.arange(8.0).reshape(1, 8, 1)).numpy().ravel().tolist()
    [1.0, 4.0, 7.0]
    """

    def __init__(self, stride: int, first: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if stride < 1 or not 0 <= first < stride:
            raise ValueError(f"stride is {stride} and first {first}; expected 1 or more, and 0 to stride - 1.")
        self.stride, self.first = stride, first
        self.supports_masking = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        return inputs[:, self.first :: self.stride]

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor | None:
        return None if mask is None else mask[:, self.first :: self.stride]

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        batch, time, *features = input_shape
        return batch, None if time is None else max(0, -(-(time - self.first) // self.stride)), *features

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stride": self.stride, "first": self.first}
