"""Word dropout and padding masks, used before recurrent layers."""

from typing import Any

import keras
from keras import ops

from rnnkit.codec.vocabulary import SPECIALS, UNKNOWN

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class WordDropout(keras.layers.Layer):
    """A layer that, in training, replaces random words by the unknown word.

    Args:
        rate: Share of the words replaced, 0 to 1. Padding and `<START>` stay.
        rare_rate: The share among rare words, 0 to 1: what the unknown word means is learnt from those, which are most
            like the words that come later.
        rare_from: The rare words are those of this id and above; None: there are none.
        seed: Seeds the choice.

    Call arguments:
        inputs: int ids, `[batch, time]`.

    Example:

    >>> import numpy as np
    >>> WordDropout(0.5)(np.array([[1, 5, 9, 0]])).shape
    TensorShape([1, 4])

    Reference:
        Iyyer et al., Deep Unordered Composition Rivals Syntactic Methods for Text Classification, ACL 2015; Lample et
        al., Neural Architectures for Named Entity Recognition, NAACL 2016 (rare words).
    """

    def __init__(
        self,
        rate: float,
        rare_rate: float = 0.0,
        rare_from: int | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, share in (("rate", rate), ("rare_rate", rare_rate)):
            if not 0 <= share < 1:
                raise ValueError(f"{name} is {share!r}; expected a share from 0 up to, not including, 1.")
        self.rate, self.rare_rate, self.rare_from = rate, rare_rate, rare_from
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        rare = self.rare_rate if self.rare_from is not None else 0.0
        if not training or not (self.rate or rare):
            return inputs
        rate: Any = self.rate
        if self.rare_from is not None:
            rate = ops.where(inputs >= self.rare_from, max(rare, self.rate), self.rate)
        dropped = keras.random.uniform(ops.shape(inputs), seed=self.seed_generator) < rate
        word = inputs >= len(SPECIALS)
        return ops.where(ops.logical_and(dropped, word), ops.full_like(inputs, UNKNOWN), inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rate": self.rate,
            "rare_rate": self.rare_rate,
            "rare_from": self.rare_from,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable(package="rnnkit")
class PaddingMask(keras.layers.Layer):
    """The padding mask: true where an id is not padding.

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
