"""What stands before a recurrent layer that reads words."""

from typing import Any

import keras
from keras import ops

from rnnkit.data.vocabulary import SPECIALS, UNKNOWN

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class WordDropout(keras.layers.Layer):
    """While training, turns words into the unknown word at random, so that the network learns to do without any one.

    Args:
        rate: Share of the words replaced, 0 to 1. Padding and `<START>` stay.
        seed: Seeds the choice.

    Call arguments:
        inputs: int ids, `[batch, time]`.

    Example:

    >>> import numpy as np
    >>> WordDropout(0.5)(np.array([[1, 5, 9, 0]])).shape
    TensorShape([1, 4])

    Reference:
        Iyyer et al., Deep Unordered Composition Rivals Syntactic Methods for Text Classification, ACL 2015.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate is {rate!r}; expected a share from 0 up to, not including, 1.")
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or not self.rate:
            return inputs
        dropped = keras.random.uniform(ops.shape(inputs), seed=self.seed_generator) < self.rate
        word = inputs >= len(SPECIALS)
        return ops.where(ops.logical_and(dropped, word), ops.full_like(inputs, UNKNOWN), inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(package="rnnkit")
class PaddingMask(keras.layers.Layer):
    """True where an id is not padding: the mask that every layer after it is given by name.

    Example:

    >>> import numpy as np
    >>> PaddingMask()(np.array([[1, 5, 0]])).numpy().tolist()
    [[True, True, False]]
    """

    def call(self, inputs: Tensor) -> Tensor:
        return ops.not_equal(inputs, 0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(inputs.shape, dtype="bool")
