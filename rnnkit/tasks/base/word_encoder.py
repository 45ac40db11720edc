"""The part of a trained network that others may start from: its words and its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

    from rnnkit.layers.cell import RecurrentCell


@dataclass(frozen=True)
class WordEncoder:
    """What a task hands to others from `Task.word_encoder`.

    Args:
        unit: What the words are; equal to the `language_unit` of the tasks that it serves, such as "word".
        delimiters: What splits words, as the option `delimiters` of those tasks names it.
        words: By id, `rnnkit.codec.vocabulary.SPECIALS` first.
        network: Trained; its layer "embedding" has a row of numbers for each word, `[words, features]`, and its layer
            "recurrent" is a `rnnkit.Recurrent` over these.
    """

    unit: str
    delimiters: str
    words: Sequence[str]
    network: "keras.Model"

    @property
    def vectors(self) -> np.ndarray:
        """The vector of each word, `[words, features]`."""
        return self.network.get_layer("embedding").get_weights()[0]

    @property
    def cells(self) -> "Sequence[RecurrentCell]":
        """The cells that read from the start to the end, from the first layer up."""
        return self.network.get_layer("recurrent").forward_cells
