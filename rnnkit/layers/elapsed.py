"""The time between steps beside their features, for cells that read it."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.layers.time_columns import with_times

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class ElapsedBehind(keras.layers.Layer):
    """Puts the time since the step before behind the features of each step, for a cell with `time="last"`.

    Call arguments:
        inputs: Two tensors of the same steps: features `[..., size]`; and what the times are read from, the last of
            whose columns is log(1 + time), as `rnnkit.codec.channels` has it.

    Returns:
        `[..., size + 1]`, masked as the features are.

    Example:

    >>> import numpy as np
    >>> features, logarithm = np.ones((1, 1, 2), "float32"), np.log(np.full((1, 1, 1), 4.0, "float32"))
    >>> ElapsedBehind()([features, logarithm]).numpy().round(4).tolist()
    [[[1.0, 1.0, 3.0]]]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        features, read = inputs
        return with_times(features, ops.exp(read[..., -1:]) - 1)

    def compute_mask(self, inputs: Sequence[Tensor], mask: Any = None) -> Any:
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (*input_shape[0][:-1], input_shape[0][-1] + 1)
