"""Connectionist temporal classification: from a frame's probabilities to units, by the best path.

Networks trained by CTC (`rnnkit.layers.ctc`) give a distribution over units and a blank for each frame. A path chooses
one of them at each frame; the units that it says are those of the path with repeats merged and then blanks dropped.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np

from rnnkit.errors import RnnkitError

#: The class that says nothing.
BLANK = 0
#: Log-probabilities below it mean "never": the layer `CTC` writes finite ones at hidden frames.
LEAST = -1e29
#: The refusal of a frame at which nothing can be.
RULED_OUT = "A frame's log-probabilities rule every text out; expected one that is possible."


class Hypothesis(NamedTuple):
    """Units that were heard.

    Attributes:
        units: Classes without blanks.
        score: What hypotheses are ranked by: log_p, and what a language model and the number of words add.
        log_p: Log-probability of the units given the frames (of the best path: of that path).
        frames: The frame at which each unit begins; None where that was not asked for.
    """

    units: list[int]
    score: float
    log_p: float
    frames: list[int] | None = None


class Span(NamedTuple):
    """The frames of one unit.

    Attributes:
        unit: Its class.
        first: Its first frame.
        last: Its last frame, which is the first where there is but one.
        log_p: The mean log-probability of the unit at its frames.
    """

    unit: int
    first: int
    last: int
    log_p: float


def min_frames(labels: Sequence[int]) -> int:
    """The fewest frames that can say these labels: one for each, and a blank between any two that are equal.

    The loss of an utterance with fewer frames is 0, so that nothing is learnt from it: a task refuses it beforehand.

    Example:

    >>> min_frames([8, 5, 12, 12, 15]), min_frames([])
    (6, 0)
    """
    return len(labels) + sum(int(a) == int(b) for a, b in pairwise(labels))


def collapse(path: Iterable[int]) -> list[int]:
    """The units that a path says: repeats merged, then blanks dropped.

    Example:

    >>> collapse([0, 3, 3, 0, 3, 1, 1, 0])
    [3, 3, 1]
    """
    return [int(unit) for unit, _ in groupby(path) if unit != BLANK]


def checked_frames(log_probs: Any, classes: int | None = None) -> np.ndarray:
    """Log-probabilities of frames as float64 `[frames, classes]`, with minus infinity for what never is.

    Args:
        log_probs: `[frames, classes]`, as the layer `CTC` gives for one utterance.
        classes: How many there have to be, where that is known.

    Raises:
        RnnkitError: They have another shape, or hold a NaN or an infinity above.
    """
    made = np.asarray(log_probs, np.float64)
    if made.ndim != 2 or made.shape[1] < 1 or (classes is not None and made.shape[1] != classes):
        wanted = "classes" if classes is None else f"{classes} classes"
        raise RnnkitError(f"The log-probabilities are {list(made.shape)}; expected [frames, {wanted}].")
    if not (made < np.inf).all():
        raise RnnkitError("The log-probabilities hold a NaN or an infinity; expected numbers, or minus infinity.")
    return np.where(made < LEAST, -np.inf, made)


class GreedySearch:
    """The best path: the likeliest class of each frame. Frames may come in chunks; the answer is that of the whole.

    Attributes:
        spans: The frames of each unit, as `rnnkit.decoding.ctc_alignment.align` gives them; the last may go on.

    Example:

    >>> search = GreedySearch()
    >>> for chunk in np.split(np.log([[0.1, 0.9], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]]), 2):
    ...     search.feed(chunk)
    >>> found = search.finish()[0]
    >>> found.units, found.frames, round(float(np.exp(found.log_p)), 4)
    ([1, 1], [0, 3], 0.3024)

    Reference:
        Graves et al., Connectionist Temporal Classification, ICML 2006, section 3.2.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin another utterance."""
        self._units, self.spans, self._told = list[int](), list[Span](), 0
        self._last, self.time, self._log_p, self._blanks = BLANK, 0, 0.0, 0.0
        self._sum = 0.0  # of the last span's log-probabilities
        self._classes: int | None = None

    def feed(self, log_probs: Any) -> None:
        """Read further frames, `[frames, classes]`.

        Raises:
            RnnkitError: As `checked_frames`, or a frame rules every class out.
        """
        frames = checked_frames(log_probs, self._classes)
        self._classes = frames.shape[1]
        best = frames.argmax(axis=1)
        for frame, unit in zip(frames, best.tolist(), strict=True):
            log_p = float(frame[unit])
            if log_p == -np.inf:
                raise RnnkitError(RULED_OUT)
            if unit not in (BLANK, self._last):
                self._units.append(unit)
                self.spans.append(Span(unit, self.time, self.time, log_p))
                self._sum = log_p
            elif unit != BLANK:
                first, self._sum = self.spans[-1].first, self._sum + log_p
                self.spans[-1] = Span(unit, first, self.time, self._sum / (self.time - first + 1))
            self._log_p += log_p
            self._blanks += max(float(frame[BLANK]), -1e9)
            self._last, self.time = unit, self.time + 1

    @property
    def silence(self) -> float:
        """The mean log-probability of the blank."""
        return self._blanks / self.time if self.time else 0.0

    def changes(self) -> tuple[int, list[int]]:
        """The units of `partial` by what is new: how many of those at the call before are still there, which is all,
        and the units that come behind them now."""
        stay, self._told = self._told, len(self._units)
        return stay, self._units[stay:]

    def partial(self) -> Hypothesis:
        """What was heard so far."""
        return self.finish()[0]

    def finish(self) -> list[Hypothesis]:
        """What was heard, a list of one; further frames may still be read."""
        return [Hypothesis(list(self._units), self._log_p, self._log_p, [span.first for span in self.spans])]
