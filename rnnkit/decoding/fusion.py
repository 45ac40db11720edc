"""What a language model and the number of words add to the scores of a search, worked out where it decides alone."""

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from rnnkit.decoding.ctc import BLANK
from rnnkit.decoding.lexicon import WordBoundaries
from rnnkit.decoding.scorers import UnitScorer, WordScorer
from rnnkit.errors import RnnkitError

#: A node of the tree of prefixes to the units of the word that its prefix ends in.
LastWord = Callable[[int], tuple[int, ...]]


class Fusion:
    """Without a language model: beta for each word.

    What a step adds is known only once `is_known` has said so of it; until then `after` has a bound from above. So a
    language model is asked about those steps alone that would be taken if it had no objections.

    Args:
        boundaries: Where words begin and end; None: each unit is a word.
        beta: What each word adds.
    """

    def __init__(self, boundaries: WordBoundaries | None, beta: float) -> None:
        self.boundaries, self.beta, self._classes = boundaries, beta, 0
        self.score = np.zeros(1)  # of each hypothesis
        self.inside = np.zeros(1, np.int64)  # whether it is in a word

    def after(self, classes: int) -> np.ndarray:
        """The score with one more unit, `[hypotheses, classes]`."""
        self._classes = classes
        if self.boundaries is None:
            return np.broadcast_to((self.score + self.beta)[:, None], (len(self.score), classes))
        return self.score[:, None] + self.beta * self.boundaries.begins[self.inside]

    def is_known(self, parents: np.ndarray, units: np.ndarray, nodes: Sequence[int]) -> bool:
        """Whether `after` has these steps' very scores; if not, it has them from now on.

        Args:
            parents: Hypotheses that take a step, `[steps]`.
            units: The steps.
            nodes: The node of each hypothesis.
        """
        return True

    def follow(self, kept: np.ndarray, parents: np.ndarray, units: np.ndarray) -> None:
        """The next hypotheses: those kept, then these steps."""
        self.score = np.concatenate([self.score[kept], self.after(self._classes)[parents, units]])
        if self.boundaries is not None:
            self.inside = np.concatenate([self.inside[kept], units != self.boundaries.separator])

    def ended(self, nodes: Sequence[int]) -> np.ndarray:
        """The scores of the hypotheses as whole texts."""
        return self.score


class _OfUnits(Fusion):
    """With a language model over units, whose row of a hypothesis is asked for once."""

    def __init__(self, scorer: UnitScorer, boundaries: WordBoundaries | None, alpha: float, beta: float) -> None:
        super().__init__(boundaries, beta)
        row, state = scorer.start()
        self.scorer, self.alpha = scorer, alpha
        self.rows = np.asarray(row, np.float64)[None]  # of the next unit; 0 where not known yet
        #: Of each hypothesis whether the row is known, and the state before it; if not, the state and unit that lead
        #: there.
        self.known, self.states, self.units = np.ones(1, bool), [state], [BLANK]

    def after(self, classes: int) -> np.ndarray:
        if self.rows.shape[1] != classes:
            raise RnnkitError(
                f"The language model scores {self.rows.shape[1]} classes, and the frames have {classes}; expected the "
                "same ones."
            )
        return super().after(classes) + self.alpha * self.rows

    def is_known(self, parents: np.ndarray, units: np.ndarray, nodes: Sequence[int]) -> bool:
        asked = np.unique(parents[~self.known[parents]])
        self._ask(asked)
        return not len(asked)

    def _ask(self, places: np.ndarray) -> None:
        if len(places):
            chosen = places.tolist()
            rows, states = self.scorer.step([self.states[k] for k in chosen], [self.units[k] for k in chosen])
            self.rows[places], self.known[places] = rows, True
            for place, state in zip(chosen, states, strict=True):
                self.states[place] = state

    def follow(self, kept: np.ndarray, parents: np.ndarray, units: np.ndarray) -> None:
        super().follow(kept, parents, units)
        self.rows = np.concatenate([self.rows[kept], np.zeros((len(units), self.rows.shape[1]))])
        self.known = np.concatenate([self.known[kept], np.zeros(len(units), bool)])
        self.states = [self.states[k] for k in (*kept.tolist(), *parents.tolist())]
        self.units = [*(self.units[k] for k in kept.tolist()), *units.tolist()]

    def ended(self, nodes: Sequence[int]) -> np.ndarray:
        self._ask(np.flatnonzero(~self.known))
        return self.score + self.alpha * self.rows[:, BLANK]


