"""Prefix beam search over CTC's probabilities, with a list of words and a language model."""

from typing import Any

import numpy as np

from rnnkit.decoding.ctc import BLANK, RULED_OUT, Hypothesis, checked_frames
from rnnkit.decoding.ctc_alignment import align
from rnnkit.decoding.fusion import Fusion, fusion_of
from rnnkit.decoding.lexicon import Lexicon, WordBoundaries
from rnnkit.decoding.scorers import UnitScorer, WordScorer
from rnnkit.errors import RnnkitError

_ROOT = 0
_CROWDED = 4096  # prefixes from which on those that no hypothesis begins with are forgotten


class PrefixBeamSearch:
    """The likeliest texts, each by the sum over all its paths; frames may come in chunks, and the answer is the same.

    Equations:
        score(l) = log p(l | frames) + alpha log p_LM(l) + beta words(l)

    A hypothesis is a prefix of a text. Kept are those with the best scores, as far as they are known: beta counts from
    a word's beginning on, its log-probability from its end on (of a model over units: each unit's from the unit on).
    With a beam as wide as there are prefixes the search is exhaustive. What is kept grows with the texts, not with the
    frames.

    Args:
        beam_width: Hypotheses that are kept at each frame.
        margin: Hypotheses whose score is lower than the best one's by more than this are dropped at each frame; None:
            none is.
        boundaries: Where words begin and end; without them each unit is a word.
        lexicon: The words that may be written, with their own boundaries. A text whose last word is not whole counts
            only where nothing else is left, and then without that word.
        scorer: A language model.
        alpha: The weight of the language model.
        beta: What each word adds: above 0 makes up for what the language model takes off longer texts.

    Raises:
        RnnkitError: A number is out of range, or a word scorer comes without boundaries.

    Example:

    >>> frames = np.log([[0.6, 0.4], [0.6, 0.4]])  # the best path says nothing (0.36), and three others say 1 (0.64)
    >>> search = PrefixBeamSearch(beam_width=4)
    >>> search.feed(frames)
    >>> [(found.units, round(float(np.exp(found.log_p)), 2)) for found in search.finish(2)]
    [([1], 0.64), ([], 0.36)]

    Reference:
        Graves & Jaitly, Towards End-to-End Speech Recognition with Recurrent Neural Networks, ICML 2014, algorithm 1;
        Hannun et al., First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs,
        2014 (arXiv:1408.2873), for the list of words, alpha and beta.
    """

    def __init__(
        self,
        *,
        beam_width: int = 32,
        margin: float | None = None,
        boundaries: WordBoundaries | None = None,
        lexicon: Lexicon | None = None,
        scorer: UnitScorer | WordScorer | None = None,
        alpha: float = 0.5,
        beta: float = 0.0,
    ) -> None:
        if not beam_width >= 1:
            raise RnnkitError(f"beam_width is {beam_width!r}; expected 1 hypothesis or more.")
        if margin is not None and not margin > 0:
            raise RnnkitError(f"margin is {margin!r}; expected a number above 0, or None for none.")
        if not 0 <= alpha < np.inf or not abs(beta) < np.inf:
            raise RnnkitError(f"alpha is {alpha!r} and beta {beta!r}; expected numbers, alpha 0 or more.")
        self.beam_width, self.margin, self.lexicon = beam_width, margin, lexicon
        self.boundaries = boundaries if lexicon is None else lexicon.boundaries
        self._fusion_of = lambda: fusion_of(scorer, self.boundaries, alpha, beta, self._last_word)
        self.reset()

    def reset(self) -> None:
        """Begin another utterance."""
        self._classes = self.boundaries.classes if self.boundaries else None
        # the tree of prefixes, whose root is the empty one
        self._parent, self._unit, self._children = [-1], [BLANK], dict[tuple[int, int], int]()
        self._length = [0]
        self._crowded, self._told = _CROWDED, list[int]()
        # the hypotheses
        self._nodes, self._parent_places = [_ROOT], np.array([-1])
        self._in_blank, self._in_label = np.zeros(1), np.full(1, -np.inf)
        self._last, self._states = np.array([BLANK]), np.zeros(1, np.int64)
        self._fusion: Fusion = self._fusion_of()

    def feed(self, log_probs: Any) -> None:
        """Read further frames.

        Args:
            log_probs: `[frames, classes]`, as the layer `CTC` gives for one utterance.

        Raises:
            RnnkitError: As `rnnkit.decoding.ctc.checked_frames`.
        """
        frames = checked_frames(log_probs, self._classes)
        self._classes = frames.shape[1]
        for frame in frames:
            self._advance(frame)
            if len(self._parent) > self._crowded:
                self._forget()
                self._crowded = 2 * len(self._parent) + _CROWDED  # a long text needs many by itself

    def partial(self) -> Hypothesis:
        """What was heard so far: the best hypothesis at this frame, whose last word may not be whole."""
        best, score, log_p = self._best_so_far()
        return Hypothesis(self._prefix(self._nodes[best]), score, log_p)

    def changes(self) -> tuple[int, list[int]]:
        """The units of `partial` by what is new: how many of those at the call before are still there, and the units
        that come behind them now."""
        node, new = self._nodes[self._best_so_far()[0]], list[int]()
        while node != _ROOT and self._told[self._length[node] - 1 : self._length[node]] != [node]:
            new.append(node)
            node = self._parent[node]
        self._told[self._length[node] :] = new[::-1]
        return self._length[node], [self._unit[each] for each in new[::-1]]

    def _best_so_far(self) -> tuple[int, float, float]:
        log_p = np.logaddexp(self._in_blank, self._in_label)
        scores = log_p + self._fusion.score
        best = int(np.argmax(scores))
        return best, float(scores[best]), float(log_p[best])

    def finish(self, n_best: int = 1, *, log_probs: Any = None) -> list[Hypothesis]:
        """The best texts of all that was read, best first; further frames may still be read.

        Args:
            n_best: Texts at most.
            log_probs: All frames that were read; with them each unit gets its frame, from the likeliest path (`align`).

        Raises:
            RnnkitError: n_best is below 1.
        """
        if n_best < 1:
            raise RnnkitError(f"n_best is {n_best!r}; expected 1 text or more.")
        log_p = np.logaddexp(self._in_blank, self._in_label)
        scores = log_p + self._fusion.ended(self._nodes)
        texts = written = [self._prefix(node) for node in self._nodes]
        if self.lexicon is not None:
            whole = self.lexicon.whole[self._states]
            if whole.any():
                scores = np.where(whole, scores, -np.inf)
            else:
                texts = [self.lexicon.whole_words(text) for text in texts]
        found: list[Hypothesis] = []
        places: list[int] = []
        for place in np.argsort(-scores, kind="stable").tolist():
            if len(found) == n_best or scores[place] == -np.inf:
                break
            if all(texts[place] != each.units for each in found):
                found.append(Hypothesis(texts[place], float(scores[place]), float(log_p[place])))
                places.append(place)
        if log_probs is not None:
            spans = [align(log_probs, written[place]).spans for place in places]
            found = [
                each._replace(frames=[one.first for one in of[: len(each.units)]])
                for each, of in zip(found, spans, strict=True)
            ]
        return found

    def _advance(self, frame: np.ndarray) -> None:
        count, classes = len(self._nodes), len(frame)
        total = np.logaddexp(self._in_blank, self._in_label)
        in_blank, in_label = total + frame[BLANK], self._in_label + frame[self._last]
        grown = total[:, None] + frame
        places = np.arange(count)
        grown[places, self._last] = self._in_blank + frame[self._last]  # the same unit again needs a blank between
        grown[:, BLANK] = -np.inf
        if self.lexicon is not None:
            after = self.lexicon.next[self._states]
            grown[after < 0] = -np.inf
        # a prefix that grows into one that is kept already
        child = np.flatnonzero(self._parent_places >= 0)
        parent, unit = self._parent_places[child], self._last[child]
        in_label[child] = np.logaddexp(in_label[child], grown[parent, unit])
        grown[parent, unit] = -np.inf

        kept = np.logaddexp(in_blank, in_label)
        while True:
            ranked = np.concatenate([kept + self._fusion.score, (grown + self._fusion.after(classes)).ravel()])
            chosen = _best(ranked, self.beam_width, self.margin)
            old, new = chosen[chosen < count], chosen[chosen >= count] - count
            parents, units = np.divmod(new, classes)
            if self._fusion.is_known(parents, units, self._nodes):
                break
        if not len(chosen):
            raise RnnkitError(RULED_OUT)
        self._fusion.follow(old, parents, units)
        children = [self._child(self._nodes[p], u) for p, u in zip(parents.tolist(), units.tolist(), strict=True)]
        self._nodes = [self._nodes[place] for place in old.tolist()] + children
        where = {node: place for place, node in enumerate(self._nodes)}
        self._parent_places = np.array([where.get(self._parent[node], -1) for node in self._nodes])
        self._in_blank = np.concatenate([in_blank[old], np.full(len(new), -np.inf)])
        self._in_label = np.concatenate([in_label[old], grown[parents, units]])
        self._last = np.concatenate([self._last[old], units])
        if self.lexicon is not None:
            self._states = np.concatenate([self._states[old], after[parents, units]])

    def _child(self, node: int, unit: int) -> int:
        found = self._children.get((node, unit))
        if found is None:
            found = self._children[node, unit] = len(self._parent)
            self._parent.append(node)
            self._unit.append(unit)
            self._length.append(self._length[node] + 1)
        return found

    def _prefix(self, node: int) -> list[int]:
        units = []
        while node != _ROOT:
            units.append(self._unit[node])
            node = self._parent[node]
        return units[::-1]

    def _last_word(self, node: int) -> tuple[int, ...]:
        """The units of the word that a prefix ends in."""
        assert self.boundaries is not None
        units = list[int]()
        while node != _ROOT and (unit := self._unit[node]) != self.boundaries.separator:
            units.append(unit)
            node = _ROOT if self.boundaries.begins[1, unit] else self._parent[node]
        return tuple(units[::-1])

    def _forget(self) -> None:
        """Keep the prefixes alone that a hypothesis begins with."""
        used = {_ROOT}
        for node in self._nodes:
            while node not in used:
                used.add(node)
                node = self._parent[node]
        number = {node: place for place, node in enumerate(sorted(used))}
        self._unit = [self._unit[node] for node in sorted(used)]
        self._length = [self._length[node] for node in sorted(used)]
        self._parent = [number.get(self._parent[node], -1) for node in sorted(used)]
        self._children = {
            (parent, unit): node
            for node, (parent, unit) in enumerate(zip(self._parent, self._unit, strict=True))
            if node != _ROOT
        }
        self._nodes = [number[node] for node in self._nodes]
        self._told = [number.get(node, -1) for node in self._told]


def _best(ranked: np.ndarray, most: int, margin: float | None) -> np.ndarray:
    """The places of the largest numbers, ascending; of equal ones the first."""
    least = -np.inf if margin is None else ranked.max() - margin
    if len(ranked) > most:
        least = max(least, np.partition(ranked, len(ranked) - most)[len(ranked) - most])
    places = np.flatnonzero((ranked >= least) & (ranked > -np.inf))
    if len(places) > most:
        equal = np.flatnonzero(ranked[places] == least)
        places = np.delete(places, equal[len(equal) - (len(places) - most) :])
    return places
