"""The example of the sequence classifier: made-up gestures with a phone, those of its pipeline, fewer of them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from rnnkit.tasks.base.example_files import ExampleFiles
from rnnkit.tasks.sequence_classifier.sample import CHANNELS, MOTIONS, Gesture, make_gestures
from rnnkit.tasks.shared.phrases import LICENCE, csv_text

_RECORDINGS, _IN_ONE = 8, 6  # recordings with a label a step, and the gestures in each


def _numbers(row: Sequence[float]) -> list[str]:
    return [f"{value + 0.0:.2f}" for value in row]  # and no minus before nought


def _rows(gestures: Sequence[Gesture], first: int) -> Iterator[Iterable[object]]:
    for number, gesture in enumerate(gestures, first):
        for step, row in enumerate(gesture.values.tolist()):
            yield number, step, *_numbers(row), gesture.motion, gesture.person.split()[1]


def _files() -> Iterator[tuple[str, str]]:
    head = ("recording", "step", *CHANNELS, "gesture", "person")
    learnt, tested = make_gestures(150, 6), make_gestures(30, 2, seed=1)
    yield "gestures.csv", csv_text(head, _rows(learnt, 1))
    yield "more_gestures.csv", csv_text(head, _rows(tested, 201))
    row = make_gestures(1, seed=2)[0].values.tolist()
    yield "one.csv", csv_text(CHANNELS, map(_numbers, row))
    flowing = make_gestures(_RECORDINGS * _IN_ONE, 4, seed=3)
    parts = [flowing[first : first + _IN_ONE] for first in range(0, len(flowing), _IN_ONE)]
    rows = (
        (number, *_numbers(row), gesture.motion)
        for number, part in enumerate(parts, 1)
        for gesture in (part[number % _IN_ONE :] + part[: number % _IN_ONE])
        for row in gesture.values.tolist()
    )
    yield "flowing.csv", csv_text(("recording", *CHANNELS, "gesture"), rows)


def _to_try() -> list[dict[str, Any]]:
    """A gesture of each kind."""
    made = {gesture.motion: gesture.values for gesture in make_gestures(2 * len(MOTIONS), seed=7)}
    return [{"label": motion.replace("_", " "), "values": np.round(made[motion], 2).tolist()} for motion in MOTIONS]


EXAMPLE = ExampleFiles(
    about=(
        "gestures.csv        150 gestures with a phone, a row a step: recording, step, six channels, gesture, person\n"
        "more_gestures.csv   30 more of two other persons, to test on\n"
        "one.csv             a gesture without a label, to answer\n"
        f"flowing.csv         8 recordings of 6 gestures each, to learn a label for every step\n\n{LICENCE}"
    ),
    names=("gestures.csv", "more_gestures.csv", "one.csv", "flowing.csv"),
    make=_files,
    settings={"units": 32, "convolution": 5, "filters": 32, "epochs": 40, "learning_rate": 0.01},
    to_try=_to_try,
)
