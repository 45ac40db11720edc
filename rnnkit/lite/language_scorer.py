"""A language model of text as the scorer of a search for speech (shallow fusion): in Keras, or an exported file."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.codec.normalise import MARK
from rnnkit.codec.vocabulary import START, UNKNOWN
from rnnkit.decoding.ctc import BLANK
from rnnkit.decoding.scorers import UnitScorer, WordScorer
from rnnkit.errors import RnnkitError
from rnnkit.lite.writing import Writer

#: What an unknown word's log-probability loses, since that of all unknown words together stands there.
_UNKNOWN_WORD = 10.0


def language_scorer(model: Writer, units: Sequence[str]) -> UnitScorer | WordScorer:
    """The scorer that `PrefixBeamSearch` asks, over units where the model reads the same ones, else over words.

    A model of characters (or bytes) scores a search over characters at every unit. Any other pair meets at the ends of
    words: the search has to know where words end (`WordBoundaries`), and the model reads each word as it splits it.

    Args:
        model: A trained `LanguageModel`, or what `rnnkit.lite.load` makes of an exported one.
        units: The text of each class of the search; that of the blank, the first, is not looked at. "▁" before a unit
            is a word's beginning, and is not read.

    Raises:
        RnnkitError: The model knows less than half of the characters: it was trained on texts written otherwise.

    Example:

    >>> import rnnkit
    >>> model = rnnkit.lite.load("saved_models/char_text/lite")  # doctest: +SKIP
    >>> scorer = language_scorer(model, ["", *"abcdefghijklmnopqrstuvwxyz '"])  # doctest: +SKIP

    Reference:
        Gülçehre et al., On Using Monolingual Corpora in Neural Machine Translation, 2015 (arXiv:1503.03535), section
        4.1 (shallow fusion); Hannun et al., 2014 (arXiv:1408.2873), for words.
    """
    ids = [model.alphabet.encode(unit) for unit in units[BLANK + 1 :]]
    if not model.alphabet.lossless or not all(len(each) == 1 for each in ids):
        return _Words(model, units)
    places = np.array([START, *(each[0] for each in ids)], np.int64)
    unknown = [unit for unit, place in zip(units[BLANK + 1 :], places[1:], strict=True) if place == UNKNOWN]
    if 2 * len(unknown) > len(ids):
        raise RnnkitError(
            f"The language model knows {len(ids) - len(unknown)} of {len(ids)} characters, and not "
            f"{' '.join(unknown)[:60]}. Train one on texts that are written as the transcripts are."
        )
    return _Units(model, places)


class _Steps:
    """A model's steps for any rows, whose states come from different calls."""

    def __init__(self, model: Writer) -> None:
        self._step, self._first = model.begin_writing(1)
        self._a_row_each = bool(self._first) and isinstance(self._first[0], list)  # an exported model's states
        self.ends = model.ends

    def first(self) -> tuple[np.ndarray, Any]:
        """Log-probabilities of a text's first unit, and the state before it."""
        rows, states = self._stepped(np.array([START]), self._first)
        return rows[0], states[0]

    def after(self, states: Sequence[Any], ids: Sequence[int]) -> tuple[np.ndarray, list[Any]]:
        """Log-probabilities behind these ids, `[rows, units]`, and the states there."""
        together = list(states) if self._a_row_each else [np.concatenate(parts) for parts in zip(*states, strict=True)]
        return self._stepped(np.array(ids), together)

    def _stepped(self, ids: np.ndarray, states: Any) -> tuple[np.ndarray, list[Any]]:
        logits, states = self._step(ids.astype(np.int32), states)
        made = np.array(logits, np.float64)
        made -= np.logaddexp.reduce(made, axis=1, keepdims=True)
        if not self._a_row_each:
            parts = [np.asarray(state) for state in states]
            states = [[part[row : row + 1] for part in parts] for row in range(len(ids))]
        return made, states


class _Units:
    """A scorer of units, each one id of the model."""

    def __init__(self, model: Writer, places: np.ndarray) -> None:
        self._steps, self._places = _Steps(model), places

    def start(self) -> tuple[np.ndarray, Any]:
        row, state = self._steps.first()
        return self._of_classes(row[None])[0], state

    def step(self, states: Sequence[Any], units: Sequence[int]) -> tuple[np.ndarray, Sequence[Any]]:
        rows, states = self._steps.after(states, self._places[list(units)].tolist())
        return self._of_classes(rows), states

    def _of_classes(self, rows: np.ndarray) -> np.ndarray:
        found = rows[:, self._places]
        if not self._steps.ends:
            found[:, BLANK] = 0.0
        return found


class _Words:
    """A scorer of words, each any number of ids; a state is the model's, with the log-probabilities behind it and
    whether a word was read."""

    def __init__(self, model: Writer, units: Sequence[str]) -> None:
        self._steps, self._alphabet = _Steps(model), model.alphabet
        self._units = [unit.replace(MARK, "") for unit in units]

    def start(self) -> Any:
        row, state = self._steps.first()
        return state, row, False

    def step(self, states: Sequence[Any], words: Sequence[tuple[int, ...]]) -> tuple[np.ndarray, Sequence[Any]]:
        current = list(states)
        log_p = np.zeros(len(words))
        ids = [self._ids(word, state[2]) for word, state in zip(words, states, strict=True)]
        for place in range(max(map(len, ids), default=0)):
            rows = [row for row, each in enumerate(ids) if len(each) > place]
            following = [ids[row][place] for row in rows]
            for row, following_id in zip(rows, following, strict=True):
                log_p[row] += current[row][1][following_id] - _UNKNOWN_WORD * (following_id == UNKNOWN)
            behind, made = self._steps.after([current[row][0] for row in rows], following)
            for row, of_row, state in zip(rows, behind, made, strict=True):
                current[row] = (state, of_row, True)
        return log_p, current

    def _ids(self, word: tuple[int, ...], goes_on: bool) -> list[int]:
        blank = " " if goes_on and self._alphabet.lossless else ""
        found: list[int] = self._alphabet.encode(blank + "".join(self._units[unit] for unit in word)).tolist()
        return found

    def end(self, states: Sequence[Any]) -> np.ndarray:
        return np.array([row[START] if self._steps.ends else 0.0 for _, row, _ in states])
