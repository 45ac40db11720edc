"""What a search asks a language model: how likely the next unit is, or the next word."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np


class UnitScorer(Protocol):
    """A language model over the units of a search, one at a time.

    Each row of log-probabilities has a number for each class, at most 0; at the place of `BLANK` stands that of the
    text's end, 0 where the model does not know ends. `rnnkit.lite.language_scorer` makes one of a language model.
    """

    def start(self) -> tuple[np.ndarray, Any]:
        """Log-probabilities of the first unit, `[classes]`, and the state before it."""

    def step(self, states: Sequence[Any], units: Sequence[int]) -> tuple[np.ndarray, Sequence[Any]]:
        """From states, and the unit that follows each, to log-probabilities of the unit behind these, `[rows,
        classes]`, and the new states."""


class WordScorer(Protocol):
    """A language model over words of units, whatever it reads itself."""

    def start(self) -> Any:
        """The state before the first word."""

    def step(self, states: Sequence[Any], words: Sequence[tuple[int, ...]]) -> tuple[np.ndarray, Sequence[Any]]:
        """From states, and the word that follows each, to that word's log-probability, at most 0, `[rows]`, and the new
        states."""

    def end(self, states: Sequence[Any]) -> np.ndarray:
        """The log-probability that the text ends in each state, `[rows]`; 0 where the model does not know ends."""
