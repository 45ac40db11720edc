"""A word's vector from its characters: by a convolution, or by a recurrent cell in both directions."""

from typing import Any

import keras
from keras import ops

from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.pooling import lowest
from rnnkit.layers.recurrent import Recurrent

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class CharacterCNN(keras.layers.Layer):
    """A convolution over a word's characters, and of each filter its largest output.

    Why: a prefix, a suffix or a hyphen says much of a word that was never seen; where it stands hardly matters.

    Equations:
        y_i = W [x_(i-1); x_i; x_(i+1)] + b          x_i: the vector of the i-th character, for a window of 3
        v = max_i y_i                                over the word's characters

    Args:
        units: Filters, the width of the output.
        characters: Size of the vocabulary of characters; 0 is padding.
        embedding_size: Width of a character's vector.
        window: Characters a filter sees, an odd number.

    Call arguments:
        inputs: Character ids, `[batch, time, length]`, padded with 0 on the right.

    Returns:
        `[batch, time, units]`; 0 where a word has no character.

    Example:

    >>> import numpy as np
    >>> CharacterCNN(8, characters=50)(np.array([[[5, 6, 0], [7, 0, 0]]])).shape
    TensorShape([1, 2, 8])

    Reference:
        Ma & Hovy, End-to-end Sequence Labeling via Bi-directional LSTM-CNNs-CRF, ACL 2016 (arXiv:1603.01354);
        dos Santos & Zadrozny, Learning Character-level Representations for Part-of-Speech Tagging, ICML 2014.
    """

    def __init__(
        self, units: int, *, characters: int, embedding_size: int = 30, window: int = 3, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if window < 1 or window % 2 == 0:
            raise ValueError(f"window is {window!r}; expected an odd number, for example 3.")
        self.units, self.characters, self.embedding_size, self.window = units, characters, embedding_size, window
        self.embedding = character_embedding(characters, embedding_size, self.dtype_policy)
        self.filters = keras.layers.Dense(units, dtype=self.dtype_policy, name="filters")

    def build(self, input_shape: Any) -> None:
        self.embedding.build(input_shape)
        self.filters.build((*input_shape, self.window * self.embedding_size))
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        known = ops.expand_dims(ops.not_equal(inputs, 0), -1)  # [batch, time, length, 1]
        vectors = self.embedding(inputs) * ops.cast(known, self.compute_dtype)
        reach, length = self.window // 2, inputs.shape[-1]
        wide = ops.pad(vectors, [[0, 0], [0, 0], [reach, reach], [0, 0]])
        windows = ops.concatenate([wide[:, :, place : place + length] for place in range(self.window)], axis=-1)
        outputs = ops.where(known, self.filters(windows), lowest(self.compute_dtype))
        best = ops.max(outputs, axis=2)
        return ops.where(ops.any(known, axis=2), best, ops.zeros_like(best))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:2], self.units)

    def get_config(self) -> dict[str, Any]:
        names = ("units", "characters", "embedding_size", "window")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="rnnkit")
class CharacterRNN(keras.layers.Layer):
    """A recurrent cell over a word's characters, read from both ends; the last output of each direction.

    Args:
        cell: Any cell; each direction gives its `units`.
        characters: Size of the vocabulary of characters; 0 is padding.
        embedding_size: Width of a character's vector.

    Call arguments:
        inputs: Character ids, `[batch, time, length]`, padded with 0 on the right.

    Returns:
        `[batch, time, 2 * units]`; 0 where a word has no character.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LSTMCell
    >>> CharacterRNN(LSTMCell(4), characters=50)(np.array([[[5, 6, 0], [7, 0, 0]]])).shape
    TensorShape([1, 2, 8])

    Reference:
        Lample et al., Neural Architectures for Named Entity Recognition, NAACL 2016 (arXiv:1603.01360), section 4.1.
    """

    def __init__(self, cell: RecurrentCell, *, characters: int, embedding_size: int = 30, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cell, self.characters, self.embedding_size = cell, characters, embedding_size
        self.embedding = character_embedding(characters, embedding_size, self.dtype_policy)
        self.recurrent = Recurrent(cell, bidirectional=True, dtype=self.dtype_policy, name="recurrent")

    def build(self, input_shape: Any) -> None:
        self.embedding.build(input_shape)
        self.recurrent.build((None, input_shape[-1], self.embedding_size))
        self.built = True

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        shape = ops.shape(inputs)
        words = ops.reshape(inputs, (-1, inputs.shape[-1]))
        vectors = self.recurrent(self.embedding(words), mask=ops.not_equal(words, 0), training=training)
        return ops.reshape(vectors, (shape[0], shape[1], vectors.shape[-1]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:2], 2 * self.cell.output_size)

    def get_config(self) -> dict[str, Any]:
        cell = keras.saving.serialize_keras_object(self.cell)
        own = {"cell": cell, "characters": self.characters, "embedding_size": self.embedding_size}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "CharacterRNN":
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})


def character_embedding(characters: int, size: int, policy: Any) -> Any:
    """The characters' vectors, uniform in +-sqrt(3 / size) as in Ma & Hovy."""
    reach = (3 / size) ** 0.5
    start = keras.initializers.RandomUniform(-reach, reach)
    return keras.layers.Embedding(characters, size, embeddings_initializer=start, dtype=policy, name="embedding")
