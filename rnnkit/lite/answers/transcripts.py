"""From the log-probabilities of frames to what was said, and when, shared by Keras and the phone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.transcript_units import TranscriptUnits
from rnnkit.decoding.ctc import BLANK, Span, checked_frames
from rnnkit.decoding.ctc_alignment import align

#: Said of a recording whose text is empty, wherever people read it.
NOTHING_RECOGNISED = "nothing was recognised"


@dataclass(frozen=True)
class SpokenWord:
    """A word of a transcript.

    Attributes:
        text: The word.
        start: Seconds from the recording's beginning at which the network began to write it.
        end: Likewise, at which it was written.
        confidence: The geometric mean of its units' probabilities, 0 to 1.
    """

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True)
class Transcript:
    """The answer to one recording.

    Attributes:
        text: What was said.
        confidence: The geometric mean of all units' probabilities, 0 to 1; where nothing was said, of silence.
        words: The words, and when they were said.
        others: Further texts with their scores, the better first, where several were asked for.
    """

    text: str
    confidence: float
    words: tuple[SpokenWord, ...] = ()
    others: tuple[tuple[str, float], ...] = ()

    @property
    def summary(self) -> str:
        """The text."""
        return self.text

    @property
    def shown(self) -> str:
        """The text, or for people that there is none."""
        return self.text or f"({NOTHING_RECOGNISED})"


def transcript_of(
    log_probs: Any, classes: list[int], units: TranscriptUnits, seconds: float, end: float = math.inf
) -> Transcript:
    """The answer that says these classes, timed by their likeliest alignment.

    Args:
        log_probs: `[frames, classes]`.
        classes: What was heard, without blanks.
        units: The network's.
        seconds: From one of these frames to the next.
        end: Of the recording, seconds: what was said later, in silence added to it, was said then.

    Example:

    >>> frames = np.log([[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]])
    >>> [word] = transcript_of(frames, [1, 2], TranscriptUnits("character", ["h", "i"]), 0.5).words
    >>> word.text, word.start, word.end, round(word.confidence, 3)
    ('hi', 0.0, 1.5, 0.8)
    """
    frames = checked_frames(log_probs)
    silence = float(np.maximum(frames[:, BLANK], -1e9).mean()) if len(frames) else 0.0
    return transcript_of_spans(align(frames, classes).spans if classes else [], silence, units, seconds, end)


def transcript_of_spans(
    spans: Sequence[Span], silence: float, units: TranscriptUnits, seconds: float, end: float = math.inf
) -> Transcript:
    """The answer that says units at these frames.

    Args:
        spans: The frames of each unit.
        silence: The mean log-probability of the blank.
        units: The network's.
        seconds: From one frame to the next.
        end: As for `transcript_of`.

    Example:

    >>> found = transcript_of_spans([Span(2, 4, 5, -0.1)], 0.0, TranscriptUnits("word", ["yes", "no"]), 0.5)
    >>> found.text, found.words[0].start, found.words[0].end
    ('no', 2.0, 3.0)
    """
    if not spans:
        return Transcript("", _mean([silence]))
    words = []
    for word in units.words([span.unit for span in spans]):
        of = spans[word.first : word.end]
        first, last = min(of[0].first * seconds, end), min((of[-1].last + 1) * seconds, end)
        words.append(SpokenWord(word.text, first, last, _mean([span.log_p for span in of])))
    return Transcript(" ".join(word.text for word in words), _mean([span.log_p for span in spans]), tuple(words))


def _mean(log_p: list[float]) -> float:
    return float(np.exp(np.mean(log_p)))
