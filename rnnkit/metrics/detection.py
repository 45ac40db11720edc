"""Words found in streams: recall beside false alarms an hour."""

from collections.abc import Sequence
from typing import NamedTuple


class Event(NamedTuple):
    """A word in a stream: its label, and where it begins and ends in seconds."""

    label: str
    start: float
    end: float


class Detected(NamedTuple):
    """A decision on a stream: its label, and when it was made, in seconds."""

    label: str
    time: float


class Detections(NamedTuple):
    """How many of the words in streams were found.

    Attributes:
        events: How many there are.
        found: Of these, how many were found.
        false_alarms: Decisions for which there was no such word, or that found one again.
        seconds: Length of the streams.
    """

    events: int
    found: int
    false_alarms: int
    seconds: float

    def __add__(self, other: object) -> "Detections":
        """The sums over two sets of streams."""
        if not isinstance(other, Detections):
            return NotImplemented
        return Detections(
            self.events + other.events,
            self.found + other.found,
            self.false_alarms + other.false_alarms,
            self.seconds + other.seconds,
        )

    @property
    def recall(self) -> float:
        """The share of words found, 0 to 1; 0 where there are none."""
        return self.found / self.events if self.events else 0.0

    @property
    def false_alarms_an_hour(self) -> float:
        """False alarms in an hour."""
        return 3600 * self.false_alarms / self.seconds if self.seconds else 0.0


def match_detections(
    detected: Sequence[Detected], events: Sequence[Event], seconds: float, late: float = 0.5
) -> Detections:
    """Match decisions on a stream with the words in it, each with the first that it fits.

    Args:
        detected: The decisions.
        events: The words.
        seconds: Length of the stream.
        late: Seconds behind its end within which a word may be found.

    Example:

    >>> events = [Event("yes", 1.0, 1.5), Event("no", 3.0, 3.4)]
    >>> found = match_detections([Detected("yes", 1.6), Detected("yes", 3.2), Detected("no", 9.0)], events, 60.0)
    >>> found.recall, found.false_alarms_an_hour
    (0.5, 120.0)
    """
    left, found = sorted(events, key=lambda event: event.start), 0
    for one in sorted(detected, key=lambda each: each.time):
        fits = next((e for e in left if e.label == one.label and e.start <= one.time <= e.end + late), None)
        if fits is not None:
            left.remove(fits)
            found += 1
    return Detections(len(events), found, len(detected) - found, seconds)