class _OfWords(Fusion):
    """With a language model over words, asked for a word where that would end."""

    boundaries: WordBoundaries

    def __init__(
        self, scorer: WordScorer, boundaries: WordBoundaries, alpha: float, beta: float, last_word: LastWord
    ) -> None:
        super().__init__(boundaries, beta)
        self.scorer, self.alpha, self.last_word = scorer, alpha, last_word
        self.log_p = np.zeros(1)  # of the word that a hypothesis is in; 0 where not known yet
        #: Of each hypothesis whether that is known, and the states before that word and behind it.
        self.known, self.states, self.behind = np.zeros(1, bool), [scorer.start()], [None]

    def after(self, classes: int) -> np.ndarray:
        ends = self.boundaries.ends[self.inside]
        return super().after(classes) + self.alpha * self.log_p[:, None] * ends

    def is_known(self, parents: np.ndarray, units: np.ndarray, nodes: Sequence[int]) -> bool:
        ending = parents[self.boundaries.ends[self.inside[parents], units]]
        asked = np.unique(ending[~self.known[ending]])
        self._ask(asked, nodes)
        return not len(asked)

    def _ask(self, places: np.ndarray, nodes: Sequence[int]) -> None:
        if len(places):
            chosen = places.tolist()
            words = [self.last_word(nodes[k]) for k in chosen]
            self.log_p[places], behind = self.scorer.step([self.states[k] for k in chosen], words)
            self.known[places] = True
            for place, state in zip(chosen, behind, strict=True):
                self.behind[place] = state

    def follow(self, kept: np.ndarray, parents: np.ndarray, units: np.ndarray) -> None:
        ending = self.boundaries.ends[self.inside[parents], units]
        super().follow(kept, parents, units)
        stepped = [
            self.behind[k] if ends else self.states[k]
            for k, ends in zip(parents.tolist(), ending.tolist(), strict=True)
        ]
        self.states = [*(self.states[k] for k in kept.tolist()), *stepped]
        self.behind = [*(self.behind[k] for k in kept.tolist()), *[None] * len(units)]
        self.log_p = np.concatenate([self.log_p[kept], np.zeros(len(units))])
        self.known = np.concatenate([self.known[kept], np.zeros(len(units), bool)])

    def ended(self, nodes: Sequence[int]) -> np.ndarray:
        inside = self.inside.astype(bool)
        self._ask(np.flatnonzero(inside & ~self.known), nodes)
        states = [self.behind[k] if of else self.states[k] for k, of in enumerate(inside.tolist())]
        return self.score + self.alpha * (self.log_p * inside + self.scorer.end(states))


def fusion_of(
    scorer: UnitScorer | WordScorer | None,
    boundaries: WordBoundaries | None,
    alpha: float,
    beta: float,
    last_word: LastWord,
) -> Fusion:
    """The fusion for a language model, or for none.

    Raises:
        RnnkitError: It is a model over words, and there are no boundaries.
    """
    if scorer is None:
        return Fusion(boundaries, beta)
    if not hasattr(scorer, "end"):
        return _OfUnits(scorer, boundaries, alpha, beta)
    if boundaries is None:
        raise RnnkitError("A language model over words needs to know where words end; give the boundaries of words.")
    return _OfWords(cast(WordScorer, scorer), boundaries, alpha, beta, last_word)
