"""A padding mask for sequences of numbers."""

from typing import Any

import keras
from keras import ops

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class NaNMasking(keras.layers.Layer):
    """A layer that masks the steps that are NaN, and puts zeros in their place.

    Measured values may be any number, 0 included, so padding is marked by what is none. `keras.layers.Masking` cannot
    do this: it compares with `mask_value`, and NaN equals nothing.

    Call arguments:
        inputs: `[batch, time, features]`; a step is padding where all its features are NaN.

    Example:

    >>> import numpy as np
    >>> padded = np.array([[[0.0], [2.0], [np.nan]]], "float32")
    >>> NaNMasking()(padded).numpy().tolist(), NaNMasking().compute_mask(padded).numpy().tolist()
    ([[[0.0], [2.0], [0.0]]], [[True, True, False]])
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Tensor, previous_mask: Any = None) -> Tensor:
        return ops.any(ops.equal(inputs, inputs), axis=-1)  # NaN alone differs from itself

    def call(self, inputs: Tensor) -> Tensor:
        return ops.where(ops.equal(inputs, inputs), inputs, ops.zeros_like(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
