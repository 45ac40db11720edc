"""A convolution over time that padding cannot reach."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class TimeConvolution(keras.layers.Layer):
    """A convolution over time with layer normalization and ReLU, for what recurrent layers read: local shapes of a
    signal.

    Equations:
        a_t = sum_k x_{t - width + 1 + k} K_k           causal
        a_t = sum_k x_{t - (width - 1) // 2 + k} K_k    otherwise
        y_t = max(0, beta + gamma (a_t - mean(a_t)) / sqrt(variance(a_t) + epsilon))

    Mean and variance are those of a step's features, so a step needs no other and no other sequence.

    Args:
        filters: The number of features of a step that come out.
        width: Steps that one of them looks at.
        causal: Whether these are the last ones, so that it runs step by step; otherwise those around it.

    Call arguments:
        inputs: `[batch, time, features]`.
        mask: `[batch, time]`, true where a step counts; other steps are as those before the first: zeros.

    Example:

    >>> import numpy as np
    >>> TimeConvolution(4, 3)(np.ones((2, 5, 3), "float32")).shape
    TensorShape([2, 5, 4])

    Reference:
        Waibel et al., Phoneme Recognition Using Time-Delay Neural Networks, IEEE TASSP 37(3), 1989; Ba, Kiros and
        Hinton, Layer Normalization, 2016 (arXiv:1607.06450).
    """

    def __init__(self, filters: int, width: int, causal: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if filters < 1 or width < 1:
            raise ValueError(f"filters is {filters} and width {width}; expected 1 or more of each.")
        self.filters, self.width, self.causal = filters, width, causal
        self.normalization = keras.layers.LayerNormalization(dtype=self.dtype_policy, name="normalization")
        self.supports_masking = True

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.kernel = self.add_weight(
            name="kernel", shape=(self.width, input_shape[-1], self.filters), initializer="he_normal"
        )
        self.normalization.build((*input_shape[:-1], self.filters))
        self.built = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is not None:
            inputs = ops.where(ops.expand_dims(mask, -1), inputs, ops.zeros_like(inputs))
        before = self.width - 1 if self.causal else (self.width - 1) // 2
        padded = ops.pad(inputs, ((0, 0), (before, self.width - 1 - before), (0, 0)))
        return ops.relu(self.normalization(ops.conv(padded, self.kernel, padding="valid")))

    def step(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """One step of a causal convolution.

        Args:
            x: `[batch, features]`.
            before: The steps before it, `[batch, (width - 1) * features]`; zeros before the first.

        Returns:
            The output `[batch, filters]`, and what the next step is to be given.
        """
        window = ops.concatenate([before, x], axis=-1)
        flat = ops.reshape(self.kernel, (-1, self.filters))
        found = self.normalization(ops.expand_dims(ops.matmul(window, flat), 1))[:, 0]
        return ops.relu(found), window[:, ops.shape(x)[-1] :]

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters, "width": self.width, "causal": self.causal}
