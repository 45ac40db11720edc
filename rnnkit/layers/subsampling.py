"""Fewer steps of more features: what recurrent layers over frames of sound read."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class TimeSubsampling(keras.layers.Layer):
    """Joins each `stride` steps to one with the features of all; steps that fill none at the end are left out.

    Args:
        stride: Steps that become one.

    Call arguments:
        inputs: `[batch, time, features]`.
        mask: `[batch, time]`, true where a step counts; one of the new steps counts where the last of its
            does.

    Returns:
        `[batch, time // stride, stride * features]`.

    Example:

    >>> import numpy as np
    >>> TimeSubsampling(2)(np.arange(1.0, 6.0).reshape(1, 5, 1)).numpy().tolist()
    [[[1.0, 2.0], [3.0, 4.0]]]

    Reference:
        Chan et al., Listen, Attend and Spell, ICASSP 2016 (arXiv:1508.01211), section 2.1.
    """

    def __init__(self, stride: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if stride < 1:
            raise ValueError(f"stride is {stride}; expected 1 or more.")
        self.stride = stride
        self.supports_masking = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        if self.stride == 1:
            return inputs
        time = inputs.shape[1] if inputs.shape[1] is not None else ops.shape(inputs)[1]
        whole = inputs[:, : time // self.stride * self.stride]
        return ops.reshape(whole, (ops.shape(inputs)[0], -1, self.stride * inputs.shape[2]))

    def compute_mask(self, inputs: Tensor, previous_mask: Tensor | None = None) -> Tensor | None:
        if previous_mask is None or self.stride == 1:
            return previous_mask
        return previous_mask[:, self.stride - 1 :: self.stride]

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        batch, time, features = input_shape
        return (
            batch,
            None if time is None else time // self.stride,
            None if features is None else features * self.stride,
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stride": self.stride}
