"""Forced alignment: which frame said which unit, where it is known what was said."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from rnnkit.decoding.ctc import BLANK, Span, checked_frames, collapse, min_frames
from rnnkit.errors import RnnkitError


class Alignment(NamedTuple):
    """The likeliest path that says given units.

    Attributes:
        path: The class at each frame, int32 `[frames]`.
        spans: A span for each unit, in order.
        log_p: The path's log-probability.
    """

    path: np.ndarray
    spans: list[Span]
    log_p: float


def align(log_probs: Any, units: Sequence[int]) -> Alignment:
    """The likeliest path that says the units, by Viterbi's algorithm over the lattice of CTC.

    Equations:
        v_t(s) = y_t(s) + max(v_(t-1)(s), v_(t-1)(s-1), v_(t-1)(s-2) where s is a unit other than that at s-2)
        where the places s are blank, unit 1, blank, unit 2, ..., blank

    Args:
        log_probs: `[frames, classes]` of one utterance.
        units: Classes, none of them `BLANK`.

    Raises:
        RnnkitError: The log-probabilities are none, a unit is no class, or the frames are too few or rule the units
            out.

    Example:

    >>> found = align(np.log([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.2, 0.2, 0.6]]), [1, 2])
    >>> found.path.tolist(), [(span.unit, span.first, span.last) for span in found.spans]
    ([0, 1, 2], [(1, 1, 1), (2, 2, 2)])

    Reference:
        Kürzinger et al., CTC-Segmentation of Large Corpora for German End-to-End Speech Recognition, SPECOM 2020
        (arXiv:2007.09127); Forney, The Viterbi Algorithm, Proceedings of the IEEE 61(3), 1973.
    """
    frames = checked_frames(log_probs)
    labels = np.asarray(units, np.int64).reshape(-1)
    if labels.size and not (BLANK < labels.min() and labels.max() < frames.shape[1]):
        raise RnnkitError(
            f"The units go from {labels.min()} to {labels.max()}; expected 1 to {frames.shape[1] - 1}, and {BLANK} is "
            "the blank."
        )
    if len(frames) < min_frames(labels.tolist()):
        raise RnnkitError(
            f"{len(labels)} units need {min_frames(labels.tolist())} frames, and there are {len(frames)}. Give the "
            "whole utterance, or a shorter text."
        )
    path = frames.argmax(axis=1)  # of all paths the likeliest: where it says the units, no other has to be looked for
    if collapse(path.tolist()) != labels.tolist() or _log_p(frames, path) == -np.inf:
        path = _best_path(frames, labels)
    return Alignment(path.astype(np.int32), _spans(frames, path), _log_p(frames, path))


def _log_p(frames: np.ndarray, path: np.ndarray) -> float:
    return float(frames[np.arange(len(frames)), path].sum())


def _spans(frames: np.ndarray, path: np.ndarray) -> list[Span]:
    """The runs of a path that are no blanks; between two of one unit there is a blank."""
    borders = [*np.flatnonzero(np.diff(path, prepend=-1)).tolist(), len(path)]
    return [
        Span(unit, first, end - 1, float(frames[first:end, unit].mean()))
        for first, end in pairwise(borders)
        if (unit := int(path[first])) != BLANK
    ]


def _best_path(frames: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The class at each frame, int64 `[frames]`. Frames are gone through in blocks, twice: which place each came from
    is kept for one block alone, so that memory grows with the root of their number."""
    places = np.full(2 * len(labels) + 1, BLANK)
    places[1::2] = labels
    skips = np.zeros(len(places), bool)
    skips[3::2] = labels[1:] != labels[:-1]
    size = math.isqrt(len(frames)) + 1
    firsts, starts = range(0, len(frames), size), list[np.ndarray]()
    score = np.where(np.arange(len(places)) == 0, 0.0, -np.inf)  # before the first frame
    for first in firsts:
        starts.append(score)
        score, _ = _walked(frames[first : first + size, places], skips, score)
    place = len(places) - 1
    if place and score[place - 1] >= score[place]:
        place -= 1
    if score[place] == -np.inf:
        raise RnnkitError("The log-probabilities rule these units out; give those of the utterance that says them.")
    path = np.zeros(len(frames), np.int64)
    for first, start in zip(firsts[::-1], starts[::-1], strict=True):
        _, from_before = _walked(frames[first : first + size, places], skips, start)
        for frame in range(len(from_before) - 1, -1, -1):
            path[first + frame] = places[place]
            place -= int(from_before[frame, place])
    return path


def _walked(emitted: np.ndarray, skips: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The scores of all places after some frames, and from how many places before each came, int8 `[frames, places]`.

    Args:
        emitted: Log-probabilities of the places' classes, `[frames, places]`.
        skips: Whether a place is also reached from the one two before it.
        start: The scores before these frames.
    """
    score = np.concatenate([[-np.inf, -np.inf], start])  # two places in front that cannot be
    from_before = np.zeros(emitted.shape, np.int8)
    before = np.full((3, len(skips)), -np.inf)
    for frame, row in enumerate(emitted):
        before[0], before[1], before[2] = score[2:], score[1:-1], np.where(skips, score[:-2], -np.inf)
        from_before[frame] = before.argmax(axis=0)
        score[2:] = before.max(axis=0) + row
    return score[2:], from_before
